import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from tsgen.errors import DataError
from tsgen.scores.matrix import ScoreMatrix


@st.composite
def matrices(draw):
    n, m, d = draw(st.integers(1, 12)), draw(st.integers(1, 8)), draw(st.integers(0, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    # Whole numbers make exact ties likely.
    parts = [random.integers(-1, 2, s).astype(np.float32) for s in ((n, d), (m, d), (n,), (m,))]
    parts[3][random.random(m) < 0.2] = -np.inf
    pairs = sp.csr_array(random.integers(0, 2, (n, m)) * (random.random((n, m)) < 0.4))
    excluded = sp.csr_array(random.random((n, m)) < 0.3)
    return ScoreMatrix(
        pd.Index([f"u{k:02d}" for k in range(n)]),
        pd.Index(range(100, 100 + m)),
        *parts,
        pairs=draw(st.sampled_from([None, pairs])),
        excluded=draw(st.sampled_from([None, excluded])),
        block_numbers=draw(st.sampled_from([1, 10, 10**6])),
    )


def slow(scores):
    """All scores by a loop, NaN where excluded."""
    n, m = scores.shape
    dense = np.zeros((n, m), np.float32)
    for i in range(n):
        for j in range(m):
            log = scores.user_factors[i] @ scores.item_factors[j]
            log = np.float32(log + scores.item_bias[j]) + scores.user_bias[i]
            dense[i, j] = np.exp(np.float32(log))
            if scores.pairs is not None:
                dense[i, j] += np.float32(scores.pairs.toarray()[i, j])
            if scores.excluded is not None and scores.excluded.toarray()[i, j]:
                dense[i, j] = np.nan
    return dense


@given(matrices())
def test_blocks_and_tables_equal_a_slow_loop(scores):
    expected = slow(scores)
    n, m = scores.shape
    kept = ~np.isnan(expected)
    whole = scores.block(slice(0, n), slice(0, m))
    np.testing.assert_allclose(whole[kept], expected[kept], rtol=1e-6)
    part = scores.block(slice(n // 2, n), slice(m // 3, m))
    np.testing.assert_array_equal(part, whole[n // 2 :, m // 3 :])
    table = scores.to_frame()
    assert len(table) == kept.sum()
    rows = [int(user[1:]) for user in table["user_id"]]
    np.testing.assert_allclose(table["score"], expected[rows, table["item_id"] - 100], rtol=1e-6)
    np.testing.assert_allclose(
        scores.sums(range(m)), np.where(kept, expected, 0).sum(axis=1), rtol=1e-5
    )
    largest = np.where(kept, expected, 0).max(axis=1)
    np.testing.assert_allclose(scores.campaign(range(m))[1], largest, rtol=1e-5)


@given(matrices(), st.integers(1, 6))
def test_lists_equal_a_slow_sort_with_ties_by_id(scores, num):
    n, m = scores.shape
    dense = scores.block(slice(0, n), slice(0, m)).astype(float)
    dense[np.isnan(slow(scores))] = np.nan
    users = scores.top_users(num)
    items = scores.top_items(num)
    for j in range(m):
        order = sorted((i for i in range(n) if dense[i, j] >= 0), key=lambda i: (-dense[i, j], i))
        rows = users[users["item_id"] == 100 + j]
        assert rows["user_id"].tolist() == [f"u{i:02d}" for i in order[:num]]
        assert rows["rank"].tolist() == list(range(1, len(rows) + 1))
        np.testing.assert_allclose(rows["score"], dense[order[:num], j], rtol=1e-6)
    for i in range(n):
        order = sorted((j for j in range(m) if dense[i, j] >= 0), key=lambda j: (-dense[i, j], j))
        rows = items[items["user_id"] == f"u{i:02d}"]
        assert rows["item_id"].tolist() == [100 + j for j in order[:num]]


@given(matrices(), st.integers(0, 2**31))
def test_naming_users_in_another_order_changes_no_score(scores, seed):
    order = np.random.default_rng(seed).permutation(scores.shape[0])
    n, m = scores.shape
    moved = scores.select_users(order)
    np.testing.assert_array_equal(
        moved.block(slice(0, n), slice(0, m)), scores.block(slice(0, n), slice(0, m))[order]
    )
    columns = np.random.default_rng(seed).permutation(m)[: max(m // 2, 1)]
    np.testing.assert_allclose(
        scores.select_items(columns).sums(range(len(columns))), scores.sums(columns), rtol=1e-6
    )


def test_memory_stays_within_a_block():
    tracemalloc = pytest.importorskip("tracemalloc")
    random = np.random.default_rng(0)
    n, m, d = 40_000, 100, 16
    scores = ScoreMatrix(
        pd.RangeIndex(n),
        pd.RangeIndex(m),
        random.normal(size=(n, d)).astype(np.float32),
        random.normal(size=(m, d)).astype(np.float32),
        np.zeros(n, np.float32),
        np.zeros(m, np.float32),
        block_numbers=200_000,
    )
    tracemalloc.start()
    scores.top_users(50)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * n * m * 4  # the whole matrix would be 16 MB


def test_parts_that_do_not_fit_and_overflow_are_said():
    users, items = pd.RangeIndex(2), pd.RangeIndex(3)
    with pytest.raises(DataError, match=r"item_bias has shape \(2,\); expected \(3,\)"):
        ScoreMatrix.of_biases(users, items, np.zeros(2), np.zeros(2))
    with pytest.raises(DataError, match="not finite"):
        ScoreMatrix.of_biases(users, items, np.full(2, 500.0), np.zeros(3)).top_users(1)


@given(matrices())
def test_sums_with_weights_leave_excluded_pairs_out_in_blocks_of_any_size(scores):
    weights = np.arange(1.0, 1 + scores.shape[1])
    expected = np.nan_to_num(slow(scores).astype(np.float64), nan=0.0)
    np.testing.assert_allclose(scores.user_sums(weights), expected @ weights, rtol=1e-5)
    np.testing.assert_allclose(scores.item_sums(), expected.sum(axis=0), rtol=1e-5)
