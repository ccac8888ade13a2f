import numpy as np
import pytest

from tsgen.allocation.solving import Limits


def test_numbers_hold_for_all_and_nobody_is_in_more_campaigns_than_there_are():
    limits = Limits.of(9, (4, 2), at_least=1, budgets=[3.0, np.inf])
    assert limits.users.tolist() == [2] * 4
    assert limits.at_least.tolist() == [1, 1]
    assert limits.at_most.tolist() == [4, 4]  # all users, unless it is said
    assert limits.budgets.tolist() == [3.0, np.inf]
    assert limits.total == np.inf


@pytest.mark.parametrize(
    ("money", "binds"), [({}, False), ({"total": 5.0}, True), ({"budgets": [np.inf, 2.0]}, True)]
)
def test_money_binds_where_a_budget_is_finite(money, binds):
    assert Limits.of(1, (4, 2), **money).knapsack is binds


def test_a_part_of_the_users_has_the_same_share_of_everything():
    limits = Limits.of(
        [1, 2, 1, 0], (4, 2), at_least=2, at_most=[4, 3], budgets=[8.0, np.inf], total=6.0
    )
    half = limits.sampled(np.array([1, 3]))
    assert half.users.tolist() == [2, 0]
    assert half.at_least.tolist() == [1, 1]
    assert half.at_most.tolist() == [2, 1.5]
    assert half.budgets.tolist() == [4.0, np.inf]
    assert half.total == 3.0
