"""Static columns of other data: by name, by place, unknown, absent; each said."""

import numpy as np
import pytest

from tsgen.data import to_dataset
from tsgen.errors import DataWarning
from tsgen.psagan import PSAGANEstimator, augment
from tsgen.psagan.memory.statics import fitted_statics
from tsgen.training import TrainingOptions


@pytest.fixture(scope="module")
def table(shop):
    return shop(4, 30)[["item_id", "timestamp", "target", "store"]]


@pytest.fixture(scope="module")
def data(table):
    return to_dataset(table, static=["store"])


@pytest.fixture(scope="module")
def model(data):
    estimator = PSAGANEstimator(target_length=8, num_steps=4, batch_size=4, channels=(4,))
    return estimator.train(data, options=TrainingOptions(seed=1, progress=False))


def new(table, stores="AB"):
    """The table with ids the model does not know, of some stores."""
    chosen = table[table["store"].isin(list(stores))]
    return chosen.assign(item_id="new-" + chosen["item_id"])


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_codes_follow_the_model_and_new_categories_come_after(table, model):
    only = to_dataset(new(table, "B"), static=["store"])
    drawn = model.sample(1, like=only, seed=1)
    assert [entry["feat_static_cat"].tolist() for entry in drawn] == [[1], [1]]
    odd = to_dataset(new(table).replace({"store": {"A": "Aa"}}), static=["store"])
    with pytest.warns(DataWarning, match=r"2 of 4 series have a category of 'store'.*'Aa'"):
        drawn = model.sample(1, like=odd, seed=1)
    assert drawn.static_categories == (("A", "B", "Aa"),)
    assert set(drawn.to_frame()["store"]) == {"B", "Aa"}


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_entries_draw_as_the_dataset_does_and_it_is_said(table, model):
    whole = to_dataset(new(table), static=["store"])
    with pytest.warns(DataWarning, match="no names.*0 is 'A', 1 is 'B'"):
        entries = model.sample(1, like=list(whole), length=8, seed=1)
    same = model.sample(1, like=whole, length=8, seed=1).values
    np.testing.assert_allclose(entries.values, same, rtol=1e-4)  # entries are 32-bit numbers
    assert entries.static_names == ("store",)


def test_augmentation_of_entries_has_one_vocabulary(data, model):
    with pytest.warns(DataWarning, match="no names"):
        both = augment(list(data), model, 1.0, seed=1)
    for entry, facts in zip(both, both.info, strict=True):
        source = data.item_ids.index(facts.get("source_item_id") or entry["item_id"])
        assert entry["feat_static_cat"].tolist() == data.static_cat[source].tolist()


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_statics_that_nobody_gives_are_said_for_new_series_alone(table, data, model):
    bare = to_dataset(new(table).drop(columns="store"))
    with pytest.warns(DataWarning, match=r"4 of 4 series are new to the model and have no store"):
        model.sample(1, like=bare, seed=1)
    model.sample(1, like=to_dataset(table.drop(columns="store")), seed=1)  # it remembers theirs


def test_other_columns_stay_as_they_are(data):
    with pytest.warns(DataWarning, match="trained without store"):
        other = fitted_statics(data, ("size",), ((1, 2),))
    assert other.static_categories == data.static_categories
    plain = to_dataset([
        {"start": entry["start"], "target": entry["target"], "feat_static_cat": [k, 1]}
        for k, entry in enumerate(data)
    ])  # fmt: skip
    with pytest.warns(DataWarning, match="2 static columns without names, the model knows 1"):
        assert fitted_statics(plain, ("store",), (("A", "B"),)).static_names == plain.static_names


def test_columns_that_the_model_was_not_trained_with_are_said(table, data, model):
    wider = (*data.static_names, "owner")
    owned = to_dataset(table.assign(owner="X"), static=["store", "owner"])
    with pytest.warns(DataWarning, match="trained without owner; what is drawn carries them"):
        drawn = model.sample(1, like=owned, seed=1)
    assert drawn.static_names == wider
    same = model.sample(1, like=data, seed=1)
    np.testing.assert_array_equal(drawn.values, same.values)
