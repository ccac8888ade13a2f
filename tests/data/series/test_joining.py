"""Datasets joined: everything stays, and what does not belong together is refused."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from strategies import panels
from tsgen.data import SeriesDataset, simulate_series, to_dataset, to_frame
from tsgen.data.series.joining import refuse_other_kind, unite_categories, unite_info
from tsgen.data.series.times import StepLabel
from tsgen.errors import DataError


def read(panel):
    return to_dataset(panel.table, freq=panel.grid.freq, static=["shop", "size"])


@given(panels())
def test_joining_the_single_series_gives_the_whole(panel):
    dataset = read(panel)
    joined = SeriesDataset.concat([dataset.subset([i]) for i in range(len(dataset))])
    assert joined.fingerprint() == dataset.fingerprint()


def test_joining_unites_categories_and_marks_what_is_real():
    hours = pd.date_range("2024-01-01", periods=3, freq="h")

    def one(item_id, shop):
        table = pd.DataFrame({"item_id": item_id, "timestamp": hours, "target": 1.0, "shop": shop})
        return to_dataset(table, static=["shop"])

    made = replace(one("synthetic-1", "x"), info=({"synthetic": True, "source_item_id": "a"},))
    joined = SeriesDataset.concat([one("a", "y"), made, one("b", "y")])
    assert joined.static_categories == (("y", "x"),)
    assert joined.static_cat.ravel().tolist() == [0, 1, 0]
    assert joined.synthetic.tolist() == [False, True, False]
    assert [set(e) for e in joined] == [set(next(iter(joined)))] * 3
    table = to_frame(joined, provenance=True)
    assert table.groupby("item_id")["source_item_id"].first()["synthetic-1"] == "a"
    assert table.loc[table["item_id"] == "a", "source_item_id"].isna().all()
    again = to_dataset(table, static=["shop"])
    assert again.synthetic.tolist() == [False, True, False]
    assert again.info[1] == {"synthetic": True, "source_item_id": "a"}


def test_joining_what_does_not_belong_together_is_refused():
    one = simulate_series(2, 10)
    with pytest.raises(DataError, match="series 'series-0'"):
        SeriesDataset.concat([one, one])
    with pytest.raises(DataError, match="different freq"):
        SeriesDataset.concat([one, simulate_series(2, 10, "D")])
    with pytest.raises(DataError, match="different timezone"):
        SeriesDataset.concat([one, replace(one, timezone="UTC")])
    with pytest.raises(DataError, match="at least one"):
        SeriesDataset.concat([])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"label": StepLabel("end")}, "different label"),
        ({"static_real": np.zeros((2, 1))}, "different numbers of feat_static_real"),
        (
            {
                "static_names": ("a",),
                "static_cat": np.zeros((2, 1), int),
                "static_categories": (("x",),),
            },
            r"different static_names cannot be joined: \(\) and \('a',\)",
        ),
    ],
)
def test_another_grid_or_other_columns_are_refused(change, told):
    one = simulate_series(2, 10)
    other = replace(one, item_ids=("x", "y"), **change)
    with pytest.raises(DataError, match=told):
        refuse_other_kind(one, other)
    refuse_other_kind(one, replace(one, item_ids=("x", "y")))


def test_categories_keep_the_order_in_which_they_first_appear():
    class Part(SimpleNamespace):
        def __len__(self):
            return len(self.static_cat)

    def part(*items):
        known = tuple(dict.fromkeys(items))
        codes = np.array([[known.index(shop)] for shop in items])
        return Part(static_names=("shop",), static_categories=(known,), static_cat=codes)

    united, codes = unite_categories([part("b", "a", "b"), part("c", "a")])
    assert united == (("b", "a", "c"),)
    assert codes.ravel().tolist() == [0, 1, 0, 2, 1]


def test_where_nobody_says_anything_nobody_does():
    one, other = simulate_series(2, 5), simulate_series(1, 5)
    assert unite_info([one, other]) is None
    made = replace(other, info=({"synthetic": True},))
    assert unite_info([one, made]) == ({"synthetic": False},) * 2 + ({"synthetic": True},)
