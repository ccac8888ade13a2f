import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation_problems import problem
from tsgen.allocation.solving import DensePairs, Limits, explain_shortage, solve_exact


def reason(pairs, limits):
    names = [f"c{place}" for place in range(pairs.shape[1])]
    return explain_shortage(pairs, limits, names, block_numbers=1000)


@given(st.integers(0, 5000), st.integers(4, 30), st.integers(1, 5))
def test_a_reason_is_given_exactly_where_there_is_no_assignment(seed, n, m):
    pairs, limits = problem(seed, n, m, money=False, most_users=1)
    capped = np.minimum(limits.at_least, limits.at_most)
    limits = Limits(limits.users, capped, limits.at_most, limits.budgets)
    assert (reason(pairs, limits) is None) == (solve_exact(pairs, limits) is not None)


def test_too_few_users_are_counted():
    values = np.ones((10, 2))
    values[3:, 1] = -np.inf
    limits = Limits.of(1, (10, 2), at_least=[0, 5])
    assert reason(DensePairs(values), limits) == (
        "Campaign 'c1' needs at least 5 users, but 3 may be in it: 2 too few."
    )


def test_campaigns_that_clash_are_named_and_the_others_are_not():
    values = np.ones((20, 3))
    values[4:, :2] = -np.inf
    limits = Limits.of(1, (20, 3), at_least=[3, 3, 10])
    text = reason(DensePairs(values), limits)
    assert text.startswith(
        "Campaigns 'c0', 'c1' need at least 6 contacts together, but the users who may be in them "
        "can be contacted 4 times: 2 too few."
    )
    assert reason(DensePairs(values), Limits.of(2, (20, 3), at_least=[3, 3, 10])) is None


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"budgets": [2.5, np.inf]}, "Campaign 'c0' needs at least 3 users, whose cheapest contacts"
         " cost 3, but its budget is 2.5: 0.5 too little."),
        ({"total": 4.0}, "Campaigns 'c0', 'c1' need contacts for at least 5, but the budget of all "
         "is 4: 1 too little."),
    ],
)  # fmt: skip
def test_money_that_does_not_pay_for_the_minima_is_named(limits, text):
    pairs = DensePairs(np.ones((9, 2)), np.array([[1.0, 1.0]]))
    assert reason(pairs, Limits.of(1, (9, 2), at_least=[3, 2], **limits)) == text
