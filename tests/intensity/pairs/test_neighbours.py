import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from intensity.conftest import HORIZON, log_of
from tsgen.data import Histories
from tsgen.intensity.pairs.neighbours import item_neighbours, largest_in_rows


@given(st.integers(0, 2**31), st.integers(1, 4))
def test_the_largest_of_each_row_are_those_of_a_sort(seed, num):
    random = np.random.default_rng(seed)
    dense = random.integers(0, 4, (5, 6)).astype(float)
    found = largest_in_rows(sp.csr_array(dense), num).toarray()
    for row, kept in zip(dense, found, strict=True):
        order = sorted(np.flatnonzero(row), key=lambda k: (-row[k], k))[:num]
        np.testing.assert_array_equal(np.flatnonzero(kept), np.sort(order))


def test_items_of_the_same_users_are_neighbours_and_a_user_of_few_items_says_more():
    rows = [(f"u{k}", item, k + 0.1) for k in range(4) for item in ("tea", "mug")]
    rows += [("all", item, 5.0) for item in ("tea", "mug", "hat", "car")]
    events = log_of(rows)
    near = item_neighbours(Histories.of(events, 9 * HORIZON), 3).toarray()
    tea, mug, hat, car = events.items.find(["tea", "mug", "hat", "car"])
    assert near[tea, mug] > near[tea, hat]
    assert near[tea, mug] == near[mug, tea]
    assert near[hat, car] > 0
    assert ((near > 0).sum(axis=1) <= 3).all()
