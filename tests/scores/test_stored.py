"""The best stored pairs are those of a dense matrix whose other pairs cannot be listed."""

import numpy as np
import pytest
import scipy.sparse as sp

from tsgen.scores import DenseScores, scores_at, top_columns, top_rows, top_stored


@pytest.fixture
def case():
    draw = np.random.default_rng(5)
    scores = draw.integers(0, 6, (40, 9)).astype(float)  # many ties, and zeros
    stored = draw.uniform(size=scores.shape) < 0.4
    stored[3], stored[:, 2] = False, False
    return scores, stored, sp.csr_array(stored.astype(float))


@pytest.mark.parametrize("block_numbers", [1, 50, 10_000])
def test_scores_are_those_of_the_stored_pairs_whatever_the_blocks(case, block_numbers):
    scores, stored, pairs = case
    found = scores_at(DenseScores(scores), pairs, block_numbers)
    assert found.nnz == stored.sum()
    np.testing.assert_array_equal(found.toarray(), np.where(stored, scores, 0))


@pytest.mark.parametrize("num", [1, 3, 30])
def test_the_best_are_those_of_the_dense_matrix_without_the_rest(case, num):
    scores, stored, pairs = case
    left = DenseScores(np.where(stored, scores, -np.inf))
    kept = scores_at(DenseScores(scores), pairs)
    for found, dense in (
        (top_stored(kept, num), top_columns(left, num)),
        (top_stored(sp.csr_array(kept.T), num), top_rows(left, num)),
    ):
        np.testing.assert_array_equal(found[0], dense[0])
        np.testing.assert_array_equal(found[1], dense[1])
