import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.errors import DataError
from tsgen.metrics import (
    coverage,
    density,
    noise_spread,
)


def slow_counts(real, synthetic, k):
    """Count, for each real point, the synthetic points inside its ball, by plain loops."""
    counts = []
    for i, centre in enumerate(real):
        others = sorted(np.linalg.norm(centre - x) for j, x in enumerate(real) if j != i)
        counts.append(sum(np.linalg.norm(centre - y) <= others[k - 1] for y in synthetic))
    return counts


@given(st.integers(0, 2**31), st.integers(1, 4))
def test_coverage_and_density_equal_plain_loops(seed, k):
    draw = np.random.default_rng(seed)
    real, synthetic = draw.normal(size=(12, 3)), draw.normal(size=(9, 3)) * 1.5
    counts = slow_counts(real, synthetic, k)
    assert coverage(real, synthetic, num_neighbours=k) == np.mean([c > 0 for c in counts])
    assert density(real, synthetic, num_neighbours=k) == pytest.approx(sum(counts) / (k * 9))


def test_real_against_real_scores_as_the_paper_says():
    rng = np.random.default_rng(7)
    real, other = rng.normal(size=(600, 8)), rng.normal(size=(600, 8))
    assert coverage(real, other) == pytest.approx(1 - 2.0**-5, abs=0.03)
    assert density(real, other) == pytest.approx(1.0, abs=0.1)


def test_lost_modes_lower_coverage_and_outliers_lower_density():
    rng = np.random.default_rng(7)
    real = np.concatenate([rng.normal(size=(200, 4)), rng.normal(size=(200, 4)) + 50])
    one_mode = rng.normal(size=(400, 4))
    assert coverage(real, one_mode) < 0.55
    assert density(real, real + 1000) == 0.0


def test_copies_of_repeated_points_count_as_covered():
    rng = np.random.default_rng(7)
    real = np.repeat(rng.normal(size=(4, 16)) * 1e3, 7, axis=0)  # radius 0 everywhere
    assert coverage(real, real[::7]) == 1.0


def test_noise_spread_compares_standard_deviations_within_pairs():
    rng = np.random.default_rng(7)
    levels = rng.normal(size=(200, 1, 1)) * 100  # differences between pairs must not count
    synthetic = levels + 0.5 * rng.normal(size=(200, 6, 10))
    real = levels + 2.0 * rng.normal(size=(200, 9, 10))
    assert noise_spread(synthetic, real) == pytest.approx(0.25, rel=0.03)
    slow = [
        np.mean([np.var(group[:, t], ddof=1) for group in groups for t in range(10)])
        for groups in (synthetic, real)
    ]
    assert noise_spread(synthetic, real) == pytest.approx(np.sqrt(slow[0] / slow[1]))
    assert noise_spread(np.repeat(levels, 4, axis=1) * np.ones(10), real) == 0.0


def test_impossible_inputs_are_refused():
    rng = np.random.default_rng(7)
    with pytest.raises(DataError, match="at least 6 windows"):
        coverage(rng.normal(size=(5, 3)), rng.normal(size=(5, 3)))
    with pytest.raises(DataError, match="same pairs"):
        noise_spread(rng.normal(size=(3, 2, 4)), rng.normal(size=(2, 2, 4)))
    with pytest.raises(DataError, match="at least 2 windows"):
        noise_spread(rng.normal(size=(3, 1, 4)), rng.normal(size=(3, 2, 4)))
    with pytest.raises(DataError, match="identical"):
        noise_spread(rng.normal(size=(3, 2, 4)), np.ones((3, 2, 4)))
    with pytest.raises(DataError, match="missing or infinite"):
        density(np.full((8, 3), np.inf), rng.normal(size=(5, 3)))
