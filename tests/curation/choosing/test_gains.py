"""Losses of windows, gains of pairs of runs, and how sure they are."""

import numpy as np
import pytest

from tsgen.curation import Gain
from tsgen.curation.choosing import gain_of, window_losses
from tsgen.curation.reference import LEVELS, rolling_windows
from tsgen.data import simulate_series, to_dataset

REAL = simulate_series(num_series=5, length=80, seed=1)


def test_losses_are_gluonts_weighted_quantile_loss():
    from gluonts.ev.metrics import MeanWeightedSumQuantileLoss

    windows = rolling_windows(REAL, 12, 6, 2)
    _, future, scale = windows.read()
    truth = future * scale[:, None]
    draw = np.random.default_rng(0)
    quantiles = np.sort(draw.normal(size=(len(windows), 6, 9)) + truth[..., None], axis=-1)
    ours = window_losses(quantiles, windows).sum() / np.abs(truth).sum()
    data = {"label": truth} | {str(q): quantiles[..., k] for k, q in enumerate(LEVELS)}
    theirs = MeanWeightedSumQuantileLoss(list(LEVELS))(axis=None).update(data).get()
    assert ours == pytest.approx(float(theirs))


def test_gains_are_of_pairs_and_their_interval_covers():
    draw = np.random.default_rng(0)
    hits = 0
    for trial in range(60):
        series = draw.lognormal(size=(1, 1, 30))
        shared = draw.lognormal(sigma=0.3, size=(8, 3, 30)) * series
        made = 0.95 * shared * draw.lognormal(sigma=0.1, size=(8, 3, 30))
        gain = gain_of(made, shared * draw.lognormal(sigma=0.1, size=(8, 3, 30)), seed=trial)
        hits += gain.low <= -0.05 <= gain.high
    assert hits >= 52
    same = gain_of(shared, shared)
    assert same.change == 0
    assert same.sureness == 0


def test_what_is_expected_of_a_winner_is_shrunk():
    sure = Gain(-0.10, -0.11, -0.09, 0.005, 10)
    unsure = Gain(-0.10, -0.25, 0.05, 0.1, 10)
    assert -0.10 < sure.expected < -0.099
    assert unsure.expected == pytest.approx(np.expm1((1 - (0.1 / np.log(0.9)) ** 2) * np.log(0.9)))
    assert Gain(-0.1, -0.4, 0.4, 0.2, 3).expected == 0


def test_missing_truth_costs_nothing_and_levels_may_be_given():
    target = np.r_[np.arange(1.0, 10.0), 3.0, np.nan]
    entry = {"item_id": "a", "start": "2024-01-01", "target": target}
    windows = rolling_windows(to_dataset([entry], freq="h"), 4, 2, 1)
    quantiles = np.array([[[1.0, 5.0], [9.0, 9.0]]])  # (n, L, Q)
    expected = 2 * (0.25 * (3 - 1) + 0.25 * (5 - 3)) / 2
    made = window_losses(np.stack([quantiles, quantiles]), windows, (0.25, 0.75))
    np.testing.assert_allclose(made, [[expected], [expected]])


def test_the_change_is_of_the_sums_and_runs_count():
    made, real = np.ones((4, 2, 3)), 2 * np.ones((4, 2, 3))
    made[0, 0, 0] = 7.0
    gain = gain_of(made, real)
    assert gain.change == pytest.approx(30 / 48 - 1)
    assert gain.runs == 4
    assert gain_of(made, real, seed=1).spread != gain.spread


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_what_differs_between_runs_windows_or_series_makes_a_gain_less_sure(axis):
    shape = [1, 1, 1]
    shape[axis] = 12
    factor = np.exp(np.random.default_rng(0).normal(size=shape))
    gain = gain_of(factor * np.ones((12, 12, 12)), np.ones((12, 12, 12)))
    assert gain.spread > 0.1
    assert gain.low < gain.change < gain.high


def test_sureness_is_in_standard_errors_and_signed():
    assert Gain(np.expm1(-0.3), -1, 0, 0.1, 3).sureness == pytest.approx(3)
    assert Gain(np.expm1(0.3), 0, 1, 0.1, 3).sureness == pytest.approx(-3)
    assert Gain(-0.3, -0.3, -0.3, 0.0, 3).sureness == 0
    assert Gain(np.expm1(0.3), 0, 1, 0.1, 3).expected == pytest.approx(np.expm1(0.3 * 8 / 9))
