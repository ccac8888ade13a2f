import numpy as np
import pytest
import scipy.sparse as sp

from tsgen.data import Histories
from tsgen.intensity.pairs import SeenPairs
from tsgen.intensity.relevance import FittedTowers

from ..conftest import HORIZON, cycles

SPAN = 2 * HORIZON


@pytest.fixture(scope="module")
def asked():
    return Histories.of(cycles(), 30 * HORIZON)


@pytest.fixture(scope="module")
def towers():
    draw = np.random.default_rng(1)
    shapes = {"item_factors": (5, 2), "item_bias": 5, "inputs": (16, 3), "inner": (3, 3),
              "inner_bias": 3, "outer": (3, 3)}  # fmt: skip
    arrays = {k: 0.3 * draw.normal(size=shape) - 0.5 for k, shape in shapes.items()}
    return FittedTowers(**{k: a.astype(np.float32) for k, a in arrays.items()}, span=SPAN)


def shares_of(pairs, asked, towers):
    """Return the shares of all pairs, before and after what is added, (r, items)."""
    factors, bias = towers.users(asked)
    low = np.exp((factors @ towers.item_factors.T + bias[:, None] + towers.item_bias).astype(float))
    share, extra, _ = pairs.split(asked, SPAN, np.ones(len(asked)), towers, (factors, bias))
    return low, share[:, None] * low + extra.toarray()


def fitted(asked, towers, target):
    counts = asked.pair_counts()
    taught = sp.csr_array((target(counts.data), counts.indices, counts.indptr), counts.shape)
    return SeenPairs.fit(asked, SPAN, towers, taught)


def test_a_users_shares_add_up_to_one(asked, towers):
    pairs = fitted(asked, towers, lambda count: 0.1 * count)
    _, shares = shares_of(pairs, asked, towers)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-5)
    assert (shares > -1e-9).all()


def test_unseen_pairs_keep_the_odds_of_the_towers(asked, towers):
    pairs = fitted(asked, towers, lambda count: 0.1 * count)
    low, shares = shares_of(pairs, asked, towers)
    unseen = asked.pair_counts().toarray() == 0
    row = int(np.flatnonzero(unseen.sum(axis=1) > 1)[0])
    odds = [values[row, unseen[row]] / values[row, unseen[row]].sum() for values in (low, shares)]
    np.testing.assert_allclose(*odds, rtol=1e-4)


def test_what_a_teacher_says_of_the_past_is_learnt(asked, towers):
    """Shares that are a power of the number of events are a formula of this kind."""
    pairs = fitted(asked, towers, lambda count: 0.05 * (1 + count) ** 1.5)
    seen = asked.pair_counts()
    _, shares = shares_of(pairs, asked, towers)
    rows, items = seen.nonzero()
    two = np.flatnonzero(np.bincount(rows, minlength=len(asked)) > 1)
    errors = []
    for row in two:
        own = items[rows == row]
        counts = np.array([seen[row, item] for item in own])
        wanted = (1 + counts) ** 1.5
        errors.append(np.log(shares[row, own] / shares[row, own[0]] / (wanted / wanted[0])))
    assert np.abs(np.concatenate(errors)).max() < 0.05


def test_who_did_nothing_has_no_pairs(asked, towers):
    pairs = fitted(asked, towers, lambda count: 0.1 * count)
    early = Histories.of(asked.events, 0)
    _, shares = shares_of(pairs, early, towers)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-5)
    nothing = SeenPairs.fit(early, SPAN, towers, early.pair_counts())
    np.testing.assert_allclose(shares_of(nothing, early, towers)[1], shares, rtol=1e-5)


def test_they_come_back_from_their_arrays(asked, towers):
    pairs = fitted(asked, towers, lambda count: 0.1 * count)
    again = SeenPairs.from_arrays(pairs.arrays())
    np.testing.assert_array_equal(
        shares_of(pairs, asked, towers)[1], shares_of(again, asked, towers)[1]
    )
