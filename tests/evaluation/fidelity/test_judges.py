from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsgen.errors import DataError, SettingsError, TrainingInterruptedError
from tsgen.evaluation import (
    FEATURES,
    discriminative_score,
    window_features,
)
from tsgen.evaluation.fidelity.judges import discriminative_scores
from tsgen.evaluation.fidelity.recurrent_judges import RecurrentJudges

rng = np.random.default_rng(2)


def slow_longest(flags):
    best = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def slow_features(window):
    """Some of the features, by plain loops over one window."""
    length, mean = len(window), sum(window) / len(window)
    deviation = (sum((x - mean) ** 2 for x in window) / length) ** 0.5
    z = [(x - mean) / deviation for x in window]
    steps = [b - a for a, b in pairwise(z)]
    power = [
        abs(sum(x * np.exp(-2j * np.pi * k * t / length) for t, x in enumerate(z))) ** 2
        for k in range(1, length // 2 + 1)
    ]
    share = [p / sum(power) for p in power]
    return {
        "mean": mean,
        "deviation": deviation,
        "skewness": sum(x**3 for x in z) / length,
        "kurtosis": sum(x**4 for x in z) / length,
        "share_above_mean": sum(x > 0 for x in z) / length,
        "autocorrelation_2": sum(a * b for a, b in zip(z[:-2], z[2:], strict=True)) / length,
        "power_low": sum(p for k, p in enumerate(share, 1) if k / length <= 1 / 16),
        "spectral_centroid": sum(p * k / length for k, p in enumerate(share, 1)),
        "spectral_entropy": -sum(p * np.log(p) for p in share) / np.log(length // 2),
        "largest_step": max(abs(s) for s in steps),
        "turning_points": sum(a * b < 0 for a, b in pairwise(steps)) / (length - 2),
        "longest_run_above_mean": slow_longest([x > 0 for x in z]) / length,
        "longest_rise": slow_longest([s > 0 for s in steps]) / length,
        "trend": np.corrcoef(window, range(length))[0, 1],
    }


@given(st.integers(0, 2**31), st.integers(8, 40))
@settings(max_examples=25)
def test_features_equal_plain_loops(seed, length):
    windows = np.random.default_rng(seed).normal(size=(2, length)).cumsum(axis=1)
    found = window_features(windows)
    assert found.shape == (2, len(FEATURES))
    for row, window in zip(found, windows, strict=True):
        named = dict(zip(FEATURES, row, strict=True))
        for name, slow in slow_features(window.tolist()).items():
            assert named[name] == pytest.approx(slow, abs=1e-9), name


def test_shape_features_ignore_the_unit_and_constants_are_defined():
    windows = rng.normal(size=(5, 24)).cumsum(axis=1)
    np.testing.assert_allclose(
        window_features(40 * windows - 7)[:, 2:], window_features(windows)[:, 2:], atol=1e-9
    )
    flat = dict(zip(FEATURES, window_features(np.full((1, 12), 0.1))[0], strict=True))
    assert flat.pop("mean") == pytest.approx(0.1)
    assert flat.pop("repeated_values") == 1.0
    assert set(flat.values()) == {0.0}


@pytest.mark.parametrize("judge", ["trees", "recurrent"])
def test_judges_know_noise_from_cycles_and_cannot_tell_real_from_real(
    real_windows, judge, monkeypatch
):
    monkeypatch.setattr("tsgen.evaluation.fidelity.recurrent_judges._STEPS", 100)
    real, fresh = real_windows(300, 1), real_windows(300, 2)
    shuffled = rng.permuted(fresh, axis=1)
    assert discriminative_score(real, shuffled, judge=judge, seed=0) > 0.4
    assert discriminative_score(real, fresh, judge=judge, seed=0) < 0.12  # 3.5 sigma of chance


def test_a_recurrent_judge_is_a_gru_with_a_head_on_its_last_and_mean_state():
    judges = RecurrentJudges([3, 4, 5])
    x = torch.randn(3, 6, 11, 2, generator=torch.Generator().manual_seed(1))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        gru, head = torch.nn.GRU(2, 24, batch_first=True), torch.nn.Linear(48, 1)
    states, last = gru(x[1])
    expected = head(torch.cat([last[0], states.mean(dim=1)], dim=1))[:, 0]
    torch.testing.assert_close(judges(x)[1], expected)
    expected.square().sum().backward()
    judges(x)[1].square().sum().backward()
    torch.testing.assert_close(judges.from_state.grad[1], gru.weight_hh_l0.grad)
    torch.testing.assert_close(judges.head.grad[1], head.weight.grad)
    assert judges.from_state.grad[[0, 2]].abs().max() == 0  # they know nothing of each other


@pytest.mark.parametrize("judge", ["trees", "recurrent"])
def test_judges_trained_together_say_what_each_says_alone(real_windows, judge, monkeypatch):
    monkeypatch.setattr("tsgen.evaluation.fidelity.recurrent_judges._STEPS", 30)
    pairs = [(real_windows(60, k), real_windows(60, k + 9) ** (1 + k % 2), k) for k in range(7)]
    together = discriminative_scores(pairs, judge=judge)
    alone = [discriminative_score(a, b, judge=judge, seed=k) for a, b, k in pairs]
    np.testing.assert_allclose(together, alone, atol=1 / 60)  # one window on the edge, at most
    assert len(set(together)) > 2


def test_ctrl_c_while_a_judge_is_trained_is_ctrl_c(real_windows, monkeypatch):
    def interrupted(*_, **__):
        raise TrainingInterruptedError("after step 1", checkpoint=None)

    monkeypatch.setattr("tsgen.training.module.fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        discriminative_score(real_windows(9, 1), real_windows(9, 2), judge="recurrent", seed=0)


def test_a_judge_is_repeatable_and_does_not_mind_unequal_counts(real_windows):
    real, fresh = real_windows(80, 1), real_windows(50, 2) ** 2
    scores = [discriminative_score(real, fresh, judge="trees", seed=4) for _ in range(2)]
    assert scores[0] == scores[1]
    assert 0 <= scores[0] <= 0.5


def test_judges_refuse_what_they_cannot_judge(real_windows):
    with pytest.raises(SettingsError, match="'recurrent' or 'trees'"):
        discriminative_score(real_windows(9, 1), real_windows(9, 2), judge="me", seed=0)
    with pytest.raises(DataError, match="at least 4"):
        discriminative_score(real_windows(9, 1), real_windows(3, 2), seed=0)
