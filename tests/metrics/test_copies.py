"""Planted copies are found, however few, shifted or scaled; real windows are not called copies."""

import numpy as np
import pytest

from tsgen.data.series import window_starts
from tsgen.errors import DataError
from tsgen.metrics.copies import find_copies, nearest_training_distances

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


@pytest.mark.parametrize("share", [1.0, 0.1, 0.02])
@pytest.mark.parametrize(
    "change",
    [
        lambda w, draw: w,
        lambda w, draw: w + 0.01 * np.ptp(w, axis=1)[:, None] * draw.normal(size=w.shape),
        lambda w, draw: 3.0 * w + 100.0,
    ],
    ids=["exact", "one percent noise", "shifted and scaled"],
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

    whole = [
        unit(values[b : b + L])
        for a, e in ((0, 60), (60, 90))
        for b in range(a, e - L + 1)
        if not np.isnan(values[b : b + L]).any()
    ]
    begins = window_starts(values, offsets, L)
    found = nearest_training_distances(TEST[:5], values, begins)
    plain = [min(np.linalg.norm(unit(w) - other) for other in whole) for w in TEST[:5]]
    np.testing.assert_allclose(found, plain, rtol=1e-4)
    assert len(begins) == len(whole)
    with pytest.raises(DataError, match="complete training window of 32 steps"):
        nearest_training_distances(TEST[:5], values, np.zeros(0, int))
