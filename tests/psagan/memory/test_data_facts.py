"""What a model knows of its data as a whole: what fits it, what is refused, what is remembered."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from psagan_doubles import table, train
from tsgen.data import MultivariateDataset, to_dataset
from tsgen.errors import DataError
from tsgen.psagan.memory import DataFacts


def shops(*values, ids="abcd", zone=None, **columns):
    frame = table(list(ids[: len(values)]), shop=list(values), **columns)
    if zone:
        frame["timestamp"] = frame["timestamp"].dt.tz_localize(zone)
    return to_dataset(frame, static=["shop", *columns])


FACTS = DataFacts.of(shops("x", "y"))


def test_categories_that_no_file_can_hold_are_refused_before_training():
    days = [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02")]
    data = to_dataset(table(["a", "b"], opened=days), static=["opened"])
    with pytest.raises(DataError, match=r"'opened' holds .*Timestamp.* Turn the column into text"):
        train(data)


def test_facts_come_back_from_json():
    channels = MultivariateDataset.of_panel(to_dataset(table(["a", "b"])))
    for facts in (FACTS, DataFacts.of(channels), DataFacts.of(shops("x", zone="Asia/Tokyo"))):
        assert DataFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts
    assert "channels" not in FACTS.to_json()
    assert DataFacts.of(channels).channels == ("a", "b")


@pytest.mark.parametrize("value", [float("inf"), float("nan"), pd.Timedelta("1D"), (1, 2)])
def test_categories_are_text_finite_numbers_or_truth(value):
    data = replace(shops("x", "y"), static_categories=(("x", value),))
    with pytest.raises(DataError, match="Static column 'shop' holds"):
        DataFacts.of(data)
    DataFacts.of(replace(shops("x", "y"), static_categories=((1, 2.5),)))


def test_codes_are_those_of_the_models_categories_by_name():
    new = shops("y", "z", "x")
    assert FACTS.codes_of(new).tolist() == [[2], [0], [1]]
    plain = to_dataset(table(["a", "b"]))
    assert FACTS.codes_of(plain).tolist() == [[0], [0]]
    two = to_dataset(table(["a", "b"], kind=["k", "l"], shop=["y", "x"]), static=["kind", "shop"])
    assert FACTS.codes_of(two).tolist() == [[2], [1]]


def test_a_table_is_read_with_the_columns_that_the_model_knows(shop):
    frame = table(list("ab"), shop=["y", "x"], size=[1, 2])
    assert FACTS.read(frame).static_names == ("shop",)
    assert FACTS.codes_of(FACTS.read(frame))[:, 0].tolist() == [2, 1]
    assert FACTS.read(frame.drop(columns="shop")).static_names == ()
    assert FACTS.read(frame, static=["size"], fit=False).static_names == ("size",)
    sales = to_dataset(shop(2, 12), static=["store"], dynamic=["promo"])
    assert DataFacts.of(sales).columns_in(["promo", "store", "kind"]) == {
        "static": ["store"], "dynamic": ["promo"], "past_dynamic": []}  # fmt: skip


def test_another_grid_is_refused():
    with pytest.raises(DataError, match="freq 'D', the model was trained on 'h'"):
        FACTS.refuse_other_grid(to_dataset(table(["a"], freq="D")))
    tokyo = shops("x", zone="Asia/Tokyo")
    FACTS.refuse_other_grid(tokyo)  # a zone where none was
    with pytest.raises(DataError, match="zone UTC, the model in Asia/Tokyo"):
        DataFacts.of(tokyo).refuse_other_grid(shops("x", zone="UTC"))
    DataFacts.of(tokyo).refuse_other_grid(shops("x"))


def test_newer_data_add_their_categories_behind_the_old():
    united = FACTS.updated(shops("z", "y", "w"))
    assert united.static_categories == (("x", "y", "w", "z"),) or united.static_categories == (
        ("x", "y", "z", "w"),
    )
    assert united.summary["num_series"] == 3
    assert united.fingerprint == shops("z", "y", "w").fingerprint()
    tokyo = DataFacts.of(shops("x", zone="Asia/Tokyo"))
    assert tokyo.updated(shops("x")).timezone == "Asia/Tokyo"
    assert FACTS.updated(shops("x", zone="Asia/Tokyo")).timezone == "Asia/Tokyo"


def test_newer_data_with_other_statics_are_refused():
    with pytest.raises(DataError, match=r"static columns \[\], the model was trained with"):
        FACTS.updated(to_dataset(table(["a"])))
    wider = replace(shops("x", "y"), static_real=np.ones((2, 3)))
    with pytest.raises(DataError, match="have 3 feat_static_real, the model was trained with 0"):
        FACTS.updated(wider)


def test_data_of_other_channels_are_refused():
    pair = MultivariateDataset.of_panel(to_dataset(table(["a", "b"])))
    facts = DataFacts.of(pair)
    wide = table(["s"]).rename(columns={"target": "b"}).assign(a=1.5)
    assert facts.read(wide).channels == ("a", "b")
    with pytest.raises(DataError, match=r"are univariate series, .* on the channels a, b"):
        facts.read(to_dataset(table(["a"])))
    with pytest.raises(DataError, match=r"are the channels a, b, .* on univariate series"):
        FACTS.read(pair)
