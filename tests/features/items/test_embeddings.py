"""Where events put items."""

import numpy as np
import scipy.sparse as sp

from tsgen.features.items.embeddings import item_embeddings, unit_rows


def test_full_rank_products_are_the_scaled_co_occurrence():
    random = np.random.default_rng(0)
    seen = (random.random((30, 6)) < 0.4).astype(float)
    scaled = seen / np.sqrt(np.maximum(seen.sum(1, keepdims=True), 1) * (seen.sum(0) + 1))
    places = item_embeddings(sp.csr_array(seen), 5, 0) / np.sqrt(6)
    values = np.linalg.svd(scaled)[1]
    gap = np.abs(places @ places.T - scaled.T @ scaled).max()
    assert gap <= values[-1] ** 2 + 1e-9  # all but the last direction


def test_one_item_has_a_place():
    assert item_embeddings(sp.csr_array(np.ones((4, 1))), 16, 0).shape == (1, 1)


def test_rows_without_length_stay():
    np.testing.assert_allclose(unit_rows(np.array([[3.0, 4.0], [0, 0]])), [[0.6, 0.8], [0, 0]])


def test_items_that_everybody_has_seen_are_alike():
    rows = item_embeddings(sp.csr_array(np.ones((6, 4))), 3, seed=1)
    np.testing.assert_allclose(rows @ rows.T, np.full((4, 4), (rows @ rows.T)[0, 0]), atol=1e-8)
