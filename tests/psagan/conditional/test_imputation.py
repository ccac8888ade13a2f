"""Filling gaps."""

from copy import copy as shallow
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsgen.data import simulate_series
from tsgen.errors import DataError, DataWarning, SettingsError, TooLargeError
from tsgen.psagan.conditional.imputation import MEDIAN_OF, _say_closed, plan_windows


def with_gaps(dataset, *gaps):
    """Punch gaps (series, first, steps) into a dataset."""
    values = dataset.values.copy()
    for series, first, steps in gaps:
        begin = dataset.offsets[series] + first
        values[begin : begin + steps] = np.nan
    return replace(dataset, values=values)


GAPS = {
    "inside": (0, 100, 5),
    "longer than a window": (1, 50, 60),
    "at the start": (2, 0, 20),
    "at the end": (3, 215, 25),
    "a single step": (4, 120, 1),
    "nearly everything": (5, 2, 237),
}


@pytest.fixture(scope="module")
def holed(panel):
    """One gap of each kind, and a series with a third of its steps missing here and there."""
    values = with_gaps(panel, *GAPS.values()).values.copy()
    last = values[panel.offsets[6] : panel.offsets[7]]
    last[np.random.default_rng(0).random(len(last)) < 0.35] = np.nan
    return replace(panel, values=values)


@pytest.fixture(scope="module")
def completed(predictor, holed):
    return predictor.impute(holed, 3, seed=4)


def copies_of(dataset, series, num_samples=3):
    return np.stack([dataset.series(num_samples * series + k) for k in range(num_samples)])


def test_every_gap_is_filled_and_observed_values_stay_bit_for_bit(completed, holed, panel):
    assert np.isfinite(completed.values).all()
    for i in range(len(holed)):
        given, copies = holed.series(i), copies_of(completed, i)
        observed = np.isfinite(given)
        for copy in copies:
            assert copy[observed].tobytes() == given[observed].tobytes()
        if not observed.all():
            fills = copies[:, ~observed]
            assert fills.min() >= panel.series(i).min()
            assert fills.max() <= panel.series(i).max()


def test_copies_differ_at_every_filled_step_where_no_bound_holds_them(predictor, holed):
    drawn = predictor.impute(holed, 3, constraints=None, seed=4)
    for i in range(len(holed)):
        gap = np.isnan(holed.series(i))
        if gap.any():
            assert copies_of(drawn, i)[:, gap].std(axis=0).min() > 0


def test_copies_say_what_they_are(completed, holed):
    assert len(completed) == 3 * len(holed)
    assert completed.item_ids[:3] == (
        "imputed/series-0/0",
        "imputed/series-0/1",
        "imputed/series-0/2",
    )
    missing = [int(np.isnan(holed.series(i)).sum()) for i in range(len(holed))]
    assert [facts["imputed_steps"] for facts in completed.info[::3]] == missing
    assert completed.info[0]["source_item_id"] == "series-0"
    assert completed.synthetic[::3].tolist() == [count > 0 for count in missing]
    np.testing.assert_array_equal(completed.starts[::3], holed.starts)
    assert next(iter(completed))["target"].shape == (240,)


def test_same_seed_same_fill(predictor, holed, completed):
    np.testing.assert_array_equal(predictor.impute(holed, 3, seed=4).values, completed.values)
    assert not np.array_equal(predictor.impute(holed, 3, seed=5).values, completed.values)


def test_one_copy_may_have_the_median_of_the_draws(predictor, holed):
    point = predictor.impute(holed, median=True, seed=4)
    draws = predictor.impute(holed, MEDIAN_OF, seed=4)
    assert len(point) == len(holed)
    for i in range(len(holed)):
        expected = np.median(copies_of(draws, i, MEDIAN_OF), axis=0)
        assert np.array_equal(point.series(i), expected)
    with pytest.raises(SettingsError, match="median=True gives one copy, num_samples=3 more"):
        predictor.impute(holed, 3, median=True)


def test_a_fill_depends_on_both_sides(predictor, panel):
    holed = with_gaps(panel, (0, 100, 5))
    base = predictor.impute(holed, 2, seed=1).series(0)[100:105]
    for side in (slice(80, 100), slice(105, 125)):
        values = holed.values.copy()
        values[side] *= 1.5
        moved = predictor.impute(replace(holed, values=values), 2, seed=1).series(0)[100:105]
        assert not np.allclose(base, moved)


def test_what_is_far_from_a_gap_does_not_matter(predictor, panel):
    """Beyond the context (30 steps) and the window (16), values have no say."""
    holed = with_gaps(panel, (0, 100, 5))
    values = holed.values.copy()
    values[:50] = np.where(np.arange(50) % 2, values[:50].min(), values[:50].max())
    one, other = (
        predictor.impute(d, 2, seed=1).series(0)[100:105]
        for d in (holed, replace(holed, values=values))
    )
    np.testing.assert_array_equal(one, other)


def test_one_series_of_a_table_that_the_model_does_not_know(predictor):
    known = simulate_series(num_series=1, length=80, seed=9).to_frame()
    table = (
        known[["item_id", "timestamp", "target"]].assign(item_id="stranger").drop(index=[30, 31])
    )
    with pytest.warns(DataWarning, match="1 of 1 series are new to the model .*'stranger'"):
        filled = predictor.impute(table, 2, seed=0)
    assert np.isfinite(filled.values).all()
    assert filled.lengths.tolist() == [80, 80]
    assert filled.to_frame(provenance=True)["source_item_id"].unique().tolist() == ["stranger"]


@pytest.mark.filterwarnings(r"ignore:.*new to the model \(")
def test_new_series_without_the_statics_of_the_model_are_said(predictor):
    with_stores = shallow(predictor)
    with_stores.data = replace(
        predictor.data, static_names=("store",), static_categories=(("A", "B"),)
    )
    table = simulate_series(num_series=2, length=60, seed=9).to_frame()
    table = table[["item_id", "timestamp", "target"]].assign(item_id="new " + table["item_id"])
    table.loc[20:30, "target"] = np.nan
    with pytest.raises(DataWarning, match="2 of 2 series are new to the model and have no store"):
        with_stores.impute(table)


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_a_constant_series_is_filled_with_its_constant(predictor):
    table = simulate_series(num_series=1, length=60).to_frame().assign(item_id="flat", target=3.0)
    table.loc[20:30, "target"] = np.nan
    assert (predictor.impute(table).values == 3.0).all()


def test_nothing_missing_is_said(predictor, panel):
    with pytest.warns(DataWarning, match="Nothing is missing"):
        same = predictor.impute(panel, 2)
    assert not same.synthetic.any()
    np.testing.assert_array_equal(same.series(0), panel.series(0))
    np.testing.assert_array_equal(same.series(1), panel.series(0))


def test_what_is_said_of_closed_hours_does_not_contradict_itself(recwarn):
    def say(closed, left):
        recwarn.clear()
        _say_closed(closed, left=left)
        return [str(warning.message) for warning in recwarn.list]

    (alone,) = say(6, 0)
    assert alone.startswith("6 missing values are at times")
    assert alone.endswith("they stay missing. So the copies are the series themselves; "
                          "constraints=None fills them nonetheless.")  # fmt: skip
    assert "Nothing is missing" not in alone
    (beside,) = say(6, 3)
    assert beside.endswith("they stay missing. constraints=None fills them too.")
    (none,) = say(0, 0)
    assert none == "Nothing is missing in these series; the copies are the series themselves."
    assert say(0, 3) == []


def test_what_cannot_be_filled_is_refused_in_a_sentence(predictor, panel):
    with pytest.raises(DataError, match="'series-2' has no observed value"):
        predictor.impute(with_gaps(panel, (2, 0, 240)))
    with pytest.raises(DataError, match="freq 'D', the model was trained on 'h'"):
        predictor.impute(simulate_series(num_series=1, length=60, freq="D"))
    with pytest.raises(SettingsError, match="num_samples=0"):
        predictor.impute(panel, 0)
    with pytest.raises(TooLargeError, match="num_samples=1000000000000 is"):
        predictor.impute(panel, 10**12)


@given(st.integers(0, 10_000), st.integers(2, 30), st.floats(0.05, 0.99))
@settings(max_examples=25)
def test_windows_are_laid_until_all_is_filled(seed, window, share):
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 50, size=4)
    steps = np.arange(lengths.max())
    rest = (random.random((4, lengths.max())) < share) & (steps < lengths[:, None])
    rest[:, 0] |= ~rest.any(axis=1)
    for _ in range(2 * lengths.max()):
        active = np.flatnonzero(rest.any(axis=1))
        if not len(active):
            break
        begin, filled = plan_windows(rest[active], lengths[active], window)
        inside = (steps >= begin[:, None]) & (steps < begin[:, None] + window)
        assert not (filled & ~(rest[active] & inside)).any()
        assert filled[np.arange(len(active)), rest[active].argmax(axis=1)].all()
        assert (begin >= 0).all()
        rest[active] &= ~filled
    assert not rest.any()


def test_a_short_gap_lies_in_the_middle_of_its_window_and_a_cut_one_waits():
    rest = np.zeros((2, 60), dtype=bool)
    rest[0, 30:34] = True
    rest[1, [10, 11, 20, 21, 22, 23]] = True
    begin, filled = plan_windows(rest, np.array([60, 60]), 16)
    assert begin.tolist() == [24, 3]
    assert np.flatnonzero(filled[1]).tolist() == [10, 11]
    assert np.array_equal(filled[0], rest[0])
