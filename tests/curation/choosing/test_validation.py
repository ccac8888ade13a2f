"""Where candidates are judged: nothing learns from the windows that decide."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.curation.choosing import Validation
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError, DataWarning

REAL = simulate_series(num_series=6, length=130, seed=1)


def test_nothing_learns_from_the_windows_that_judge():
    cut = Validation.of(REAL, 6)
    assert cut.num_windows == 3
    assert cut.learning.lengths.tolist() == [130 - 4 * 6] * 6
    for windows, first in ((cut.stopping, 106), (cut.judging, 112)):
        assert (windows.begins - windows.firsts).min() == first
    assert sorted(set(cut.judging.begins - cut.judging.firsts)) == [112, 118, 124]
    assert cut.before(1).lengths.tolist() == [118] * 6


def test_series_that_are_too_short_are_counted():
    short = simulate_series(num_series=1, length=20, seed=2)
    from dataclasses import replace

    mixed = type(REAL).concat([REAL, replace(short, item_ids=("short",))])
    with pytest.warns(DataWarning, match="1 of 7 series are shorter than 42 steps"):
        cut = Validation.of(mixed, 6)
    assert cut.left_out == 1


def of_lengths(*lengths):
    parts = [
        replace(simulate_series(num_series=1, length=n, seed=k), item_ids=(f"s{k}",))
        for k, n in enumerate(lengths)
    ]
    return type(REAL).concat(parts)


@pytest.mark.parametrize(("shortest", "windows"), [(42, 3), (41, 2), (36, 2), (35, 1), (30, 1)])
def test_as_many_windows_as_there_is_room_for(shortest, windows):
    cut = Validation.of(of_lengths(*[shortest] * 6), 6)
    assert cut.num_windows == windows
    assert len(cut.judging) == 6 * windows
    assert cut.left_out == 0


@pytest.mark.filterwarnings("ignore::tsgen.errors.DataWarning")
def test_a_few_short_series_do_not_cost_windows_and_many_do():
    few = Validation.of(of_lengths(50, 50, 50, 50, 31), 6)
    assert (few.num_windows, few.left_out) == (3, 1)
    many = Validation.of(of_lengths(50, 50, 50, 31, 31), 6)
    assert (many.num_windows, many.left_out) == (1, 0)


def test_contexts_are_two_forecasts_or_two_seasons_as_far_as_the_series_reach():
    assert Validation.of(REAL, 6).context_length == 48
    assert Validation.of(simulate_series(6, 300, seed=1), 30).context_length == 60
    assert Validation.of(of_lengths(*[42] * 4), 6).context_length == 42 - 18 - 12
    long = Validation.of(REAL, 6)
    windows = long.windows_of(long.learning)
    assert (windows.context_length, windows.prediction_length) == (48, 6)


def test_series_before_a_window_end_where_it_begins():
    cut = Validation.of(REAL, 6)
    for window in range(3):
        before = cut.before(window)
        begins = (cut.judging.begins - cut.judging.firsts).reshape(6, 3)[:, window]
        assert before.lengths.tolist() == begins.tolist()
        np.testing.assert_array_equal(before.series(4), REAL.series(4)[: begins[4]])


def test_data_that_cannot_be_judged_are_refused():
    with pytest.raises(DataError, match=r"at least 3 series of 30 steps .* has 29"):
        Validation.of(of_lengths(*[29] * 6), 6)
    with pytest.raises(DataError, match="The data have 2 series"):
        Validation.of(of_lengths(90, 90), 6)
    rows = [np.full(60, 3.0), np.r_[np.nan, np.full(59, 4.0)], np.full(60, 5.0)]
    entries = [{"item_id": str(k), "start": "2024-01-01", "target": r} for k, r in enumerate(rows)]
    with pytest.raises(DataError, match="All 3 series are constant or empty"):
        Validation.of(to_dataset(entries, freq="h"), 6)


@pytest.mark.parametrize(
    ("begin", "end", "message"),
    [(102, 120, r"No series has an observed value in the last 18 steps, by which ways are judged;"),
     (96, 102, r"No series has an observed value in the window that stops training;")],
)  # fmt: skip
def test_windows_without_a_value_are_refused(begin, end, message):
    table = simulate_series(num_series=4, length=120, seed=1).to_frame()
    step = table.groupby("item_id").cumcount()
    gaps = table.assign(target=table["target"].mask((step >= begin) & (step < end)))
    with pytest.raises(DataError, match=message):
        Validation.of(to_dataset(gaps), 6)
    one = table["item_id"] == table["item_id"].iloc[0]
    kept = gaps.assign(target=gaps["target"].where(~one, table["target"]))
    assert len(Validation.of(to_dataset(kept), 6).usable) == 4  # one series is enough to judge by
