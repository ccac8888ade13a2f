import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from tsgen.scores import bm25_neighbours, largest_in_rows


@given(st.integers(0, 2**31), st.integers(1, 4))
def test_the_largest_of_each_row_are_those_of_a_sort(seed, num):
    random = np.random.default_rng(seed)
    dense = random.integers(0, 4, (5, 6)).astype(float)
    found = largest_in_rows(sp.csr_array(dense), num).toarray()
    for row, kept in zip(dense, found, strict=True):
        order = sorted(np.flatnonzero(row), key=lambda k: (-row[k], k))[:num]
        np.testing.assert_array_equal(np.flatnonzero(kept), np.sort(order))


def test_the_largest_of_a_row_are_the_first_where_they_tie():
    import scipy.sparse as sp

    values = sp.csr_array(np.array([[1.0, 3, 3, 2], [0, 0, 5, 0], [0, 0, 0, 0]]))
    assert largest_in_rows(values, 2).toarray().tolist() == [[0, 3, 3, 0], [0, 0, 5, 0], [0] * 4]
    assert largest_in_rows(values, 1).toarray()[0].tolist() == [0, 3, 0, 0]


def test_neighbours_do_not_depend_on_the_blocks(monkeypatch):
    random = np.random.default_rng(0)
    counts = sp.csr_array(random.poisson(0.4, (30, 12)).astype(float))
    whole = bm25_neighbours(counts, 4).toarray()
    monkeypatch.setattr("tsgen.scores.neighbours._BLOCK", 5)
    np.testing.assert_array_equal(bm25_neighbours(counts, 4).toarray(), whole)
