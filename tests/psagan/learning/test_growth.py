"""The growth schedule, and how settings become one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.psagan import PSAGANSettings
from tsgen.psagan.learning.growth import Growth

schedules = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=5
).filter(lambda stages: stages[-1][0] > 0)


@given(schedules)
def test_stage_and_alpha_follow_a_walk_through_the_schedule(stages):
    steps, fades = zip(*stages, strict=True)
    growth = Growth(steps, fades)
    walked = []
    for stage, (count, fade) in enumerate(stages):
        for done in range(1, count + 1):
            grown = 1.0 if stage == 0 or done >= fade else done / fade
            walked.append((stage, grown))
    assert growth.num_steps == len(walked)
    assert [growth.at(step) for step in range(growth.num_steps)] == walked


def test_after_its_last_step_a_training_stays_in_the_last_stage():
    growth = Growth((3, 4), fade_in_steps=(0, 2))
    assert growth.at(growth.num_steps) == growth.at(growth.num_steps + 100) == (1, 1.0)
    assert Growth((3,), fade_in_steps=(0,)).at(3) == (0, 1.0)


def test_a_level_without_fade_in_is_there_from_its_first_step():
    assert Growth((2, 2), fade_in_steps=(0, 0)).at(2) == (1, 1.0)
    assert Growth((0, 2), fade_in_steps=(0, 1)).at(0) == (1, 1.0)


@pytest.mark.parametrize(
    ("length", "total"),
    [(16, 250_000), (32, 350_000), (64, 450_000), (128, 550_000), (256, 650_000)],
)
def test_the_paper_trains_for_its_published_iterations(length, total):
    settings = PSAGANSettings(preset="paper", target_length=length)
    steps = settings.steps_by_stage()
    assert sum(steps) == total
    assert steps[0] == 100_000
    assert steps[-1] == 150_000
    assert set(steps[1:-1]) <= {100_000}


@pytest.mark.parametrize("length", [16, 64, 256])
def test_the_paper_fades_each_stage_in_over_500_epochs(length):
    settings = PSAGANSettings(preset="paper", target_length=length)
    assert set(settings.fade_in_steps(settings.steps_by_stage())[1:]) == {50_000}


@pytest.mark.parametrize("preset", ["default", "paper"])
@pytest.mark.parametrize("costs", [None, [1.0, 2.0, 4.0]])
def test_stage_shares_are_shares(preset, costs):
    shares = PSAGANSettings(preset=preset, target_length=32).stage_shares(costs)
    assert len(shares) == 3
    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0


def test_the_paper_keeps_its_proportions_of_steps_under_a_budget():
    costs = [0.01, 0.03, 0.2]
    shares = PSAGANSettings(preset="paper", target_length=32).stage_shares(costs)
    steps = [share / cost for share, cost in zip(shares, costs, strict=True)]
    assert steps[1] / steps[0] == pytest.approx(1.0)
    assert steps[2] / steps[0] == pytest.approx(1.5)


@given(length=st.integers(8, 1024), total=st.integers(50, 10_000))
def test_the_steps_of_the_stages_add_up(length, total):
    settings = PSAGANSettings(target_length=length, num_steps=total)
    steps = settings.steps_by_stage()
    assert sum(steps) == total
    assert len(steps) == len(settings.lengths) == len(settings.level_channels)
    assert min(steps) >= 1
    assert all(later >= earlier - 1 for earlier, later in pairwise(steps))


@given(length=st.sampled_from([16, 128]), total=st.integers(1000, 20_000))
def test_steps_asked_for_with_the_paper_keep_its_proportions(length, total):
    steps = PSAGANSettings(preset="paper", target_length=length, num_steps=total).steps_by_stage()
    assert sum(steps) == total
    assert steps[-1] / steps[0] == pytest.approx(1.5, rel=0.05)
