"""How a network that reads histories learns what comes next."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from tsgen.arrays import Indices, Mask
from tsgen.memory import check_training
from tsgen.rng import numpy_stream, resolve_seed, torch_stream
from tsgen.settings import Settings
from tsgen.training import CLOCKS, Processes, TrainingOptions, plan_steps, seconds_per_step

from .batches import Batch, Sequences
from .networks import NextItemNetwork

__all__ = ["NextItemTask", "SequenceSettings", "full_softmax_loss"]

_LARGE, _SAMPLES = 50_000, 4096
"""Items from which negative ones are drawn by default, and how many."""

_LOGITS = 2**24
"""Numbers of a softmax that are held at a time."""


class SequenceSettings(Settings):
    """The network that reads histories, and how it learns."""

    hidden_size: int = Field(default=128, ge=2)
    """Width of embeddings and states."""

    num_layers: int = Field(default=2, ge=1)
    """Layers of the network."""

    num_heads: int = Field(default=2, ge=1)
    """Attention heads of the Transformer; hidden_size must be a multiple."""

    max_length: int = Field(default=256, ge=1)
    """Last events of a history that are read."""

    max_epochs: int = Field(default=20, ge=1)
    """Passes over the histories, unless a budget is given."""

    patience: int = Field(default=3, ge=1)
    """Epochs without a better validation loss before training stops."""

    batch_size: int = Field(default=32, ge=1)
    """Histories in one step."""

    learning_rate: float = Field(default=0.05, gt=0)
    """Of Adagrad; the Transformer uses half of it."""

    num_samples: int | None = Field(default=None, ge=0)
    """Negative items drawn a step for a sampled softmax; 0 uses the full one, None draws 4,096
    where there are more than 50,000 items."""

    time_gap: bool = False
    """Whether the time since the previous event is an input."""

    value: bool = False
    """Whether the value of an event is an input: signed log1p of value / median size."""


class NextItemTask:
    """What the training loop trains: one step is one batch, one epoch every history once."""

    def __init__(
        self,
        network: NextItemNetwork,
        settings: SequenceSettings,
        sequences: Sequences,
        held_out: Mask,
        options: TrainingOptions,
        processes: Processes,
        plan: dict[str, Any] | None,
    ) -> None:
        self.settings, self.sequences, self.processes = settings, sequences, processes
        self.seed = resolve_seed(options.seed)
        active = sequences.lengths > 0
        self.learning = np.flatnonzero(active & ~held_out)
        self.checking = np.flatnonzero(active & held_out)
        self.network = network.to(processes.device)
        self._begin()
        self.best = copy.deepcopy(self.network.state_dict())
        self.best_loss, self.waited = float("inf"), 0
        self.proposal = _proposal(sequences, network.num_items)
        self.epoch_steps = -(-len(self.learning) // settings.batch_size)
        self._order: tuple[int, list[Indices]] = (-1, [])
        steps = self.epoch_steps * settings.max_epochs
        if plan is None and options.budget is not None:
            steps = processes.agree(self._steps_in(options))
        self.plan: dict[str, Any] = plan or {"schedule": [steps]}
        self.num_steps = int(self.plan["schedule"][0])

    def _begin(self) -> None:
        """Draw the first weights."""
        network = self.network.cpu()
        check_training(sum(p.numel() for p in network.parameters()))
        network.initialise(torch_stream(self.seed, "weights"))
        self.network = network.to(self.processes.device)
        rate = self.settings.learning_rate / (2 if network.cell == "transformer" else 1)
        self.optimiser = torch.optim.Adagrad(self.network.parameters(), lr=rate, eps=1e-3)

    @property
    def num_samples(self) -> int:
        """Negative items to draw; 0 for the full softmax."""
        if self.settings.num_samples is None:
            return _SAMPLES if self.network.num_items > _LARGE else 0
        return self.settings.num_samples

    @property
    def exhausted(self) -> bool:
        """Whether the validation loss has not fallen for too long."""
        return self.waited >= self.settings.patience

    def step(self, step: int) -> Mapping[str, torch.Tensor | float]:
        """Do one batch, and the validation at the end of an epoch."""
        loss = self._update(step)
        losses: dict[str, torch.Tensor | float] = {"loss": loss}
        if (step + 1) % self.epoch_steps == 0 or step + 1 == self.num_steps:
            losses["validation"] = self._validate()
        return losses

    def facts(self, step: int) -> Mapping[str, float]:
        """Return the epoch."""
        return {"epoch": step // self.epoch_steps}

    def state(self) -> dict[str, Any]:
        """Return the network, its best weights and the optimiser."""
        return {
            "network": self.network.state_dict(),
            "best": self.best,
            "optimiser": self.optimiser.state_dict(),
            "progress": [self.best_loss, self.waited],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Set what `state` returned."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.best = state["best"]
        self.best_loss, self.waited = state["progress"]

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the best weights so far."""
        return dict(self.best)

    def _update(self, step: int) -> torch.Tensor:
        epoch, place = divmod(step, self.epoch_steps)
        if self._order[0] != epoch:
            random = numpy_stream(self.seed, "batches", epoch)
            size = self.settings.batch_size
            self._order = epoch, self.sequences.batches(size, random, self.learning)
        batch = self.sequences.batch(self._mine(self._order[1][place]), self.processes.device)
        self.optimiser.zero_grad(set_to_none=True)
        with self.processes.autocast():
            loss = self._loss(batch, step) * self._weight(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        self.processes.average_gradients(self.network.parameters())
        self.optimiser.step()
        return loss.detach()

    def _mine(self, batch: Indices) -> Indices:
        """Return this process's histories of a batch; each takes all of one that is too small."""
        return (
            batch if len(batch) < self.processes.world else batch[self.processes.part(len(batch))]
        )

    def _weight(self, batch: Batch) -> float:
        """Return the events of this process's part, as a multiple of the mean over processes."""
        if self.processes.world == 1:
            return 1.0
        count = float((batch.targets > 0).sum())
        return count / self.processes.mean([count])[0]

    def _loss(self, batch: Batch, step: int | None) -> torch.Tensor:
        """Return the mean negative log-likelihood of the real next items."""
        real = batch.targets > 0
        hidden = self.network(batch.tokens, batch.extras)[real]
        targets = batch.targets[real] - 1
        weights, bias = self.network.item_weights(), self.network.bias
        if step is None or not 0 < self.num_samples < self.network.num_items:
            return full_softmax_loss(hidden, targets, weights, bias)
        return self._sampled_loss(hidden, targets, weights, bias, step)

    def _sampled_loss(
        self,
        hidden: torch.Tensor,
        targets: torch.Tensor,
        weights: torch.Tensor,
        bias: torch.Tensor,
        step: int,
    ) -> torch.Tensor:
        """Return the loss against drawn items; log(expected draws) corrects their frequency.

        Source: Bengio and Senecal, "Adaptive importance sampling to accelerate training of a neural
        probabilistic language model" (2008).
        """
        generator = torch_stream(self.seed, "negatives", step)
        num = self.num_samples
        drawn = torch.multinomial(self.proposal, num, replacement=True, generator=generator)
        drawn = drawn.to(hidden.device)
        draws = torch.log(self.proposal.to(hidden.device) * num)
        positive = (hidden * weights[targets]).sum(1) + bias[targets]
        negative = hidden @ weights[drawn].T + bias[drawn] - draws[drawn]
        negative = negative.masked_fill(targets[:, None] == drawn[None, :], float("-inf"))
        logits = torch.cat([positive[:, None], negative], dim=1)
        return F.cross_entropy(logits, torch.zeros_like(targets))

    @torch.no_grad()
    def _validate(self) -> float:
        """Return the loss on the users held out, and keep the weights if it is the best."""
        total, count = 0.0, 0
        self.network.eval()
        for chosen in self.sequences.batches(self.settings.batch_size, None, self.checking):
            batch = self.sequences.batch(chosen, self.processes.device)
            num = int((batch.targets > 0).sum())
            total, count = total + float(self._loss(batch, None)) * num, count + num
        self.network.train()
        loss = total / count if count else -1.0  # without users held out, the last weights are kept
        if loss < self.best_loss or not count:
            self.best = copy.deepcopy(self.network.state_dict())
            self.best_loss, self.waited = loss, 0
        else:
            self.waited += 1
        return loss

    def _steps_in(self, options: TrainingOptions) -> int:
        """Return the steps that the budget allows, timed on steps that are then forgotten."""
        now, budget = CLOCKS[options.budget_clock], options.budget or 0.0
        begin = now()
        clock, agree = options.budget_clock, self.processes.agree
        seconds = seconds_per_step([lambda: self._update(0)], clock, budget, agree=agree)
        self._begin()
        return plan_steps(seconds, [1.0], budget - (now() - begin), whole=budget)[0]


def _proposal(sequences: Sequences, num_items: int) -> torch.Tensor:
    """Return the chance of each item to be drawn: in proportion to sqrt(events + 1), (M,)."""
    counts = torch.bincount(torch.from_numpy(sequences.tokens), minlength=num_items + 1)[1:]
    share = (counts.double() + 1).sqrt()
    return (share / share.sum()).float()


def full_softmax_loss(
    hidden: torch.Tensor,
    targets: torch.Tensor,
    weights: torch.Tensor,
    bias: torch.Tensor,
    most: int = _LOGITS,
) -> torch.Tensor:
    """Return the mean of -log softmax(hidden @ weights.T + bias)[target].

    Args:
        hidden: (n, D).
        targets: (n,) rows of `weights`.
        weights: (M, D).
        bias: (M,).
        most: Logits to hold at a time; where there are more, they are computed again for the
            gradient, some rows after another.
    """
    size = max(most // len(bias), 1)
    if len(targets) <= size:
        return F.cross_entropy(hidden @ weights.T + bias, targets)

    def part(rows: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(rows @ weights.T + bias, wanted, reduction="sum")

    blocks = zip(torch.split(hidden, size), torch.split(targets, size), strict=True)
    sums = [checkpoint(part, *block, use_reentrant=False) for block in blocks]
    return torch.stack(sums).sum() / len(targets)
