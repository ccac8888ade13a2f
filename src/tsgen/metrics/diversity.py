"""Whether synthetic windows vary as much as real ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, Integers, as_rows, same_width
from tsgen.errors import DataError

from .distances import neighbour_radii, squared_distance_blocks

__all__ = ["coverage", "density", "noise_spread"]


def coverage(real: npt.ArrayLike, synthetic: npt.ArrayLike, *, num_neighbours: int = 5) -> float:
    """Return the share of real points with a synthetic point nearer than their k-th real neighbour.

    Naeem et al. 2020, eq. 4. 1 is best; real against real of the same distribution and count scores
    about 1 - 2^(-k).

    Args:
        real: (n, d) windows or embeddings, n > num_neighbours.
        synthetic: (m, d).
        num_neighbours: k.

    Raises:
        DataError: Missing values, too few points, or different dimensions.
    """
    return float((_ball_counts(real, synthetic, num_neighbours) > 0).mean())


def density(real: npt.ArrayLike, synthetic: npt.ArrayLike, *, num_neighbours: int = 5) -> float:
    """Return how many real neighbourhoods hold a synthetic point, on average, divided by k.

    Naeem et al. 2020, eq. 3. About 1 for real points; less where synthetic points lie outside the
    real ones, more where they crowd around typical ones.

    Args:
        real: (n, d) windows or embeddings, n > num_neighbours.
        synthetic: (m, d).
        num_neighbours: k.

    Raises:
        DataError: Missing values, too few points, or different dimensions.
    """
    counts = _ball_counts(real, synthetic, num_neighbours)
    return float(counts.sum() / (num_neighbours * len(np.asarray(synthetic))))


def _ball_counts(real: npt.ArrayLike, synthetic: npt.ArrayLike, num_neighbours: int) -> Integers:
    """Return, for each real point, how many synthetic points lie in its ball."""
    real, synthetic = as_rows(real, "real"), as_rows(synthetic, "synthetic")
    same_width(real, "real", synthetic, "synthetic")
    radii = neighbour_radii(real, num_neighbours)
    # A copy of a real point that real points repeat has distance 0 = radius; rounding of the
    # product form must not put it outside.
    slack = 1e-12 * float(((synthetic - real.mean(axis=0)) ** 2).sum(axis=1).max())
    counts = np.empty(len(real), dtype=np.int64)
    for rows, squared in squared_distance_blocks(real, synthetic):
        counts[rows] = (squared <= (radii[rows] ** 2 + slack)[:, None]).sum(axis=1)
    return counts


def noise_spread(synthetic: npt.ArrayLike, real: npt.ArrayLike) -> float:
    """Return the spread over draws of one series and time against the spread over real days.

    For each pair (a series and a time) and step: the variance over the draws, or over the real
    days; then the root of its mean over pairs and steps; then synthetic over real. 1 says that
    noise moves the samples as much as days differ; near 0 says that the noise is ignored.

    Args:
        synthetic: (pairs, draws, L), draws >= 2: several samples of the same series and time.
        real: (pairs, days, L), days >= 2: real windows of the same series at the same phase.

    Raises:
        DataError: Missing values, wrong shapes, or real days that never differ.
    """
    drawn, days = _as_groups(synthetic, "synthetic"), _as_groups(real, "real")
    if drawn.shape[0] != days.shape[0] or drawn.shape[2] != days.shape[2]:
        raise DataError(
            f"synthetic has shape {drawn.shape} and real {days.shape}; both need the same pairs "
            "(first) and length (last)."
        )
    reference = float(days.var(axis=1, ddof=1).mean())
    if not reference > 0:
        raise DataError(
            "The real days of every pair are identical, so their spread is 0; "
            "give pairs whose days differ."
        )
    return float(np.sqrt(drawn.var(axis=1, ddof=1).mean() / reference))


def _as_groups(values: npt.ArrayLike, name: str) -> Array:
    groups = np.asarray(values, dtype=np.float64)
    if groups.ndim != 3 or groups.shape[1] < 2 or groups.size == 0:
        raise DataError(
            f"{name} has shape {groups.shape}; "
            "expected (pairs, at least 2 windows of each, length)."
        )
    as_rows(groups.reshape(-1, groups.shape[2]), name)
    return groups
