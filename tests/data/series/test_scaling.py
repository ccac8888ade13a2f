"""Scaling is undone exactly enough, whatever the level, and a constant comes back as it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.data.series.scaling import SeriesScaler

KINDS = ["standard", "min-max"]


@st.composite
def panels(draw):
    lengths = draw(st.lists(st.integers(1, 20), min_size=1, max_size=5))
    random = np.random.default_rng(draw(st.integers(0, 999)))
    parts = []
    for length in lengths:
        level = draw(st.sampled_from([0.0, 1.0, -1e3, 1e9]))
        part = level + draw(st.sampled_from([1e-3, 1.0, 1e5])) * random.normal(size=length)
        part[1:][random.random(length - 1) < 0.3] = np.nan
        parts.append(part)
    return np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)])


@pytest.mark.parametrize("kind", KINDS)
@given(panels())
def test_fit_is_a_loop_over_series_that_ignores_what_is_missing(kind, panel):
    values, offsets = panel
    scaler = SeriesScaler.fit(values, offsets, kind)
    for i in range(len(offsets) - 1):
        part = values[offsets[i] : offsets[i + 1]]
        location = np.nanmean(part) if kind == "standard" else np.nanmin(part)
        scale = np.nanstd(part) if kind == "standard" else np.nanmax(part) - np.nanmin(part)
        assert scaler.location[i] == pytest.approx(location, rel=1e-12, abs=1e-9)
        assert scaler.scale[i] == pytest.approx(scale, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@given(panels())
def test_invert_undoes_apply(kind, panel):
    values, offsets = panel
    scaler = SeriesScaler.fit(values, offsets, kind)
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    scaled = scaler.apply(values, owner)
    again = scaler.invert(scaled, owner)
    constant = scaler.scale[owner] == 0
    np.testing.assert_allclose(again[~constant], values[~constant], rtol=1e-12, atol=1e-9)
    if kind == "min-max":
        assert np.nanmin(scaled) >= 0
        assert np.nanmax(scaled) <= 1


@pytest.mark.parametrize("kind", KINDS)
@given(st.floats(-1e30, 1e30), st.integers(1, 50), st.floats(-5, 5))
def test_a_constant_comes_back_to_the_last_digit_whatever_is_drawn(kind, value, length, drawn):
    values = np.full(length + 1, value)
    values[-1] = np.nan
    scaler = SeriesScaler.fit(values, np.array([0, length + 1]), kind)
    zero = np.array([0])
    assert scaler.scale[0] == 0
    assert scaler.invert(np.array([[drawn]]), zero)[0, 0] == value
    assert scaler.apply(np.array([value]), zero)[0] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_constant_is_a_constant(kind):
    scaler = SeriesScaler.fit(np.full(300_000, 0.1), np.array([0, 300_000]), kind)
    assert (scaler.location[0], scaler.scale[0]) == (0.1, 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_small_changes_on_a_huge_level_are_kept(kind):
    wave = np.sin(np.arange(100) / 7)
    values = 1e9 + wave
    scaler = SeriesScaler.fit(values, np.array([0, 100]), kind)
    scaled = scaler.apply(values[None], np.array([0])).astype(np.float32)
    assert np.abs(np.corrcoef(scaled[0], wave)[0, 1]) > 1 - 1e-9
    np.testing.assert_allclose(scaler.invert(scaled, np.array([0]))[0], values, atol=1e-5, rtol=0)


def test_series_differ_only_by_their_own_scale():
    values = np.sin(np.arange(60) / 5)
    panel = np.stack([values, 1e6 * values + 7])
    scaler = SeriesScaler.fit(panel.ravel(), np.array([0, 60, 120]), "standard")
    both = scaler.apply(panel, np.array([0, 1]))
    np.testing.assert_allclose(both[0], both[1], atol=1e-9)
