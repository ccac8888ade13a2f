"""Planted copies are found, however few, shifted or scaled; real windows are not called copies."""

import numpy as np
import pytest

from tsgen.data.series import window_starts
from tsgen.errors import DataError
from tsgen.metrics.copies import (
    _nearer_than_any,
    _ratios,
    find_copies,
    nearest_training_distances,
)

L = 32
OFFSETS = np.arange(11) * 400


def walks(seed, num=10, steps=400):
    draw = np.random.default_rng(seed)
    season = np.sin(np.arange(steps) * 2 * np.pi / 24)
    return (season + 0.15 * draw.normal(size=(num, steps)).cumsum(axis=1)).ravel()


def windows(values, number, seed):
    draw = np.random.default_rng(seed)
    begins = draw.integers(0, 10, number) * 400 + draw.integers(0, 400 - L, number)
    return np.stack([values[b : b + L] for b in begins])


TRAIN = walks(1)
BEGINS = window_starts(TRAIN, OFFSETS, L)
TEST = windows(walks(2), 600, 2)


@pytest.mark.parametrize("share", [1.0, 0.1, 0.02, 0.01])
@pytest.mark.parametrize(
    "change",
    [
        lambda w, draw: w,
        lambda w, draw: w + 0.01 * np.ptp(w, axis=1)[:, None] * draw.normal(size=w.shape),
        lambda w, draw: w + 100.0,
        lambda w, draw: 3.0 * w,
    ],
    ids=["exact", "one percent noise", "shifted", "scaled"],
)
def test_planted_copies_are_found(share, change):
    draw = np.random.default_rng(3)
    samples = windows(walks(4), 600, 5)
    planted = int(share * 600)
    samples[:planted] = change(windows(TRAIN, planted, 6), draw)
    found = find_copies(samples, TEST, TRAIN, BEGINS)
    assert found.copied
    assert found.nearer >= 0.9 * share
    assert found.nearer > found.test_nearer


@pytest.mark.parametrize("seed", range(4))
def test_other_real_windows_are_no_copies(seed):
    found = find_copies(windows(walks(20 + seed), 600, seed), TEST, TRAIN, BEGINS)
    assert not found.copied
    assert found.exact == 0


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_two_copies_among_two_hundred_are_found(noise):
    draw = np.random.default_rng(3)
    samples = windows(walks(4), 200, 5)
    copies = windows(TRAIN, 2, 6)
    samples[:2] = copies + noise * np.ptp(copies, axis=1)[:, None] * draw.normal(size=(2, L))
    check = find_copies(samples, TEST[:200], TRAIN, BEGINS)
    assert check.copied
    assert (check.nearer, check.test_nearer) == (0.01, 0.0)


def test_distances_of_one_distribution_rarely_look_like_copies():
    """At one in a hundred, 400 draws alarm 4 times on average, 10 times by bad luck."""
    draw = np.random.default_rng(7)
    alarms = 0
    for k in range(400):
        law = [
            lambda n: np.sqrt(draw.chisquare(6, n)),
            lambda n: np.sqrt(draw.chisquare(20, n)),
            lambda n: draw.lognormal(0, 0.4, n),
            lambda n: draw.uniform(0, 1, n),
        ][k % 4]
        alarms += 2 * _nearer_than_any(law(500), law(300), 1e-9)[1] < 0.01
    assert alarms <= 10


def test_equal_windows_of_few_values_are_no_copies():
    """Counts of rare events repeat themselves: the same window twice says nothing."""
    draw = np.random.default_rng(2)
    rare = (draw.random(4000) < 0.05).astype(float)
    test = np.lib.stride_tricks.sliding_window_view((draw.random(900) < 0.05) * 1.0, L)[::3]
    samples = np.lib.stride_tricks.sliding_window_view((draw.random(900) < 0.05) * 1.0, L)[::3]
    assert not find_copies(samples, test, rare, window_starts(rare, np.arange(11) * 400, L)).copied


def test_what_real_test_windows_match_too_does_not_count():
    flat = np.concatenate([TRAIN, np.zeros(400)])
    begins = window_starts(flat, np.arange(12) * 400, L)
    quiet = np.zeros((60, L))
    test = np.concatenate([TEST, quiet])
    samples = np.concatenate([windows(walks(9), 600, 1), quiet])
    found = find_copies(samples, test, flat, begins)
    assert not found.copied
    assert found.exact == found.test_exact == 60 / 660


def test_distances_are_those_of_a_plain_loop_over_all_offsets():
    values = TRAIN[:90].copy()
    values[50] = np.nan
    offsets = np.array([0, 60, 90])

    def unit(w):
        return (w - w.min()) / np.ptp(w)

    whole = {
        b: unit(values[b : b + L])
        for a, e in ((0, 60), (60, 90))
        for b in range(a, e - L + 1)
        if not np.isnan(values[b : b + L]).any()
    }
    begins = window_starts(values, offsets, L)
    nearest, elsewhere = nearest_training_distances(TEST[:5], values, begins)
    for k, window in enumerate(TEST[:5]):
        apart = {b: np.linalg.norm(unit(window) - other) for b, other in whole.items()}
        first = min(apart, key=apart.get)
        others = [far for b, far in apart.items() if abs(b - first) >= L]
        np.testing.assert_allclose(nearest[k], apart[first], rtol=1e-4)
        np.testing.assert_allclose(elsewhere[k], min(others, default=np.inf), rtol=1e-4)
    assert len(begins) == len(whole)
    with pytest.raises(DataError, match="complete training window of 32 steps"):
        nearest_training_distances(TEST[:5], values, np.zeros(0, int))


@pytest.mark.parametrize("share", [1.0, 0.1])
def test_noisy_copies_are_found_where_real_windows_lie_as_near_to_many(share):
    """Half of the real windows repeat themselves, nearer than noise of 1 % puts a copy."""

    def real(seed):
        draw = np.random.default_rng(seed)
        tones = np.sin(np.arange(400) * 2 * np.pi / np.array([[10], [11], [12], [13], [14]]))
        again = tones + 0.01 * draw.normal(size=tones.shape)
        return np.concatenate([walks(seed)[:2000], again.ravel()])

    draw, train = np.random.default_rng(8), real(1)
    begins = window_starts(train, OFFSETS, L)
    planted = int(share * 600)
    copies = windows(train, planted, 6)
    noise = 0.01 * np.ptp(copies, axis=1)[:, None] * draw.normal(size=copies.shape)
    samples = np.concatenate([copies + noise, windows(real(4), 600, 4)[planted:]])
    check = find_copies(samples, windows(real(2), 600, 2), train, begins)
    assert (check.copied, check.by) == (True, "ratio")
    assert check.nearer > check.test_nearer
    others = windows(real(4), 600, 4), windows(real(2), 600, 2)
    assert not find_copies(*others, train, begins).copied


def test_constants_and_few_windows_are_like_no_window_alone():
    least = 1e-3 * np.sqrt(L)
    nearest, elsewhere = np.array([0.0, 0.0, 0.2, 0.3]), np.array([0.0, 0.5, 0.4, np.inf])
    np.testing.assert_allclose(_ratios(nearest, elsewhere, least), [1.0, 0.0, 0.5, 1.0])
    few = find_copies(TEST[:50], TEST[50:99], TRAIN[: L + 5], np.arange(5))
    assert not few.copied
