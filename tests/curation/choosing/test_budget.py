"""A budget becomes a plan once; no plan costs more than what is left."""

import pytest

from tsgen.curation.choosing import SHARES, RoundPlan, budget
from tsgen.curation.choosing.budget import Budget
from tsgen.errors import SettingsError


def test_a_larger_budget_never_buys_less():
    plans = []
    for seconds in (20, 60, 200, 1000, 10_000):
        budget = Budget.of(seconds, 12, 1)
        plans.append(budget.plan(0.1, 0.5).members(12))
    assert plans == sorted(plans)
    assert plans[0] < plans[-1]


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets."""
    now = [100.0]
    monkeypatch.setattr(budget.time, "perf_counter", lambda: now[0])
    return now


def spending(seconds, operations, generators):
    return Budget(seconds, operations, generators, begin=100.0)


def cost(plan, operations, member, draw):
    """What a plan costs: networks by their count, draws by the share of operations in them."""
    kept = min(plan.kept[0], operations)
    few = min(plan.kept[1], kept * len(SHARES))
    networks = (
        plan.seeds[0] * plan.draws[0] * (operations + 1)
        + plan.seeds[1] * plan.draws[1] * (kept * len(SHARES) + 1)
        + plan.seeds[2] * plan.draws[2] * (few + 1)
    )
    drawn = operations * plan.draws[0] + kept * plan.draws[1] + min(few, operations) * plan.draws[2]
    return networks * member + drawn / operations * draw


@pytest.mark.parametrize("operations", [1, 3, 12])
def test_the_plan_is_the_dearest_that_fits(clock, operations):
    for plan in budget._PLANS:
        seconds = cost(plan, operations, 0.1, 0.5)
        assert cost(
            spending(seconds + 1e-6, operations, 0).plan(0.1, 0.5), operations, 0.1, 0.5
        ) == (pytest.approx(seconds))
    kinds = [cost(plan, 12, 0.1, 0.5) for plan in budget._PLANS]
    assert kinds == sorted(kinds, reverse=True)


def test_time_spent_and_the_generators_of_the_answer_are_set_aside(clock):
    plain, cheapest = budget._PLANS[0], budget._PLANS[-1]
    dearest = cost(plain, 2, 0.1, 0.0)
    begun = spending(dearest, 2, 0)
    assert begun.plan(0.1, 0.0) == plain
    clock[0] += 0.5 * dearest
    assert begun.plan(0.1, 0.0) != plain
    clock[0] = 100.0
    assert spending(dearest, 2, 1).plan(0.1, 0.0) != plain
    enough = cost(cheapest, 2, 0.1, 0.0) / 0.8 + 1e-6  # 0.2 of it trains the answer's generator
    assert spending(enough, 2, 1).plan(0.1, 0.0) == cheapest
    with pytest.raises(SettingsError, match="too little"):
        spending(enough - 1, 2, 1).plan(0.1, 0.0)


def test_what_the_message_asks_for_is_enough(clock):
    with pytest.raises(SettingsError, match=r"budget=1s .* 4 ways .* at least (\d+)s") as refused:
        spending(1.0, 4, 1).plan(0.5, 0.5)
    asked = float(str(refused.value).split("at least ")[1].split("s,")[0])
    assert spending(asked, 4, 1).plan(0.5, 0.5) in budget._PLANS


@pytest.mark.parametrize(
    ("seconds", "generators", "each"), [(60, 1, 12.0), (60, 2, 6.0), (60, 0, 0.0), (9000, 1, 300.0)]
)
def test_generators_share_two_fifths_of_the_budget_half_of_it_for_the_answer(
    seconds, generators, each
):
    assert Budget.of(seconds, 3, generators).generator_seconds == pytest.approx(each)


def test_a_budget_is_a_time():
    assert Budget.of("15min", 3, 1).seconds == 900
    for nonsense in ("soon", None):
        with pytest.raises(SettingsError, match="budget"):
            Budget.of(nonsense, 3, 1)
    assert isinstance(budget._PLANS[0], RoundPlan)


def test_a_generator_without_time_is_refused_with_what_it_takes(clock):
    spent = spending(3.0, 2, 2)
    assert spent.generator_seconds == pytest.approx(0.3)
    message = str(spent.refused("psa-gan", least=6.0))
    assert "leaves 0.3s for one training of 'psa-gan', which needs 6s" in message
    asked = float(message.split("at least ")[1].split("s,")[0])
    assert 6.0 <= spending(asked, 2, 2).generator_seconds <= 6.2
