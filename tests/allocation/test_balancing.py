"""Demands of campaigns about groups: as good as a linear programme, and what they cost is said."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

import tsgen
from tsgen.allocation import Campaign, Plan, Problem, pose, solve_balanced
from tsgen.allocation.solving import DensePairs, Limits
from tsgen.errors import DataError, SettingsError
from tsgen.evaluation.allocation.arms import MODEL, WITHOUT_DEMANDS, assign_all
from tsgen.evaluation.allocation.outcome import Outcome
from tsgen.report import page_text

FAIR = {"name": "one", "items": ["a"], "at_most": 20, "facet": "country=DE", "min_ratio": 0.9}


class SmallPool(DensePairs):
    """Pairs in memory with a plan and a table of users."""

    def __init__(self, values, plan, kind, own=None):
        super().__init__(values)
        object.__setattr__(self, "plan", plan)
        object.__setattr__(self, "own", own or {})
        ids = pd.RangeIndex(len(kind))
        people = SimpleNamespace(users=SimpleNamespace(ids=ids), user_table=kind.to_frame("kind"))
        object.__setattr__(self, "candidates", people)
        object.__setattr__(self, "kind", kind)

    def of_lists(self, campaigns, own):
        values = self.values[:, campaigns].copy()
        for column, mine in own.items():
            values[~mine, column] = -np.inf
        copies = tuple(self.plan.campaigns[one] for one in campaigns)
        return SmallPool(values, SimpleNamespace(campaigns=copies), self.kind, own)


def small_problem(seed, users=24, most=(9, 8), places=1):
    """Two campaigns of which the one that counts, ratio or share, is against a group's values."""
    random = np.random.default_rng(seed)
    kind = pd.Series(random.choice(["x", "y", "z"], users, p=[0.3, 0.4, 0.3]))
    values = random.gamma(1.0, 1.0, (users, 2)) * np.where(kind == "x", 0.3, 1.0)[:, None]
    values = values.astype(np.float32).astype(float)
    demands = {"facet": "kind", "min_ratio": 0.7}, {"facet": "kind=x", "min_share": 0.4}
    campaigns = [Campaign(name=name, items=[name], at_most=most[k], **demands[k])
                 for k, name in enumerate("ab")]  # fmt: skip
    pool = SmallPool(values, Plan(campaigns=campaigns, max_campaigns=places), kind)
    limits = Limits.of(places, (users, 2), at_most=np.array(most))
    return Problem(pool, limits, limits.users, {})


def optimum(problem, contacts):
    """The best value of all assignments of so many contacts that meet the demands, by HiGHS."""
    values, kind = problem.pool.values, problem.pool.kind.to_numpy()
    n, m = values.shape
    rows = [np.repeat(np.eye(n)[k], m) for k in range(n)]
    bounds = [problem.limits.users[0]] * n
    least = [-np.inf] * n
    for column in range(m):
        inside = np.tile(np.arange(m) == column, n).astype(float)
        rows.append(inside)
        bounds.append(contacts[column])
        least.append(contacts[column])
    ratio, share = (c.min_ratio or c.min_share for c in problem.pool.plan.campaigns)
    for group in "xyz":  # ratio * (others' share) - (the group's share) <= 0
        mine = np.where(kind == group, -1 / (kind == group).sum(), ratio / (kind != group).sum())
        rows.append(np.kron(mine, [1.0, 0.0]))
        bounds.append(1e-9)
    rows.append(np.kron(share - (kind == "x"), [0.0, 1.0]))
    bounds.append(1e-9)
    least += [-np.inf] * 4
    done = milp(-values.ravel(), constraints=LinearConstraint(np.array(rows), least, bounds),
                bounds=Bounds(0, 1), integrality=np.ones(n * m))  # fmt: skip
    return None if done.x is None else -done.fun


@pytest.mark.parametrize("places", [1, 2])
@pytest.mark.parametrize("seed", range(10))
def test_no_assignment_that_meets_the_demands_is_worth_more(seed, places):
    problem = small_problem(seed, places=places)
    best = optimum(problem, (9, 8))
    if best is None:
        with pytest.raises(SettingsError):
            solve_balanced(problem, solver="exact")
        return
    done = solve_balanced(problem, solver="exact")
    merged, kind = done.merged, problem.pool.kind.to_numpy()
    assert len(set(zip(merged.rows, merged.columns, strict=True))) == len(merged.rows)
    shares = pd.Series(1, kind[merged.rows[merged.columns == 1]]).groupby(level=0).sum()
    assert shares["x"] >= 0.4 * shares.sum() - 1e-9
    for row in done.groups[:3]:
        rest = [one for one in done.groups[:3] if one is not row]
        theirs = sum(one["after"] for one in rest) / sum(one["users"] for one in rest)
        assert row["share_after"] >= 0.7 * theirs - 1e-9
    assert merged.value == pytest.approx(best, rel=1e-6)


def test_without_demands_nothing_is_split(model):
    problem = pose(model, Plan.of([{"name": "one", "items": ["a"], "at_most": 5}]))
    done = solve_balanced(problem, solver="exact")
    assert done.plain is None
    assert done.problem is problem
    assert done.merged.duals is not None


def test_a_demand_holds_beside_other_campaigns_and_its_price_is_said(model, log):
    plan = [FAIR, {"name": "two", "items": ["b", "c"], "at_most": 20, "value": 2.0}]
    plain = [{k: v for k, v in FAIR.items() if k not in ("facet", "min_ratio")}, plan[1]]
    fair, before = tsgen.allocate(model, plan), tsgen.allocate(model, plain)
    groups = pd.DataFrame(fair.facts["groups"]).set_index("group")
    assert groups.loc["country=DE", "before"] < groups.loc["country=DE", "after"]
    assert groups.loc["country=DE", "share_after"] >= 0.9 * groups.loc["others", "share_after"]
    germans = fair.table[fair.table["campaign"].eq("one") & (fair.table["user_id"] % 3 == 0)]
    assert len(germans) == groups.loc["country=DE", "after"]
    assert fair.table["user_id"].is_unique
    one = fair.table[fair.table["campaign"] == "one"]
    assert one["rank"].tolist() == list(range(1, 21))
    assert one["expected_value"].is_monotonic_decreasing
    assert fair.summary["users"].tolist() == [20, 20]
    lost = before.table["expected_value"].sum() - fair.table["expected_value"].sum()
    price = fair.facts["price"]
    assert price["expected_value before"] - price["expected_value after"] == pytest.approx(lost)
    assert 0 < price["expected_value lost share"] < 0.2
    assert f"Demands about groups: {price['swapped']} contacts are with others" in fair.answer
    with pytest.raises(SettingsError, match="differ by group"):
        _ = fair.prices


def test_one_campaign_is_repaired_as_an_audience_is(model):
    alone = tsgen.allocate(model, [FAIR]).table
    fair = tsgen.rebalance(model, facet="country=DE", items=["a"], size=20, min_ratio=0.9)
    assert alone["user_id"].tolist() == fair.audience["user_id"].tolist()
    lists = model.audiences([FAIR])
    assert lists["user_id"].tolist() == fair.audience["user_id"].tolist()


def test_hold_outs_are_chosen_by_the_prices_of_their_group(model):
    fair = tsgen.allocate(model, [FAIR], holdout=0.3, salt="x")
    plain = {k: v for k, v in FAIR.items() if k not in ("facet", "min_ratio")}
    before = tsgen.allocate(model, [plain], holdout=0.3, salt="x")
    held, without = (set(one.holdouts["user_id"]) for one in (fair, before))
    assert {user for user in held - without} <= {user for user in held if user % 3 == 0}
    assert not held & set(fair.table["user_id"])


def test_the_realised_price_is_an_arm_of_the_backtest(model, log):
    problem = pose(model, Plan.of([FAIR]))
    arms = assign_all(problem, {}, Outcome.of(problem.pool, log), seed=1)
    assert len(arms[MODEL].rows) == len(arms[WITHOUT_DEMANDS].rows) == 20
    assert arms[MODEL].value < arms[WITHOUT_DEMANDS].value
    people = log.user_table.assign(user_id=log.users.ids)
    given = assign_all(problem, {}, Outcome.of(problem.pool, log), seed=1, users=people)
    assert given[MODEL].rows.tolist() == arms[MODEL].rows.tolist()


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"facet": "county=DE"}, SettingsError, "Campaign 'one': .*'county'.*Did you mean"),
        ({"facet": "country=XX"}, DataError, "Campaign 'one': Nobody is in the group"),
        ({"facet": "country", "min_ratio": None, "min_share": 0.5}, SettingsError, "one group"),
        ({"min_ratio": None, "min_share": 1.0, "at_most": 30}, SettingsError, "takes 30 users of"),
        ({"min_ratio": None}, SettingsError, "facet with one of min_ratio and min_share"),
        ({"facet": None}, SettingsError, "facet with one of min_ratio and min_share"),
        ({"min_ratio": 0.0}, SettingsError, "demands 0"),
        ({"cost": "postage", "budget": 9.0}, SettingsError, "give at_most, or one cost"),
    ],
)
def test_what_cannot_be_met_says_why(model, change, error, said):
    with pytest.raises(error, match=said):
        tsgen.allocate(model, [FAIR | change])


def test_attributes_may_be_of_a_table_and_say_the_same(model, log):
    people = log.user_table.assign(user_id=log.users.ids).iloc[::-1]
    fair = tsgen.allocate(model, [FAIR], users=people)
    assert fair.table["user_id"].tolist() == tsgen.allocate(model, [FAIR]).table["user_id"].tolist()
    few = tsgen.allocate(model, [FAIR], users=people[people["user_id"] < 130])
    assert {row["group"] for row in few.facts["groups"]} == {"country=DE", "others", "unknown"}
    with pytest.raises(SettingsError, match="no campaign has a facet"):
        tsgen.allocate(model, [{"name": "one", "items": ["a"]}], users=people)


def test_a_greedy_solver_has_no_prices_for_groups(model):
    with pytest.raises(SettingsError, match="use solver='dual'"):
        tsgen.allocate(model, [FAIR], solver="greedy")


def test_dual_prices_keep_the_demand_too(model):
    fair = tsgen.allocate(model, [FAIR], solver="dual")
    exact = tsgen.allocate(model, [FAIR], solver="exact")
    groups = pd.DataFrame(fair.facts["groups"]).set_index("group")["share_after"]
    assert groups["country=DE"] >= 0.9 * groups["others"]
    assert fair.facts["value"] == pytest.approx(exact.facts["value"], rel=0.01)


def test_a_page_says_what_each_group_has(model):
    page = page_text(tsgen.allocate(model, [FAIR]).to_result())
    assert "Demands about groups" in page
    assert "Contacts without demands" in page
