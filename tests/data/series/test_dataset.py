import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import panels
from tsgen.data import simulate_series, to_dataset, to_frame
from tsgen.errors import DataError, DataWarning, SettingsError


def read(panel):
    return to_dataset(panel.table, freq=panel.grid.freq, static=["shop", "size"])


@given(panels(), st.integers(0, 22), st.sampled_from(["0h", "-1min", "1min"]))
def test_a_split_at_a_time_divides_the_table_at_that_time(panel, position, shift):
    dataset = read(panel)
    stamps = pd.date_range(panel.grid.first, periods=23, freq=panel.grid.offset)
    time = stamps[position] + pd.Timedelta(shift)
    table = to_frame(dataset)
    sides = table[table["timestamp"] < time], table[table["timestamp"] >= time]
    if sides[0].empty or sides[1].empty:
        with pytest.raises(DataError, match="No series has a step"):
            dataset.split(until=time)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        parts = dataset.split(until=time)
    for part, side in zip(parts, sides, strict=True):
        pd.testing.assert_frame_equal(to_frame(part), side.reset_index(drop=True))


def test_splits_drop_series_without_steps_and_say_how_many():
    days = pd.date_range("2024-01-01", periods=9, freq="D")
    parts = [pd.DataFrame({"item_id": k, "timestamp": days[k:], "target": 1.0}) for k in (0, 5, 6)]
    dataset = to_dataset(pd.concat(parts))
    with pytest.warns(DataWarning, match=r"^1 of 3 series have no step before"):
        before, after = dataset.split(last=3)
    assert (before.item_ids, before.lengths.tolist()) == ((0, 5), [6, 1])
    assert (after.item_ids, after.lengths.tolist()) == ((0, 5, 6), [3, 3, 3])
    assert after.timestamps(1)[0] == days[6]


def test_splits_understand_zones_and_periods():
    hours = pd.date_range("2024-06-01", periods=10, freq="h", tz="Europe/Berlin")
    dataset = to_dataset(pd.DataFrame({"item_id": "a", "timestamp": hours, "target": 1.0}))
    for until in (
        hours[4],
        hours[4].tz_convert("UTC"),
        "2024-06-01 04:00",
        pd.Period(hours[4].tz_localize(None), "h"),
    ):
        assert dataset.split(until=until)[0].lengths.tolist() == [4]
    with pytest.raises(SettingsError, match="the dataset has none"):
        simulate_series(1, 9).split(until=hours[4])


@pytest.mark.parametrize(
    "options", [{}, {"until": "2024", "last": 1}, {"last": 0}, {"until": "soon"}, {"until": pd.NaT}]
)
def test_impossible_splits_are_refused(options):
    with pytest.raises(SettingsError):
        simulate_series(2, 10).split(**options)


@given(panels(), st.data())
def test_a_subset_holds_the_chosen_series_in_the_asked_order(panel, data):
    dataset = read(panel)
    order = data.draw(st.permutations(range(len(dataset))))
    chosen = order[: data.draw(st.integers(1, len(order)))]
    part = dataset.subset(chosen)
    assert part.item_ids == tuple(dataset.item_ids[i] for i in chosen)
    table = to_frame(dataset).set_index("item_id")
    expected = pd.concat([table.loc[[dataset.item_ids[i]]] for i in chosen]).reset_index()
    pd.testing.assert_frame_equal(to_frame(part), expected)
    mask = np.isin(np.arange(len(dataset)), chosen)
    assert dataset.subset(mask).fingerprint() == dataset.subset(sorted(chosen)).fingerprint()


def test_nothing_or_twice_the_same_cannot_be_chosen():
    dataset = simulate_series(2, 10)
    with pytest.raises(DataError, match="No series"):
        dataset.subset([])
    with pytest.raises(DataError, match="item_id 'series-1'"):
        dataset.subset([1, 1])


@pytest.mark.parametrize(
    "change",
    [
        {"offsets": np.array([0, 5])},
        {"offsets": np.array([0, 20, 20])},
        {"starts": np.array([1])},
        {"item_ids": ("a", "a")},
        {"freq": "MS"},
        {"info": ({},)},
        {"static_names": ("x",)},
        {
            "static_names": ("x",),
            "static_cat": np.array([[0], [2]]),
            "static_categories": (("a", "b"),),
        },
    ],
)
def test_parts_that_do_not_fit_are_refused(change):
    with pytest.raises(DataError):
        replace(simulate_series(2, 10), **change)
