import numpy as np
import pytest

import tsgen
from tsgen.allocation import Plan
from tsgen.allocation.costs import contact_costs
from tsgen.errors import DataError, SettingsError

ONE = {"name": "one", "items": ["a"], "cost": "postage"}


@pytest.fixture
def partly(log):
    """A model whose user table says postage of even ids only."""
    people = log.users.ids
    table = log.user_table.reset_index(drop=True).assign(user_id=people)
    table["postage"] = table["postage"].where(table["user_id"] % 2 == 0)
    again = tsgen.Interactions.from_frame(log.to_frame(), users=table, on_duplicate="keep")
    options = tsgen.TrainingOptions(seed=1, device="cpu", progress=False)
    return tsgen.RIMEstimator(horizon="7D", relevance="popularity").train(again, options=options)


def test_costs_are_a_number_or_a_column(model):
    plan = Plan.of([ONE, {"name": "two", "items": ["b"], "cost": 2.0}])
    users = model.candidates(at=None, events=None)
    everybody = np.ones(len(users.users), bool)
    fixed, by_user = contact_costs(plan, users, everybody, {})
    assert fixed.tolist() == [0.0, 2.0]
    expected = np.where(np.asarray(users.users.ids) % 2 == 0, 0.5, 1.5)
    assert np.array_equal(by_user[0], expected)
    few = everybody & (expected > 1)
    assert set(contact_costs(plan, users, everybody, {0: few})[1][0]) == {1.5}


def test_who_may_not_be_contacted_needs_no_cost(partly):
    odd = [user for user in partly.states.users.ids if user % 2]
    with pytest.raises(DataError, match=r"30 users without a cost .* of user 101\)"):
        tsgen.allocate(partly, [ONE])
    for plan, exclude in (([dict(ONE, exclude=odd)], None), ([ONE], odd)):
        table = tsgen.allocate(partly, plan, exclude=exclude).table
        assert len(table) == 30
        assert set(table["cost"]) == {0.5}
    for solver in ("greedy", "exact", "dual"):
        plan = tsgen.allocate(partly, [dict(ONE, budget=4.2)], exclude=odd, solver=solver)
        assert plan.summary["binding"].tolist() == ["budget"]


@pytest.mark.parametrize(
    ("plan", "budget", "text"),
    [
        (dict(ONE, budget=0.4), None, "Campaign 'one' has a budget of 0.4, below the 0.5 of"),
        (dict(ONE, budget=1.0, exclude=range(100, 160, 2)), None, "1, below the 1.5 of its cheap"),
        (dict(ONE, cost=2.0), 1.0, "The plan has a budget of 1, below the 2 of its cheapest"),
        (ONE, 0.4, "The plan has a budget of 0.4, below the 0.5 of its cheapest contact"),
    ],
)
def test_a_budget_below_one_contact_is_refused(model, plan, budget, text):
    with pytest.raises(SettingsError) as caught:
        tsgen.allocate(model, [plan], budget=budget)
    assert text in str(caught.value)
