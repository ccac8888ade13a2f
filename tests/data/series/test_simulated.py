"""The toy panel: its seed, its seasons, its levels."""

import numpy as np
import pytest

from tsgen.data import simulate_series
from tsgen.data.series.simulated import _noise, _seasons
from tsgen.errors import SettingsError


def test_simulated_series_follow_their_seed_and_their_seasons():
    one, other = simulate_series(20, 24 * 14, seed=1), simulate_series(20, 24 * 14, seed=2)
    assert one.fingerprint() == simulate_series(20, 24 * 14, seed=1).fingerprint()
    assert one.fingerprint() != other.fingerprint()
    logarithms = np.log(one.values.reshape(20, -1))
    assert np.ptp(logarithms.mean(axis=1)) > np.log(100)  # levels over orders of magnitude
    day = np.mean([np.corrcoef(s[:-24], s[24:])[0, 1] for s in logarithms])
    half = np.mean([np.corrcoef(s[:-12], s[12:])[0, 1] for s in logarithms])
    assert day > 0.6
    assert half < day - 0.5
    for freq in ("15min", "D", "B", "W-SUN", "M", "Q-DEC", "Y-DEC"):
        assert simulate_series(2, 30, freq).freq == freq
    with pytest.raises(SettingsError, match="num_series=0"):
        simulate_series(0, 10)


@pytest.mark.parametrize(
    ("freq", "seasons"),
    [
        ("h", (24, 168)),
        ("15min", (96, 672)),
        ("2h", (12, 84)),
        ("D", (7, 365.25)),
        ("7D", (1, 365.25 / 7)),
        ("M", (12, 6)),
        ("3M", (4, 2)),
        ("W-SUN", (52, 13)),
        ("Q-DEC", (4, 8)),
    ],
)
def test_the_seasons_of_a_frequency_in_steps(freq, seasons):
    assert _seasons(freq) == pytest.approx(seasons)


def test_series_are_complete_positive_and_start_together():
    made = simulate_series(3, 48)
    assert made.item_ids == ("series-0", "series-1", "series-2")
    assert made.lengths.tolist() == [48, 48, 48]
    assert (made.values > 0).all()
    assert {str(entry["start"]) for entry in made} == {"2024-01-01 00:00"}
    with pytest.raises(SettingsError, match="length=0"):
        simulate_series(1, 0)


def test_the_noise_has_the_stated_memory_and_spread():
    noise = _noise(np.random.default_rng(0), 200, 500)[:, 50:]
    assert noise.std() == pytest.approx(0.07 / np.sqrt(1 - 0.7**2), rel=0.03)
    assert np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1] == pytest.approx(
        0.7, abs=0.02
    )
