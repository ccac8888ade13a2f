"""Long series: exact length, no seams, and the level, season and calendar of the windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tsgen.psagan.sampling import joining
from tsgen.psagan.sampling.joining import join_windows, overlap_of


class Process:
    """Draws windows of a known process: a daily cycle in phase with time, plus noise that wanders.

    Each candidate has its own noise, as windows drawn for the same place have.
    """

    def __init__(self, num_series, window, level=0.0, seed=0):
        self.random = np.random.default_rng(seed)
        self.shape, self.level, self.asked = (num_series, window), level, []

    def __call__(self, offset, candidates):
        self.asked.append((offset, candidates))
        rows, window = self.shape
        noise = self.random.normal(0, 0.3, (rows, candidates, window))
        for t in range(1, window):
            noise[..., t] += 0.8 * noise[..., t - 1]
        cycle = np.sin(2 * np.pi * (offset + np.arange(window)) / 24)
        return (self.level + cycle + noise).astype(np.float32)


@given(st.integers(8, 40), st.integers(1, 200), st.integers(1, 3))
def test_the_length_is_exact_and_the_joins_lie_inside(window, more, num_series):
    length = window + more
    draw = Process(num_series, window)
    series, joins = join_windows(draw, window, length)
    assert series.shape == (num_series, length)
    assert np.isfinite(series).all()
    assert (np.diff(joins, axis=1) > 0).all()
    assert draw.asked[0] == (0, 1)
    assert all(count == joining.CANDIDATES for _, count in draw.asked[1:])


def test_the_first_window_and_the_parts_between_joins_are_as_they_were_drawn():
    windows = {}

    def draw(offset, candidates):
        windows[offset] = Process(1, 32, seed=offset)(offset, candidates)
        return windows[offset]

    series, joins = join_windows(draw, 32, 80)
    np.testing.assert_array_equal(series[0, : joins[0, 0] + 1], windows[0][0, 0, : joins[0, 0] + 1])
    offset = list(windows)[1]
    begin, end = joins[0, 0] + 1, joins[0, 1] + 1
    rest = windows[offset][0, :, begin - offset : end - offset] - series[0, begin:end]
    left = np.abs(rest[:, -1]) / np.abs(rest[:, 0])  # only a shift that fades is left
    assert np.abs(rest).max(axis=1).min() < 0.2
    assert left[np.abs(rest).max(axis=1).argmin()] < 0.5


def steps_at_and_off_joins(series, joins):
    change = np.abs(np.diff(series, axis=1))
    at = np.zeros(change.shape, dtype=bool)
    inside = joins < change.shape[1]
    rows = np.repeat(np.arange(len(joins)), inside.sum(axis=1))
    at[rows, joins[inside]] = True
    return change[at], change[~at]


def test_the_step_at_a_join_has_the_distribution_of_the_rest():
    series, joins = join_windows(Process(60, 48), 48, 1_000)
    at, off = steps_at_and_off_joins(series, joins)
    assert len(at) > 1_500
    assert at.mean() / off.mean() == pytest.approx(1, abs=0.15)
    assert stats.ks_2samp(at, off).statistic < 0.08


def test_the_slope_carries_over_a_join():
    series, joins = join_windows(Process(60, 48), 48, 1_000)
    bend = np.abs(np.diff(series, n=2, axis=1))
    rows = np.arange(60)[:, None]
    inside = joins[:, :-1]
    at = np.stack([bend[rows, inside - 1], bend[rows, inside]])
    assert at.mean() / bend.mean() == pytest.approx(1, abs=0.15)


def test_level_season_and_roughness_are_kept_over_many_joins():
    series, _ = join_windows(Process(40, 36, level=5.0), 36, 24 * 60)
    by_hour = series.reshape(40, 60, 24).mean(axis=(0, 1))
    np.testing.assert_allclose(by_hour, 5 + np.sin(2 * np.pi * np.arange(24) / 24), atol=0.1)
    halves = series[:, :720].mean(), series[:, 720:].mean()
    assert abs(halves[0] - halves[1]) < 0.1
    window = Process(4_000, 36, level=5.0, seed=9)(0, 1)[:, 0]
    assert np.diff(series, axis=1).std() == pytest.approx(np.diff(window, axis=1).std(), rel=0.05)
    assert series.std() == pytest.approx(window.std(), rel=0.15)


def test_candidates_make_joins_smoother(monkeypatch):
    roughness = {}
    for count in (1, 8):
        monkeypatch.setattr(joining, "CANDIDATES", count)
        made = join_windows(Process(60, 24), 24, 400)[0]
        draw = Process(60, 24)
        shifts = []
        series = draw(0, 1)[:, 0]
        for offset in range(18, 400, 18):
            new = draw(offset, count)
            gap = series[:, None, -overlap_of(24) :] - new[:, :, : overlap_of(24)]
            misfit = gap[..., :-1] ** 2 + gap[..., 1:] ** 2
            shifts.append(np.sqrt(misfit.reshape(60, -1).min(axis=1)))
            series = new[:, 0]
        roughness[count] = np.mean(shifts)
        assert made.shape == (60, 400)
    assert roughness[8] < 0.5 * roughness[1]


def steps_at_joins_and_where_fresh_windows_agree(series, joins, drawn):
    """Return the steps at joins, and those after the places where freshly drawn windows agree.

    Which steps follow an agreement in value and slope depends on the place in the window, the
    calendar and what the model draws: all of that is in the control, and nothing of the joining.
    """
    overlap, rows = overlap_of(drawn[0].shape[-1]), np.arange(len(series))
    at, fair = [], []
    for before, new, join in zip(drawn, drawn[1:], joins.T, strict=False):
        gap = before[:, -1, None, -overlap:] - new[..., :overlap]
        misfit = gap[..., :-1] ** 2 + gap[..., 1:] ** 2
        choice, place = np.divmod(misfit.reshape(len(rows), -1).argmin(axis=1), overlap - 1)
        fair.append(np.diff(new)[rows, choice, place + 1])
        inside = join + 1 < series.shape[1]
        at.append(np.diff(series)[rows[inside], join[inside]])
    return np.abs(np.concatenate(at)), np.abs(np.concatenate(fair))


def test_long_samples_of_a_model_have_no_seams(model, monkeypatch):
    kept, drawn = [], []

    def remember(draw, window, length):
        def draw_and_keep(offset, candidates):
            windows = draw(offset, candidates)
            drawn.append(windows.reshape(len(windows), candidates, window))
            return windows

        kept.append(join_windows(draw_and_keep, window, length))
        return kept[-1]

    monkeypatch.setattr("tsgen.psagan.sampling.drawing.join_windows", remember)
    made = model.sample(60, length=400, seed=1)
    assert made.lengths.tolist() == [400] * 60
    series, joins = kept[0]
    at, fair = steps_at_joins_and_where_fresh_windows_agree(
        series.reshape(len(series), -1), joins, drawn
    )
    assert len(at) > 1_000
    assert at.mean() / fair.mean() == pytest.approx(1, abs=0.15)


def test_a_long_sample_stays_on_its_calendar(model):
    """A long series asks for the conditions of the time it has reached, not of its beginning."""
    asked = []
    at = type(model.conditions).at

    def remember(self, series, static, starts, positions, *covariates):
        asked.append((starts.clone(), positions.clone()))
        return at(self, series, static, starts, positions, *covariates)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(model.conditions), "at", remember)
        drawn = model.sample(2, start="2024-01-02", length=100, seed=1)
    first = asked[0]
    offsets = [int(starts[0] - first[0][0]) for starts, _ in asked]
    assert offsets == [0, 18, 36, 54, 72, 90]
    assert all(int(p[0] - first[1][0]) == o for (_, p), o in zip(asked, offsets, strict=True))
    assert drawn.starts[0] == first[0][0]
