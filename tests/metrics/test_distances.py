"""Nearest neighbours in blocks equal scikit-learn's and a whole matrix of distances."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from tsgen.errors import DataError
from tsgen.metrics import (
    distances,
    nearest_distances,
    neighbour_radii,
)


def test_neighbours_equal_scikit_learn_and_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(7)
    points, others = rng.normal(size=(50, 6)) + 100, rng.normal(size=(40, 6)) + 100
    found = NearestNeighbors(n_neighbors=5).fit(points)
    radii, nearest = neighbour_radii(points, 4), nearest_distances(others, points)
    np.testing.assert_allclose(radii, found.kneighbors(points)[0][:, 4])
    np.testing.assert_allclose(nearest, found.kneighbors(others)[0][:, 0])
    monkeypatch.setattr(distances, "_BLOCK_NUMBERS", 120)
    np.testing.assert_allclose(neighbour_radii(points, 4), radii)
    np.testing.assert_allclose(nearest_distances(others, points), nearest)


def test_a_copy_is_at_distance_zero_exactly():
    rng = np.random.default_rng(7)
    points = rng.normal(size=(20, 30)) * 1e6
    np.testing.assert_array_equal(nearest_distances(points[:7], points), 0.0)


@pytest.mark.parametrize("numbers", [1, 60, 10**6])
def test_blocks_cover_every_pair_once(monkeypatch, numbers):
    rng = np.random.default_rng(7)
    monkeypatch.setattr(distances, "_BLOCK_NUMBERS", numbers)
    queries, references = rng.normal(size=(9, 4)) + 50, rng.normal(size=(20, 4)) + 50
    blocks = list(distances.squared_distance_blocks(queries, references))
    assert [k for rows, _ in blocks for k in range(9)[rows]] == list(range(9))
    found = np.concatenate([block for _, block in blocks])
    np.testing.assert_allclose(found, cdist(queries, references) ** 2, atol=1e-9)


def test_impossible_points_are_refused():
    rng = np.random.default_rng(7)
    with pytest.raises(
        DataError, match="num_neighbours=4 is not possible with 4 windows: give at least 5"
    ):
        neighbour_radii(rng.normal(size=(4, 2)), 4)
    with pytest.raises(DataError, match="rows of length 3 and references of length 2"):
        nearest_distances(np.ones((2, 3)), np.ones((2, 2)))
