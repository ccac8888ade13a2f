"""From a time budget to steps."""

import time

import pytest

from tsgen.errors import SettingsError
from tsgen.training import plan_steps, seconds_per_step


def test_steps_spend_each_stages_share_of_the_budget():
    steps = plan_steps([0.1, 0.5], [0.25, 0.75], budget=100)
    assert steps == (250, 150)
    assert 0.1 * steps[0] + 0.5 * steps[1] == pytest.approx(100)


def test_a_budget_too_small_for_one_step_of_a_stage_names_what_is_needed():
    with pytest.raises(SettingsError, match="give at least 20 s more"):
        plan_steps([1.0, 10.0], [0.5, 0.5], budget=5)


def test_timing_takes_the_median_and_leaves_out_the_first_call():
    pauses = iter([0.3, 0.01, 0.2, 0.01])
    assert seconds_per_step(lambda: time.sleep(next(pauses)), "wall") < 0.1
