"""The two-player step: which loss moves whom, by how much, when, and on what it works."""

import copy
from contextlib import nullcontext
from itertools import pairwise

import numpy as np
import pytest
import torch

from tsgen.data import simulate_series
from tsgen.errors import SettingsError, TooLargeError
from tsgen.memory import memory_limit
from tsgen.psagan import PSAGANSettings
from tsgen.psagan.learning import task as adversarial
from tsgen.psagan.learning.preparation import NewTraining
from tsgen.psagan.learning.task import AdversarialTask
from tsgen.training import Processes

SMALL = {"target_length": 16, "batch_size": 6, "num_steps": 20, "channels": (4,), "latent_size": 3,
         "embedding_size": 2}  # fmt: skip


class OneOf(Processes):
    """A process of several that never meets the others; notes what it shares."""

    def __init__(self, rank=0, world=1):
        super().__init__(torch.device("cpu"), rank, world)
        self.averaged = []

    def autocast(self):
        return nullcontext()

    def average_gradients(self, parameters):
        self.averaged.append([p.grad.clone() for p in parameters if p.grad is not None])

    def agree(self, value):
        return value


@pytest.fixture(scope="module")
def panel():
    return simulate_series(num_series=3, length=60, seed=1)


@pytest.fixture
def task_of(panel):
    """Make a task of settings."""

    def make(processes=None, plan=None, data=panel, **settings):
        known = {k: settings.pop(k) for k in ("budget", "warm_start", "seed") if k in settings}
        chosen = PSAGANSettings(**(SMALL | settings))
        prepared = NewTraining.on(data, chosen).data
        seed = known.pop("seed", 1)
        return AdversarialTask(prepared, chosen, seed, processes or OneOf(), plan, **known)

    return make


@pytest.fixture
def calls(monkeypatch):
    """Note the arguments and results of the losses, and of every descent."""
    seen = {}

    def noted(name):
        function = getattr(adversarial, name)

        def call(*arguments):
            result = function(*arguments)
            kept = tuple(a.detach().clone() if torch.is_tensor(a) else a for a in arguments)
            seen.setdefault(name, []).append((kept, result))
            return result

        return call

    for name in ("discriminator_loss", "generator_loss", "gradient_penalty", "moment_loss",
                 "energy_score", "step_score", "fill_alike"):  # fmt: skip
        monkeypatch.setattr(adversarial, name, noted(name))
    descend = AdversarialTask._descend

    def descent(task, network, optimizer, loss):
        seen.setdefault("descend", []).append((network, optimizer, float(loss.detach())))
        descend(task, network, optimizer, loss)

    monkeypatch.setattr(AdversarialTask, "_descend", descent)
    return seen


def values(calls, name):
    """Return what a loss gave, call by call; 0 where it was never asked."""
    return [float(result.detach()) for _, result in calls.get(name, [])]


def numbers(network):
    return [p.detach().clone() for p in network.parameters()]


def vector(latent):
    """Return the numbers of a latent of the default networks, (B, size)."""
    return latent.vector


def moved(before, network):
    return any(not torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))


# ---- what is minimised ---------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["lsgan", "relativistic", "hinge"])
def test_the_generator_minimises_the_weighted_sum_of_its_losses(task_of, calls, loss):
    task = task_of(loss=loss, moment_weight=0.7, energy_weight=3.0, step_weight=0.4, r1_weight=0.0)
    told = task.step(0)
    adversarial_, moments, energy, steps = (
        values(calls, name)[0]
        for name in ("generator_loss", "moment_loss", "energy_score", "step_score")
    )
    network, optimizer, total = calls["descend"][1]
    assert (network, optimizer) == (task.generator, task.generator_optimizer)
    assert total == pytest.approx(adversarial_ + 0.7 * moments + 3.0 * energy + 0.4 * steps)
    assert {name: float(value) for name, value in told.items()} == pytest.approx(
        {
            "discriminator_loss": values(calls, "discriminator_loss")[0],
            "generator_loss": adversarial_,
            "moment_loss": moments,
            "energy_score": energy,
            "step_score": steps,
        }
    )


@pytest.mark.parametrize(
    ("weight", "names"),
    [
        ("moment_weight", {"moment_loss"}),
        ("energy_weight", {"energy_score", "step_score"}),
        ("step_weight", {"energy_score", "step_score"}),
    ],
)
def test_a_loss_without_weight_is_not_computed(task_of, calls, weight, names):
    weights = {"moment_weight": 0.0, "energy_weight": 0.0, "step_weight": 0.0, weight: 0.5}
    told = task_of(**weights, r1_weight=0.0).step(0)
    assert set(told) == {"discriminator_loss", "generator_loss"} | names
    assert set(calls) == {"discriminator_loss", "generator_loss", "fill_alike", "descend"} | names


def test_the_gradient_penalty_is_scaled_by_the_steps_it_stands_for(task_of, calls):
    """It is evaluated every third step, three times as strongly: on average, as if at each."""
    task = task_of(r1_weight=0.5, r1_interval=3)
    rows = [task.step(step) for step in range(7)]
    assert ["gradient_penalty" in row for row in rows] == [k % 3 == 0 for k in range(7)]
    penalties = iter(values(calls, "gradient_penalty"))
    losses = values(calls, "discriminator_loss")
    descents = [total for network, _, total in calls["descend"] if network is task.discriminator]
    for step, (loss, total) in enumerate(zip(losses, descents, strict=True)):
        penalty = next(penalties) if step % 3 == 0 else 0.0
        assert total == pytest.approx(loss + 0.5 * 3 * penalty)
        if step % 3 == 0:
            assert penalty > 0
            assert float(rows[step]["gradient_penalty"]) == pytest.approx(penalty)


def test_a_penalty_without_weight_is_never_computed(task_of, calls):
    task_of(r1_weight=0.0).step(0)
    assert "gradient_penalty" not in calls


def test_the_penalty_looks_at_real_windows_alone(task_of, calls):
    task = task_of(r1_weight=1.0, r1_interval=1)
    task.step(0)
    (scores, seen), _ = calls["gradient_penalty"][0]
    (real, fake), _ = calls["fill_alike"][0]
    torch.testing.assert_close(seen, task.discriminator.view(real))
    assert scores.shape == (6,)
    kind, score_real, _ = calls["discriminator_loss"][0][0]
    assert kind == "relativistic"
    torch.testing.assert_close(scores, score_real)
    assert not torch.equal(task.discriminator.view(fake), seen)


def test_the_discriminator_scores_real_and_fake_windows_as_two_groups_and_then_one(task_of):
    """The spread within a batch that it sees is of real windows or of fakes, never of both."""
    task, groups = task_of(), []
    task.discriminator.register_forward_hook(lambda _, given, __: groups.append(given[4]))
    task.step(0)
    assert groups == [2, 1]


# ---- who is moved --------------------------------------------------------------------------------


def test_each_loss_moves_its_own_player_only(task_of, monkeypatch):
    task, changes = task_of(), []
    descend = AdversarialTask._descend

    def watched(self, network, optimizer, loss):
        before = numbers(self.generator), numbers(self.discriminator)
        descend(self, network, optimizer, loss)
        pairs = zip(before, (self.generator, self.discriminator), strict=True)
        changes.append([moved(old, player) for old, player in pairs])

    monkeypatch.setattr(AdversarialTask, "_descend", watched)
    task.step(0)
    assert changes == [[False, True], [True, False]]  # the discriminator, then the generator


def test_the_generator_plays_against_the_updated_discriminator(task_of, calls):
    task = task_of(loss="lsgan", learning_rate_discriminator=0.1)
    task.step(0)
    _, _, before = calls["discriminator_loss"][0][0]
    _, none, after = calls["generator_loss"][0][0]
    assert none is None or none.shape == (6,)
    assert not torch.allclose(before, after, atol=1e-3)


def test_players_in_turn_follow_the_authors_head_start(task_of):
    """Fifty steps of the discriminator for each of the generator's first 25, then in turn."""
    task = task_of(alternate=True)
    players = [task._players(step) for step in range(25 * 51 + 6)]
    assert all(first != second for first, second in players)
    generator = [step for step, (_, second) in enumerate(players) if second]
    assert generator[:25] == [51 * k + 50 for k in range(25)]
    assert [later - earlier for earlier, later in pairwise(generator[24:])] == [2, 2, 2]


def test_a_step_of_one_player_leaves_the_other_and_the_average_alone(task_of, calls):
    task = task_of(alternate=True, loss="relativistic")
    averages = numbers(task.average.average)
    before = numbers(task.generator), numbers(task.discriminator)
    assert set(task.step(0)) >= {"discriminator_loss"}
    assert not moved(before[0], task.generator)
    assert moved(before[1], task.discriminator)
    assert not moved(averages, task.average.average)
    before = numbers(task.generator), numbers(task.discriminator)
    assert "discriminator_loss" not in task.step(50)
    assert moved(before[0], task.generator)
    assert not moved(before[1], task.discriminator)
    assert moved(averages, task.average.average)
    _, real, fake = calls["generator_loss"][0][0]  # which needs scores of real windows too
    assert real.shape == fake.shape == (6,)


def test_both_players_learn_at_every_step_unless_they_take_turns(task_of):
    task = task_of()
    assert {task._players(step) for step in range(60)} == {(True, True)}


def test_the_generators_loss_leaves_no_gradient_in_the_discriminator(task_of, monkeypatch):
    task, kept = task_of(), []
    descend = AdversarialTask._descend

    def watched(self, network, optimizer, loss):
        descend(self, network, optimizer, loss)
        gradients = [p.grad for p in self.discriminator.parameters() if p.grad is not None]
        kept.append([gradient.clone() for gradient in gradients])

    monkeypatch.setattr(AdversarialTask, "_descend", watched)
    task.step(0)
    for own, later in zip(*kept, strict=True):
        torch.testing.assert_close(own, later, rtol=0, atol=0)


# ---- how fast ------------------------------------------------------------------------------------


def rates(task, steps):
    told = []
    for step in range(steps):
        task.step(step)
        told.append([o.param_groups[0]["lr"] for o in
                     (task.generator_optimizer, task.discriminator_optimizer)])  # fmt: skip
    return np.array(told)


def test_learning_rates_hold_and_then_fall_linearly_to_their_floor(task_of):
    task = task_of(learning_rate=0.01, learning_rate_discriminator=0.02, decay_share=0.5,
                   decay_floor=0.25)  # fmt: skip
    factor = [1.0] * 11 + [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.25]
    np.testing.assert_allclose(rates(task, 20), np.outer(factor, [0.01, 0.02]))


def test_learning_rates_stay_where_no_share_of_the_training_decays(task_of):
    task = task_of(learning_rate=0.01, learning_rate_discriminator=0.02, decay_share=0.0)
    np.testing.assert_allclose(rates(task, 20), np.tile([0.01, 0.02], (20, 1)))


def test_the_optimisers_are_as_set(task_of):
    task = task_of(betas=(0.3, 0.7), learning_rate=0.5, learning_rate_discriminator=0.25)
    both = task.generator_optimizer.param_groups[0], task.discriminator_optimizer.param_groups[0]
    assert [(group["lr"], group["betas"]) for group in both] == [
        (0.5, (0.3, 0.7)),
        (0.25, (0.3, 0.7)),
    ]


def test_gradients_are_averaged_over_the_processes_before_each_descent(task_of):
    process = OneOf()
    task_of(process).step(0)
    assert [len(gradients) > 3 for gradients in process.averaged] == [True, True]
    first = process.averaged[0]
    task_of(second := OneOf(), gradient_clip=1e-9).step(0)
    for plain, clipped in zip(first, second.averaged[0], strict=True):
        torch.testing.assert_close(plain, clipped)  # they are scaled down after it


@pytest.mark.parametrize("greatest", [0.0, 0.02])
def test_gradients_are_scaled_down_to_the_greatest_norm(task_of, greatest):
    task, norms = task_of(gradient_clip=greatest), []

    def note(optimizer, *_):
        parts = [p.grad for group in optimizer.param_groups for p in group["params"]]
        whole = torch.cat([part.ravel() for part in parts if part is not None])
        norms.append(float(whole.norm()))

    for optimizer in (task.generator_optimizer, task.discriminator_optimizer):
        optimizer.register_step_pre_hook(note)
    task.step(0)
    assert len(norms) == 2
    assert all(norm == pytest.approx(0.02, rel=1e-3) if greatest else norm > 0.02 for norm in norms)


# ---- on what -------------------------------------------------------------------------------------


def test_both_players_see_windows_through_the_gaps_of_the_real_ones(task_of, calls, panel):
    holes = panel.values.copy()
    holes[7::9] = np.nan
    task = task_of(data=type(panel)(holes, panel.offsets, panel.starts, panel.freq, panel.item_ids))
    scored = []
    task.discriminator.register_forward_hook(lambda _, given, __: scored.append(given[0].detach()))
    task._update(0, 1, 1.0)
    (windows, drawn), (real, fake) = calls["fill_alike"][0]
    assert torch.isnan(windows).any()
    assert torch.isfinite(real).all()
    view = task.discriminator.view
    torch.testing.assert_close(scored[0], torch.cat([view(real), view(fake)]))
    torch.testing.assert_close(scored[1], view(fake))
    gap = torch.isnan(windows)
    assert not torch.equal(fake[gap], drawn[gap])
    torch.testing.assert_close(fake[~gap], drawn[~gap])


@pytest.mark.parametrize(("step_weight", "rows"), [(0.0, 3), (1.0, 6)])
def test_half_of_the_windows_are_drawn_again_and_all_where_steps_are_scored(
    task_of, calls, step_weight, rows
):
    task = task_of(step_weight=step_weight)
    drawn = []
    task.generator.register_forward_hook(lambda _, given, __: drawn.append(given))
    task.step(0)
    (latent, conditions, *_), (again, repeated, *_) = drawn
    latent, again = vector(latent), vector(again)
    assert len(again) == len(repeated.series) == rows
    torch.testing.assert_close(repeated.series, conditions.series[:rows])
    torch.testing.assert_close(repeated.time[-1], conditions.time[-1][:rows])
    assert not torch.equal(again, latent[:rows])  # another draw for the same conditions
    for name in ("energy_score", "step_score"):
        (x, g, h), _ = calls[name][0]
        torch.testing.assert_close(x, calls["fill_alike"][0][1][0][:rows])
        torch.testing.assert_close(g, calls["fill_alike"][0][1][1][:rows].detach())
        assert not torch.equal(g, h)


def test_one_window_alone_is_drawn_again(task_of, calls):
    task = task_of(batch_size=2)
    task.step(0)
    assert [len(part) for part in calls["energy_score"][0][0]] == [1, 1, 1]


def test_a_batch_depends_on_the_seed_and_the_step_alone(task_of):
    first, second, other = task_of(), task_of(), task_of(seed=2)
    second.step(0)
    a, b = first._batch(5, 1, 1.0), second._batch(5, 1, 1.0)
    torch.testing.assert_close(a.windows, b.windows)
    torch.testing.assert_close(vector(a.latent), vector(b.latent))
    torch.testing.assert_close(vector(a.second_latent), vector(b.second_latent))
    assert not torch.equal(a.windows, first._batch(6, 1, 1.0).windows)
    assert not torch.equal(a.windows, other._batch(5, 1, 1.0).windows)
    assert not torch.equal(vector(a.latent), vector(a.second_latent))


@pytest.mark.parametrize("world", [2, 3])
def test_the_processes_share_one_batch(task_of, world):
    whole = task_of()._batch(4, 1, 0.5)
    parts = [task_of(OneOf(rank, world))._batch(4, 1, 0.5) for rank in range(world)]
    for of in (
        lambda batch: batch.windows,
        lambda batch: vector(batch.latent),
        lambda batch: vector(batch.second_latent),
        lambda batch: batch.conditions.series,
    ):
        for rank, part in enumerate(parts):
            torch.testing.assert_close(of(part), of(whole)[rank::world])


def test_every_step_works_at_the_length_and_alpha_of_its_stage(task_of):
    task = task_of(schedule=(2, 4), fade_in=0.5)
    seen = []
    for network in (task.generator, task.discriminator):
        network.register_forward_hook(lambda _, given, __: seen.append(given))
    for step, (stage, alpha) in enumerate(
        [(0, 1.0), (0, 1.0), (1, 0.5), (1, 1.0), (1, 1.0), (1, 1.0)]
    ):
        seen.clear()
        task.step(step)
        assert task.facts(step) == {"stage": stage, "alpha": alpha}
        assert {(given[2], given[3]) for given in seen} == {(stage, alpha)}
        windows = task._batch(step, stage, alpha).windows
        assert windows.shape == (6, task.conditions.lengths[stage])


def test_a_share_faded_in_has_four_digits(task_of):
    task = task_of(schedule=(2, 6), fade_in=0.5)
    assert [task.facts(step)["alpha"] for step in (2, 3, 4)] == [0.3333, 0.6667, 1.0]


def test_windows_in_a_context_are_completed_at_their_stage(task_of):
    class Context:
        def complete(self, drawn, stage):
            return drawn + 10 * stage

    class Some:
        context = Context()

        def __getitem__(self, rows):
            return self

    task = task_of()
    task.generator = lambda latent, conditions, stage, alpha: torch.full((2, 8), alpha)
    batch = adversarial._Batch(None, Some(), torch.zeros(2, 3), None, 1, 0.5)
    drawn = task._generate(batch, batch.latent, slice(None))
    torch.testing.assert_close(drawn, torch.full((2, 8), 10.5))


# ---- the plan ------------------------------------------------------------------------------------


def test_without_a_budget_the_steps_are_those_of_the_settings(task_of):
    task = task_of(num_steps=30)
    assert task.plan == {"schedule": list(task.settings.steps_by_stage())}
    assert task.num_steps == 30


def test_a_plan_that_is_given_is_kept(task_of):
    task = task_of(plan={"schedule": [1, 2]})
    assert (task.growth.schedule, task.num_steps) == ((1, 2), 3)


def test_fine_tuning_goes_on_with_the_last_stage_at_full_resolution(task_of):
    first = task_of()
    first.step(0)
    task = task_of(warm_start=first.weights(), schedule=(5, 7))
    assert task.plan["schedule"] == [0, 7]
    assert task.growth.at(0) == (1, 1.0)  # nothing fades in again
    for mine, theirs in ((task.generator, first.average.average),
                         (task.discriminator, first.discriminator)):  # fmt: skip
        assert not moved(numbers(theirs), mine)
    assert not moved(numbers(task.generator), task.average.average)


class Timing:
    """Stands for `seconds_per_step`: runs each kind of step once and tells its cost."""

    def __init__(self, *costs):
        self.costs = costs

    def __call__(self, steps, clock, budget, agree):
        assert agree(False) is False
        assert len(steps) == len(self.costs)
        self.clock, self.budget = clock, budget
        for step in steps:
            step()
        return list(self.costs)


def test_a_budget_is_shared_by_the_stages_after_its_timing(task_of, monkeypatch):
    timing, planned, timed = Timing(0.4, 0.2, 0.8, 0.5), {}, []
    update = AdversarialTask._update

    def watched(task, number, stage, alpha):
        timed.append((stage, number, alpha))
        return update(task, number, stage, alpha)

    monkeypatch.setattr(AdversarialTask, "_update", watched)
    ticks = iter([100.0, 101.5])
    monkeypatch.setattr(adversarial, "seconds_per_step", timing)
    monkeypatch.setitem(adversarial.CLOCKS, "cpu", lambda: next(ticks))

    def plan_steps(costs, shares, left, whole):
        planned.update(costs=costs, shares=shares, left=left, whole=whole)
        return 11, 22

    monkeypatch.setattr(adversarial, "plan_steps", plan_steps)
    untouched = task_of()
    task = task_of(budget=(60.0, "cpu"), r1_weight=1.0, r1_interval=4)
    assert (timing.clock, timing.budget) == ("cpu", 60.0)
    # of every stage, a step with the penalty and one without it, at full resolution
    assert timed == [(0, 0, 1.0), (0, 1, 1.0), (1, 0, 1.0), (1, 1, 1.0)]
    # one step in four has the penalty
    assert planned["costs"] == pytest.approx([0.25 * 0.4 + 0.75 * 0.2, 0.25 * 0.8 + 0.75 * 0.5])
    assert planned["shares"] == task.settings.stage_shares(planned["costs"])
    assert planned["left"] == pytest.approx(58.5)
    assert planned["whole"] == 60.0
    assert task.plan == {"schedule": [11, 22], "seconds_per_step": {"0": 0.25, "1": 0.575}}
    assert not moved(numbers(untouched.generator), task.generator)  # timing left no trace
    assert not moved(numbers(untouched.discriminator), task.discriminator)
    assert not task.generator_optimizer.state_dict()["state"]


def test_fine_tuning_spends_its_budget_on_the_last_stage(task_of, monkeypatch):
    monkeypatch.setattr(adversarial, "seconds_per_step", Timing(0.5))
    task = task_of(warm_start=task_of().weights(), budget=(60.0, "cpu"), r1_weight=0.0)
    assert task.plan["schedule"][0] == 0
    assert task.plan["schedule"][1] == pytest.approx(119, abs=1)  # a little went into timing


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        ({"r1_weight": 0.0}, {0: 1.0}),
        ({"r1_weight": 1.0, "r1_interval": 1}, {0: 1.0}),
        ({"r1_weight": 1.0, "r1_interval": 5}, {0: 0.2, 1: 0.8}),
        ({"alternate": True}, {0: 0.5, 50: 0.5}),
    ],
)
def test_the_kinds_of_steps_are_timed_by_their_share(task_of, settings, kinds):
    task = task_of(**settings)
    assert task._kinds() == pytest.approx(kinds)
    if task.settings.alternate:
        assert [task._players(number) for number in kinds] == [(True, False), (False, True)]


def test_a_budget_too_small_for_its_stages_is_refused(task_of, monkeypatch):
    monkeypatch.setattr(adversarial, "seconds_per_step", Timing(9.0, 9.0, 9.0, 9.0))
    with pytest.raises(SettingsError, match="Give at least"):
        task_of(budget=(5.0, "cpu"))


# ---- what is kept --------------------------------------------------------------------------------


def test_a_restored_task_goes_on_to_the_same_numbers(task_of):
    whole, first = task_of(), task_of()
    for step in range(4):
        whole.step(step)
    for step in range(2):
        first.step(step)
    state, second = copy.deepcopy(first.state()), task_of(seed=1)
    assert set(state) == {"generator", "discriminator", "average", "generator_optimizer",
                          "discriminator_optimizer"}  # fmt: skip
    second.restore(state)
    for step in (2, 3):
        second.step(step)
    assert whole.weights().keys() == second.weights().keys()
    assert all(torch.equal(t, second.weights()[name]) for name, t in whole.weights().items())


def test_the_weights_are_the_averaged_generator_and_the_discriminator(task_of):
    task = task_of(ema_decay=0.5)
    for step in range(3):
        task.step(step)
    weights = task.weights()
    average = {f"generator.{k}": v for k, v in task.average.average.state_dict().items()}
    judge = {f"discriminator.{k}": v for k, v in task.discriminator.state_dict().items()}
    assert weights.keys() == average.keys() | judge.keys()
    assert all(torch.equal(weights[name], value) for name, value in (average | judge).items())
    assert moved(numbers(task.generator), task.average.average)  # it lags behind


def test_networks_larger_than_memory_are_refused(task_of):
    task = task_of()
    networks = (task.generator, task.discriminator)
    weights = sum(p.numel() for network in networks for p in network.parameters())
    with memory_limit(20 * weights - 1), pytest.raises(TooLargeError, match=f"{weights:,} weights"):
        task_of()
