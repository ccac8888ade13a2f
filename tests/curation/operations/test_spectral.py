"""Phase randomisation and frequency masking: what they keep of the spectrum."""

import numpy as np
import pytest

from operation_panels import SEASON, augmented_series, one
from tsgen.errors import SettingsError


def test_phase_randomisation_keeps_the_spectrum_and_the_season():
    steps = np.arange(480)
    values = 10 * np.sin(2 * np.pi * steps / SEASON) + np.random.default_rng(0).normal(size=480)
    values -= np.polyval(np.polyfit(steps, values, 1), steps)
    made = augmented_series(one(values), "phase_randomisation", 1.0, SEASON, seed=1).values
    np.testing.assert_allclose(
        np.abs(np.fft.rfft(made)), np.abs(np.fft.rfft(values)), rtol=1e-5, atol=1e-2
    )
    assert np.corrcoef(made, values)[0, 1] > 0.95
    free = augmented_series(
        one(values), "phase_randomisation", 1.0, SEASON, seed=1, keep_season=False
    )
    assert np.corrcoef(free.values, values)[0, 1] < 0.95


def test_frequency_masking_leaves_out_the_stated_share():
    values = np.random.default_rng(0).normal(size=1001)
    made = augmented_series(one(values), "frequency_masking", 1.0, 1, seed=1, share=0.25).values
    line = np.polyval(np.polyfit(np.arange(1001), values, 1), np.arange(1001))
    gone = np.abs(np.fft.rfft(made - line)[1:]) < 1e-4
    assert gone.mean() == pytest.approx(0.25, abs=0.06)


@pytest.mark.parametrize("method", ["phase_randomisation", "frequency_masking"])
@pytest.mark.parametrize("length", [50, 51])
def test_the_line_through_a_series_stays(method, length):
    line = 3 + 0.5 * np.arange(length)
    made = augmented_series(one(line), method, 2.0, 1, seed=1).values.reshape(2, length)
    np.testing.assert_allclose(made, np.tile(line, (2, 1)), rtol=1e-9)
    noisy = line + np.random.default_rng(0).normal(size=length)
    made = augmented_series(one(noisy), method, 1.0, 1, seed=1).values
    assert made.mean() == pytest.approx(noisy.mean(), rel=1e-5)
    assert np.abs(made - noisy).max() > 0.1


def test_all_shares_from_none_to_all():
    values = np.random.default_rng(0).normal(size=64)
    same = augmented_series(one(values), "frequency_masking", 1.0, 1, seed=1, share=0.0).values
    np.testing.assert_allclose(same, values, rtol=1e-5, atol=1e-5)
    line = np.polyval(np.polyfit(np.arange(64), values, 1), np.arange(64))
    none = augmented_series(one(values), "frequency_masking", 1.0, 1, seed=1, share=1.0).values
    np.testing.assert_allclose(none, line, rtol=1e-5, atol=1e-5)
    for share in (-0.1, 1.1):
        with pytest.raises(SettingsError, match=f"share={share} is not possible"):
            augmented_series(one(values), "frequency_masking", 1.0, 1, seed=1, share=share)


def test_phases_turn_by_no_more_than_their_strength():
    values = np.random.default_rng(0).normal(size=200)
    values -= np.polyval(np.polyfit(np.arange(200), values, 1), np.arange(200))
    options = {"strength": 0.25, "keep_season": False}
    made = augmented_series(one(values), "phase_randomisation", 1.0, 1, seed=1, **options).values
    turns = np.angle(np.fft.rfft(made)[1:-1] / np.fft.rfft(values)[1:-1]) / np.pi
    assert 0.2 < np.abs(turns).max() < 0.251
    assert turns.min() < 0 < turns.max()


def test_harmonics_of_the_season_and_none_beside_them_keep_their_phases():
    length, season = 240, 12
    values = np.random.default_rng(0).normal(size=length)
    values -= np.polyval(np.polyfit(np.arange(length), values, 1), np.arange(length))
    made = augmented_series(one(values), "phase_randomisation", 1.0, season, seed=1).values
    turns = np.angle(np.fft.rfft(made) / np.fft.rfft(values))
    kept = np.flatnonzero(np.abs(turns[1:]) < 1e-4) + 1
    assert kept.tolist() == [20 * k for k in range(1, 7)]
