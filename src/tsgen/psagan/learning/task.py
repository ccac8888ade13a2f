"""The two-player training of PSA-GAN: one task for the training loop.

Shape legend: B batch, L target length, L_k length of the current stage.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from tsgen.memory import check_training
from tsgen.rng import torch_stream
from tsgen.training import (
    CLOCKS,
    Clock,
    ExponentialMovingAverage,
    Processes,
    plan_steps,
    seconds_per_step,
)

from ..networks import build_networks
from ..windows import Conditions, coarsen
from .batches import batches_of
from .growth import Growth
from .losses import (
    discriminator_loss,
    energy_score,
    fill_alike,
    generator_loss,
    gradient_penalty,
    moment_loss,
    step_score,
)

if TYPE_CHECKING:
    from ..settings import PSAGANSettings
    from .preparation import TrainingData

__all__ = ["AdversarialTask"]


@dataclass
class _Batch:
    """What one step works on.

    Attributes:
        windows: (B, L_k), real, NaN where missing.
        conditions: Of the B windows.
        latent: Randomness of the fakes.
        second_latent: Randomness of a second draw, for the energy score.
        stage: Current stage, k.
        alpha: How far it has faded in.
    """

    windows: torch.Tensor
    conditions: Conditions
    latent: Any
    second_latent: Any
    stage: int
    alpha: float


class AdversarialTask:
    """Trains a generator against a discriminator, stage by stage.

    One step draws one batch and updates both players: the discriminator on real and fake windows
    together, then the generator against the updated discriminator.
    """

    def __init__(
        self,
        data: TrainingData,
        settings: PSAGANSettings,
        seed: int,
        processes: Processes,
        plan: dict[str, Any] | None,
        *,
        budget: tuple[float, Clock] | None = None,
        warm_start: Mapping[str, torch.Tensor] | None = None,
    ) -> None:
        self.settings, self.seed, self.processes = settings, seed, processes
        self.exhausted = False
        device = processes.device
        self.conditions = data.conditions
        self.batches = batches_of(data, settings, device)
        self.generator, self.discriminator = (
            network.to(device) for network in build_networks(settings, data.sizes, seed)
        )
        self.discriminator.gathered = processes.gathered
        networks = (self.generator, self.discriminator)
        check_training(sum(p.numel() for network in networks for p in network.parameters()))
        self.fine_tuning = warm_start is not None
        if warm_start is not None:
            self._load(warm_start)
        self.average = ExponentialMovingAverage(self.generator, settings.ema_decay)
        rates = settings.learning_rate, settings.learning_rate_discriminator
        self.generator_optimizer, self.discriminator_optimizer = (
            torch.optim.Adam(
                [p for p in network.parameters() if p.requires_grad],
                lr=rate,
                betas=settings.betas,
                fused=True,
            )
            for network, rate in zip((self.generator, self.discriminator), rates, strict=True)
        )
        self.plan = plan if plan is not None else processes.agree(self._plan(budget))
        schedule = tuple(self.plan["schedule"])
        fade = (0,) * len(schedule) if self.fine_tuning else settings.fade_in_steps(schedule)
        self.growth = Growth(schedule, fade)
        self.num_steps = self.growth.num_steps

    # ---- what the loop calls -------------------------------------------------------------------

    def step(self, step: int) -> dict[str, torch.Tensor | float]:
        """Update both players once; return their losses."""
        stage, alpha = self.growth.at(step)
        self._set_learning_rates(step)
        return self._update(step, stage, alpha)

    def facts(self, step: int) -> dict[str, float]:
        """Return the stage and alpha of a step."""
        stage, alpha = self.growth.at(step)
        return {"stage": stage, "alpha": round(alpha, 4)}

    def state(self) -> dict[str, Any]:
        """Return the networks, their average and the optimisers."""
        return {name: part.state_dict() for name, part in self._parts().items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Set what `state` returned."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the averaged generator and the discriminator (for fine-tuning)."""
        kept = {"generator": self.average.average, "discriminator": self.discriminator}
        return {
            f"{name}.{key}": tensor.contiguous()
            for name, net in kept.items()
            for key, tensor in net.state_dict().items()
        }

    # ---- one step ------------------------------------------------------------------------------

    def _update(self, step: int, stage: int, alpha: float) -> dict[str, torch.Tensor | float]:
        train_discriminator, train_generator = self._players(step)
        batch = self._batch(step, stage, alpha)
        with torch.set_grad_enabled(train_generator):
            drawn = self._generate(batch, batch.latent, slice(None))
        real, fake = fill_alike(batch.windows, drawn)
        losses: dict[str, torch.Tensor | float] = {}
        score_real = None
        if train_discriminator:
            critic_losses, score_real = self._update_discriminator(step, batch, real, fake.detach())
            losses |= critic_losses
        if train_generator:
            losses |= self._update_generator(batch, real, fake, score_real)
            self.average.update(self.generator, step)
        return losses

    def _players(self, step: int) -> tuple[bool, bool]:
        """Return whether a step trains the discriminator, and whether it trains the generator.

        In turn (as the paper's code): until the generator has made 25 steps the discriminator
        makes 50 for each of them, then they alternate.
        """
        if not self.settings.alternate:
            return True, True
        generator = step % 51 == 50 if step < 25 * 51 else (step - 25 * 51) % 2 == 1
        return not generator, generator

    def _generate(self, batch: _Batch, latent: Any, rows: slice) -> torch.Tensor:
        """Draw windows for the conditions of `rows`."""
        with self.processes.autocast():
            conditions = batch.conditions[rows]
            drawn: torch.Tensor = self.generator(
                latent[rows], conditions, batch.stage, batch.alpha
            ).to(torch.get_default_dtype())
            if conditions.context is None:
                return drawn
            return conditions.context.complete(drawn, batch.stage)

    def _score(
        self, batch: _Batch, seen: torch.Tensor, conditions: Conditions, groups: int = 1
    ) -> torch.Tensor:
        """Return the discriminator's scores of what it sees."""
        with self.processes.autocast():
            return self.discriminator(  # type: ignore[no-any-return]
                seen, conditions, batch.stage, batch.alpha, groups
            ).to(torch.get_default_dtype())

    def _update_discriminator(
        self, step: int, batch: _Batch, real: torch.Tensor, fake: torch.Tensor
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Return the losses, and the scores of the real windows from before the update."""
        settings, network = self.settings, self.discriminator
        network.requires_grad_(True)
        penalise = settings.r1_weight > 0 and step % settings.r1_interval == 0
        seen = network.view(real).requires_grad_(penalise)
        both = torch.cat([seen, network.view(fake)])
        score_real, score_fake = self._score(batch, both, batch.conditions.twice(), 2).chunk(2)
        loss = discriminator_loss(settings.loss, score_real, score_fake)
        losses = {"discriminator_loss": loss.detach()}
        if penalise:
            penalty = gradient_penalty(score_real, seen)
            losses["gradient_penalty"] = penalty.detach()
            loss = loss + settings.r1_weight * settings.r1_interval * penalty
        self._descend(network, self.discriminator_optimizer, loss)
        return losses, score_real.detach()

    def _update_generator(
        self, batch: _Batch, real: torch.Tensor, fake: torch.Tensor, score_real: torch.Tensor | None
    ) -> dict[str, torch.Tensor]:
        """Return the losses; only the relativistic one needs the scores of the real windows."""
        settings, network = self.settings, self.discriminator
        network.requires_grad_(False)
        score_fake = self._score(batch, network.view(fake), batch.conditions)
        if score_real is None and settings.loss == "relativistic":
            score_real = self._score(batch, network.view(real), batch.conditions)
        loss = generator_loss(settings.loss, score_real, score_fake)
        losses = {"generator_loss": loss.detach()}
        if settings.moment_weight > 0:
            moments = moment_loss(real, fake)
            losses["moment_loss"] = moments.detach()
            loss = loss + settings.moment_weight * moments
        if settings.energy_weight > 0 or settings.step_weight > 0:
            energy, steps = self._scores_of_draws(batch, real, fake)
            losses |= {"energy_score": energy.detach(), "step_score": steps.detach()}
            loss = loss + settings.energy_weight * energy + settings.step_weight * steps
        self._descend(self.generator, self.generator_optimizer, loss)
        return losses

    def _scores_of_draws(
        self, batch: _Batch, real: torch.Tensor, fake: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the scores of two draws for each condition: of the coarse view, of the steps.

        Half of the windows are drawn again, which costs half as much; a forecaster, whose aim the
        step score is, draws all of them.
        """
        count = len(real) if self.settings.step_weight > 0 else max(len(real) // 2, 1)
        rows = slice(0, count)
        again = self._generate(batch, batch.second_latent, rows)
        again = fill_alike(batch.windows[rows], again)[1]
        parts = real[rows], fake[rows], again
        return energy_score(*parts), step_score(*parts)

    def _batch(self, step: int, stage: int, alpha: float) -> _Batch:
        """Draw this process's part of the batch of a step; it depends on seed and step alone."""
        size = self.settings.batch_size
        generator = torch_stream(self.seed, "batch", step, device=self.processes.device)
        places = self.batches.places(size, generator)

        def normal(*shape: int) -> torch.Tensor:
            return torch.randn((size, *shape), generator=generator, device=generator.device)

        latents = [self.generator.draw_latent(normal) for _ in range(2)]
        mine = self.processes.part(size)
        windows, conditions = self.batches.read(places, generator, mine)
        windows = coarsen(windows, self.conditions.lengths, stage)
        return _Batch(windows, conditions, latents[0][mine], latents[1][mine], stage, alpha)

    def _descend(
        self, network: torch.nn.Module, optimizer: torch.optim.Optimizer, loss: torch.Tensor
    ) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.processes.average_gradients(network.parameters())
        if self.settings.gradient_clip > 0:
            torch.nn.utils.clip_grad_norm_(network.parameters(), self.settings.gradient_clip)
        optimizer.step()

    def _set_learning_rates(self, step: int) -> None:
        """Hold the learning rates, then let them fall linearly over the last part."""
        settings = self.settings
        left = (self.num_steps - step) / max(settings.decay_share * self.num_steps, 1.0)
        factor = max(min(left, 1.0), settings.decay_floor)
        for optimizer, rate in (
            (self.generator_optimizer, settings.learning_rate),
            (self.discriminator_optimizer, settings.learning_rate_discriminator),
        ):
            for group in optimizer.param_groups:
                group["lr"] = rate * factor

    # ---- set-up --------------------------------------------------------------------------------

    def _plan(self, budget: tuple[float, Clock] | None) -> dict[str, Any]:
        """Fix the schedule: as set, by the number of steps, or by timing each stage."""
        if self.fine_tuning:
            stages = [len(self.conditions.lengths) - 1]
        else:
            stages = list(range(len(self.conditions.lengths)))
        if budget is None:
            steps = self.settings.steps_by_stage()
            return {"schedule": [n if s in stages else 0 for s, n in enumerate(steps)]}
        seconds, clock = budget
        begin = CLOCKS[clock]()
        costs = self._costs(stages, clock, seconds)
        shares = self.settings.stage_shares(list(costs.values())) if len(stages) > 1 else (1.0,)
        left = seconds - (CLOCKS[clock]() - begin)
        planned = plan_steps(list(costs.values()), shares, left, whole=seconds)
        schedule = dict.fromkeys(range(stages[-1] + 1), 0) | dict(zip(stages, planned, strict=True))
        rounded = {str(stage): round(cost, 5) for stage, cost in costs.items()}
        return {"schedule": list(schedule.values()), "seconds_per_step": rounded}

    def _costs(self, stages: list[int], clock: Clock, budget: float) -> dict[int, float]:
        """Time a step of each stage, over the kinds of steps there are; undo what they did."""
        kept = copy.deepcopy(self.state())
        kinds = [(stage, number) for stage in stages for number in self._kinds()]
        timed = [partial(self._update, number, stage, 1.0) for stage, number in kinds]
        costs = dict.fromkeys(stages, 0.0)
        seconds = seconds_per_step(timed, clock, budget, agree=self.processes.agree)
        both = zip(kinds, seconds, strict=True)
        for (stage, number), cost in both:
            costs[stage] += self._kinds()[number] * cost
        self.restore(kept)
        return costs

    def _kinds(self) -> dict[int, float]:
        """Return numbers of steps that differ in cost, with the share of such steps."""
        if self.settings.alternate:
            return {0: 0.5, 50: 0.5}  # of the discriminator, of the generator
        lazy = 1 / self.settings.r1_interval if self.settings.r1_weight > 0 else 0.0
        return {0: lazy, 1: 1 - lazy} if 0 < lazy < 1 else {0: 1.0}

    def _parts(self) -> dict[str, Any]:
        return {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "average": self.average.average,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }

    def _load(self, weights: Mapping[str, torch.Tensor]) -> None:
        for name, net in (("generator", self.generator), ("discriminator", self.discriminator)):
            prefix = f"{name}."
            net.load_state_dict(
                {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
            )
