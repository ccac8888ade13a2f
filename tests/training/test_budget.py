"""From a time budget to steps."""

import pytest

from tsgen.errors import BudgetError
from tsgen.training import plan_steps, seconds_per_step
from tsgen.training.budget import CLOCKS


def test_steps_spend_each_stages_share_of_the_budget():
    steps = plan_steps([0.1, 0.5], [0.25, 0.75], budget=100)
    assert steps == (250, 150)
    assert 0.1 * steps[0] + 0.5 * steps[1] == pytest.approx(100)


def test_a_budget_too_small_for_one_step_of_a_stage_names_what_is_needed():
    with pytest.raises(BudgetError, match=r"one step of each stage needs 20 s .* least 50 s"):
        plan_steps([1.0, 10.0], [0.5, 0.5], budget=5)


def test_a_busy_machine_is_told_what_took_the_budget():
    """Timing took 25 of 20 s: what is too small, by what, and what would do."""
    with pytest.raises(BudgetError) as refusal:
        plan_steps([3.0], [1.0], budget=-5, whole=20)
    assert str(refusal.value) == (
        "The budget of 20 s is too small: preparing and timing the steps took 25 s of it, which "
        "leaves 0 s, and one step of each stage needs 3 s on this machine as busy as it is now. "
        "Give at least 56 s, or a number of steps instead."
    )


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the timed steps move."""
    time = {"now": 0.0}
    monkeypatch.setitem(CLOCKS, "wall", lambda: time["now"])
    return time


def taking(clock, *seconds):
    """Return a step that takes these times, the last one ever after; and what it took."""
    taken = []

    def step():
        taken.append(seconds[min(len(taken), len(seconds) - 1)])
        clock["now"] += taken[-1]

    return step, taken


def test_timing_is_the_mean_without_the_first_call(clock):
    step, taken = taking(clock, 30.0, 1.0, 3.0)
    assert seconds_per_step([step], "wall", budget=1.0) == [2.0]
    assert taken == [30.0, 1.0, 3.0]


def test_kinds_of_steps_are_timed_in_turn_for_three_per_cent_of_the_budget(clock):
    (fast, first), (slow, second) = taking(clock, 0.1), taking(clock, 0.4)
    found = seconds_per_step([fast, slow], "wall", budget=1000.0)
    assert found == pytest.approx([0.1, 0.4])
    assert len(first) == len(second)
    assert 30 <= clock["now"] < 30.5 + 1e-6


def test_processes_agree_on_each_round(clock):
    step, taken = taking(clock, 1.0)
    seconds_per_step([step], "wall", budget=1000.0, agree=lambda more: len(taken) < 4)
    assert len(taken) == 4  # though 3 % of the budget would have been more
