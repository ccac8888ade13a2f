"""Euclidean distances to nearest neighbours, in blocks so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, as_rows, same_width
from tsgen.errors import DataError

__all__ = ["nearest_distances", "neighbour_radii", "squared_distance_blocks"]

_BLOCK_NUMBERS = 4_000_000  # 32 MB of float64 distances at a time


def nearest_distances(queries: npt.ArrayLike, references: npt.ArrayLike) -> Array:
    """Return each query's Euclidean distance to its nearest reference.

    Args:
        queries: (q, d).
        references: (r, d).

    Returns:
        (q,) distances; exactly 0 for an exact copy.

    Raises:
        DataError: Missing values, no rows, or rows of different length.
    """
    queries, references = as_rows(queries, "queries"), as_rows(references, "references")
    same_width(queries, "queries", references, "references")
    nearest = np.empty(len(queries))
    for rows, squared in squared_distance_blocks(queries, references):
        closest = references[squared.argmin(axis=1)]
        # The product form of the distance loses digits near 0, so the winner is measured again.
        nearest[rows] = np.linalg.norm(queries[rows] - closest, axis=1)
    return nearest


def neighbour_radii(points: npt.ArrayLike, num_neighbours: int) -> Array:
    """Return each point's distance to its `num_neighbours`-th nearest other point.

    Args:
        points: (n, d), n > num_neighbours.
        num_neighbours: Which neighbour, 1 being the nearest.

    Returns:
        (n,) distances.

    Raises:
        DataError: Missing values, or too few points.
    """
    points = as_rows(points, "points")
    if not 1 <= num_neighbours < len(points):
        raise DataError(
            f"num_neighbours={num_neighbours} is not possible with {len(points)} windows: give at "
            f"least {num_neighbours + 1} windows, or ask for fewer neighbours (1 or more)."
        )
    radii = np.empty(len(points))
    for rows, squared in squared_distance_blocks(points, points):
        squared[np.arange(len(squared)), np.arange(rows.start, rows.stop)] = np.inf
        chosen = squared.argpartition(num_neighbours - 1, axis=1)[:, num_neighbours - 1]
        radii[rows] = np.linalg.norm(points[rows] - points[chosen], axis=1)
    return radii


def squared_distance_blocks(queries: Array, references: Array) -> Iterator[tuple[slice, Array]]:
    """Yield `(rows, squared distances of those query rows to all references)`."""
    centre = references.mean(axis=0)  # a common shift changes no distance and saves digits
    queries, references = queries - centre, references - centre
    norms = np.einsum("ij,ij->i", references, references)
    step = max(1, _BLOCK_NUMBERS // len(references))
    for start in range(0, len(queries), step):
        rows = slice(start, min(start + step, len(queries)))
        block = queries[rows]
        squared = block @ references.T
        squared *= -2.0
        squared += norms
        squared += np.einsum("ij,ij->i", block, block)[:, None]
        yield rows, np.maximum(squared, 0.0, out=squared)
