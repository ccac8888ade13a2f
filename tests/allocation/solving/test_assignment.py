"""Pairs taken many at a time, against taking them one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation_problems import problem
from tsgen.allocation.solving import Assignment, Limits
from tsgen.allocation.solving import assignment as module


def in_order(pairs, limits, draw):
    """Return all allowed pairs in a random order: users, campaigns, values, costs."""
    rows, columns = np.nonzero(np.isfinite(pairs.values))
    order = draw.permutation(len(rows))
    rows, columns = rows[order], columns[order]
    costs = np.broadcast_to(np.asarray(pairs.costs, float), pairs.shape)[rows, columns]
    return rows, columns, pairs.values[rows, columns], costs


def one_by_one(entries, limits, *, minima=False):
    """Return the pairs that a plain loop takes."""
    users, places = limits.users.copy(), np.floor(limits.at_most)
    money, total, chosen = limits.budgets * (1 + 5e-10), limits.total * (1 + 5e-10), set()
    counts = np.zeros(len(places))
    for i, j, value, cost in zip(*(part.tolist() for part in entries), strict=True):
        wanted = counts[j] < limits.at_least[j] if minima else value > 0
        if wanted and users[i] > 0 and counts[j] < places[j] and cost <= min(money[j], total):
            users[i], counts[j] = users[i] - 1, counts[j] + 1
            money[j], total = money[j] - cost, total - cost
            chosen.add((i, j))
    return chosen


def chosen_of(done):
    return set(zip(*(part.tolist() for part in done.pairs()), strict=True))


@given(
    st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 7), st.booleans(), st.booleans(),
    st.sampled_from([1, 40]), st.sampled_from([5, 4_000_000]),
)  # fmt: skip
def test_many_at_a_time_is_one_by_one(seed, n, m, money, minima, rounds, at_once):
    pairs, limits = problem(seed, n, m, money=money)
    entries = in_order(pairs, limits, np.random.default_rng(seed))
    done = Assignment(limits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ROUNDS", rounds)
        patch.setattr(module, "_AT_ONCE", at_once)
        done.take(*entries, minima=minima)
    expected = one_by_one(entries, limits, minima=minima)
    assert chosen_of(done) == expected
    assert done.value == pytest.approx(sum(pairs.values[i, j] for i, j in expected))
    done.take(*entries)
    counts = np.bincount(done.pairs()[1], minlength=m)
    assert (counts <= limits.at_most).all()
    assert len(chosen_of(done)) == len(done.pairs()[0])
    assert np.array_equal(done.missing, np.maximum(limits.at_least - counts, 0))


def test_a_chain_of_pairs_that_wait_for_each_other():
    rows = np.repeat(np.arange(60), 2)[1:]
    columns = np.repeat(np.arange(60), 2)[:-1]
    limits, ones = Limits.of(1, (60, 60), at_most=1), np.ones(119)
    done = Assignment(limits)
    done.take(rows, columns, ones, 0 * ones)
    assert chosen_of(done) == one_by_one((rows, columns, ones, 0 * ones), limits)


def test_swapping_in_takes_the_users_whose_change_costs_least():
    limits = Limits.of(1, (4, 2), at_most=4, at_least=[0, 2])
    done = Assignment(limits)
    values = np.array([[5.0, 1], [4, 3], [9, 1], [2, 0]])
    done.take(np.arange(4), np.zeros(4, int), values[:, 0], np.zeros(4))
    done.swap_in(1, np.arange(4), values[:, 1], np.zeros(4))
    assert chosen_of(done) == {(0, 0), (2, 0), (1, 1), (3, 1)}
    assert done.value == 5 + 9 + 3 + 0
    assert not done.missing.any()


def test_swapping_in_never_takes_from_a_campaign_at_its_minimum():
    limits = Limits.of(1, (3, 2), at_most=3, at_least=[2, 2])
    done = Assignment(limits)
    done.take(np.arange(3), np.zeros(3, int), np.ones(3), np.zeros(3))
    done.swap_in(1, np.arange(3), np.ones(3), np.zeros(3))
    assert done.missing.tolist() == [0, 1]
    assert np.bincount(done.pairs()[1]).tolist() == [2, 1]


def test_what_is_left_is_what_was_given_less_what_was_taken():
    limits = Limits.of(2, (3, 2), at_most=2, budgets=[1.0, np.inf], total=3.0)
    done = Assignment(limits)
    done.take(np.array([0, 1]), np.array([0, 1]), np.ones(2), np.array([0.75, 1.0]))
    left = done.left(np.array([0, 2]))
    assert left.users.tolist() == [1, 2]
    assert left.at_most.tolist() == [1, 1]
    assert left.budgets[0] == pytest.approx(0.25)
    assert left.total == pytest.approx(1.25)
    assert done.open(np.array([0, 2]), np.array([0, 1])).all()
