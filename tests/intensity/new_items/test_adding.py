"""New items and all that a model does besides."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from small_shop import ITEMS, QUIET, USERS, log, read
from tsgen import RIMEstimator, allocate
from tsgen.errors import DataError, SettingsError
from tsgen.features import TabularEncoderEstimator
from tsgen.intensity.new_items import with_new_items

pytestmark = pytest.mark.filterwarnings("ignore:The attributes of items tell")

NEW = pd.DataFrame({"item_id": [200, 201], "kind": ["tea", "mug"], "brand": ["x", "y"]})


@pytest.fixture(scope="module")
def model():
    table = log().assign(value=1.5)
    given = read(table, users=USERS, items=ITEMS)
    return RIMEstimator(horizon="7D").train(given, at="2024-02-20", options=QUIET)


@pytest.fixture(scope="module")
def wider(model):
    return model.with_items(NEW)


def test_items_of_training_without_events_are_there_at_once(model):
    assert model.new_items.columns.tolist() == [12]
    assert model.audience(112, size=3)["basis"].tolist() == ["attributes"] * 3
    assert model.audience(100, size=3)["basis"].tolist() == ["events"] * 3


def test_lists_take_new_items(wider):
    assert len(wider.audience(200, size=5)) == 5
    both = wider.audience([100, 200], size=5)
    assert both["basis"].tolist() == ["events and attributes"] * 5
    assert (both["expected_spend"] > 0).all()
    assert set(wider.recommend("u00", size=15)["basis"]) == {"events", "attributes"}
    assert 200 in wider.items_where({"kind": "tea"})
    assert set(wider.audiences([200, 201], size=4)["item_id"]) == {200, 201}


def test_reasons_of_new_items_are_their_neighbours(wider):
    why = wider.audience(200, size=8, why=True)
    assert (why["times_bought"] == 0).all()
    assert why["similar_bought"].max() > 0


def test_allocation_takes_new_items(wider):
    from tsgen.allocation import Campaign

    plan = [
        Campaign(name="launch", items=[200], at_most=4),
        Campaign(name="old", items=[101], at_most=4),
    ]
    table = allocate(wider, plan).table
    assert table["campaign"].value_counts().to_dict() == {"launch": 4, "old": 4}


def test_newer_events_and_other_times_keep_them(wider):
    newer = read(log())
    updated = wider.update(log()[log()["timestamp"] >= "2024-02-20"])
    assert len(wider.audience(200, size=5, at="2024-02-28")) == 5
    pd.testing.assert_frame_equal(
        updated.audience(200, size=5), wider.audience(200, size=5, events=newer), rtol=1e-4
    )
    assert len(updated.audience(200, size=5, at="2024-03-05")) == 5
    assert len(wider.forget(["u00"]).audience(200, size=5)) == 5


def test_known_items_keep_their_numbers_where_there_is_room(model, wider):
    before, after = (m.scores().select_items(np.arange(12)) for m in (model, wider))
    size = slice(0, 40), slice(0, 12)
    assert (after.block(*size) <= before.block(*size) * (1 + 1e-4)).all()


def test_without_events_the_log_is_asked_for(wider):
    lean = RIMEstimator(horizon="7D", keep_events=False, repeats="none")
    model = lean.train(read(log(), items=ITEMS), at="2024-02-20", options=QUIET)
    with pytest.raises(DataError, match="keeps no events"):
        model.with_items(NEW)
    assert len(model.with_items(NEW, log=read(log())).audience(200, size=3)) == 3


def test_what_changes_is_the_new_items_alone(wider):
    assert list(with_new_items(wider, NEW, None)) == ["new_items"]


def test_an_encoder_of_another_table_describes_items(tmp_path):
    wide = pd.concat([ITEMS, ITEMS.assign(brand="w")]).drop(columns="item_id")
    quick = TabularEncoderEstimator(num_steps=2, width=8)
    items = quick.train(wide, options=QUIET)
    given, how = read(log(), items=ITEMS), {"at": "2024-02-20", "options": QUIET}
    model = RIMEstimator(horizon="7D", new_items="encoder").train(given, **how, item_encoder=items)
    model.save(tmp_path / "model")
    loaded = tsgen.load(tmp_path / "model")
    lists = [m.with_items(NEW, encoder=items).audience(200, size=9) for m in (model, loaded)]
    pd.testing.assert_frame_equal(*lists, check_exact=True)
    own = loaded.with_items(NEW).audience(200, size=9)
    assert not own["intensity"].equals(lists[0]["intensity"])
    with pytest.raises(SettingsError, match=r"\(item_encoder=\) is read with new_items='enc"):
        RIMEstimator(horizon="7D").train(given, **how, item_encoder=items)
    with pytest.raises(SettingsError, match="encoder is a ColumnTransformer, not a fitted Tabular"):
        loaded.with_items(NEW, encoder=items.network)
    narrow = quick.train(wide.rename(columns={"brand": "maker"}), options=QUIET)
    with pytest.raises(DataError, match="no column 'maker'"):
        loaded.with_items(NEW, encoder=narrow)
