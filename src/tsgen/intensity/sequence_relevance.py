"""Relevance by a network that reads the history: GRU or causal Transformer."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field
from torch.nn import functional as F

from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.rng import numpy_stream, resolve_seed, torch_stream
from tsgen.settings import Settings
from tsgen.training import Processes, TrainingOptions, fit, resolve_device
from tsgen.training.budget import plan_steps, seconds_per_step

from .relevance import FittedRelevance, UserPart
from .sequence_networks import NextItemNetwork
from .sequences import Batch, Sequences

__all__ = ["FittedSequences", "SequenceRelevance", "SequenceSettings"]

_SCORED = 512
"""Histories read at a time when scoring."""


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

    learning_rate: float = Field(default=0.1, gt=0)
    """Of Adagrad; the Transformer uses a quarter of it."""

    num_samples: int = Field(default=0, ge=0)
    """Negative items drawn a step for a sampled softmax; 0 uses the full one."""

    time_gap: bool = False
    """Whether the time since the previous event is an input."""


@dataclass(frozen=True)
class SequenceRelevance:
    """p(y | x) by a network over the history; see `NextItemNetwork`.

    Only items with training events have a probability. The loss counts real events alone.

    Attributes:
        cell: "gru" or "transformer".
        settings: The network.
    """

    cell: Literal["gru", "transformer"] = "gru"
    settings: SequenceSettings = field(default_factory=SequenceSettings)

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: npt.NDArray[np.bool_],
    ) -> FittedRelevance:
        """Train the network; the epoch with the best loss on the users held out is kept."""
        learning = histories.subset(~held_out)
        _, rows = learning.flat()
        num_items = histories.events.num_items
        seen = np.bincount(histories.events.item[rows], minlength=num_items) > 0
        if not seen.any():
            raise DataError("There is no event before the cut-off; there is nothing to learn.")
        token = np.where(seen, np.cumsum(seen), 0)
        sequences = Sequences(histories, token, self.settings.max_length, horizon)
        makers: list[_NextItemTask] = []

        def make(processes: Processes, plan: dict[str, Any] | None) -> _NextItemTask:
            makers.append(_NextItemTask(self, sequences, held_out, int(seen.sum()), options,
                                        processes, plan))  # fmt: skip
            return makers[0]

        def stop(row: dict[str, Any]) -> bool:
            asked = options.on_row is not None and options.on_row(row) is True
            return asked or makers[0].exhausted

        watched = options.model_copy(update={"on_row": stop})
        depends_on = [histories.events.fingerprint(), self.settings.to_json(), options.seed]
        digest = hashlib.sha256(json.dumps(depends_on).encode()).hexdigest()
        fitted = fit(make, watched, label=self.cell.upper(), fingerprint=digest)
        arrays: dict[str, Any] = {name: w.numpy() for name, w in fitted.weights.items()}
        return self.restore(
            {**arrays, "token": token, "horizon": np.array([horizon])},
            history=fitted.history,
            device=options.device,
        )

    def restore(
        self,
        parameters: dict[str, Any],
        *,
        history: list[dict[str, Any]] | None = None,
        device: str = "cpu",
    ) -> FittedSequences:
        """Return the fitted model that `parameters` came from."""
        rest = dict(parameters)
        token, horizon = rest.pop("token"), int(rest.pop("horizon")[0])
        network = self.network(int(token.max()))
        network.load_state_dict({n: torch.from_numpy(np.array(a)) for n, a in rest.items()})
        return FittedSequences(
            network.eval(), token, self.settings.max_length, horizon, history or [], device
        )

    def network(self, num_items: int) -> NextItemNetwork:
        """Return the network with weights that mean nothing yet."""
        s = self.settings
        with torch.random.fork_rng(devices=[]):  # torch draws weights that are replaced anyway
            return NextItemNetwork(
                num_items, s.hidden_size, s.num_layers, s.num_heads, self.cell, s.time_gap
            )


class FittedSequences:
    """A trained network. Attributes: history, the rows of its training."""

    def __init__(
        self,
        network: NextItemNetwork,
        token: npt.NDArray[np.int64],
        max_length: int,
        horizon: int,
        history: list[dict[str, Any]],
        device: str,
    ) -> None:
        self.device = resolve_device(device)
        self.network, self.token = network.to(self.device), token
        self.max_length, self.horizon, self.history = max_length, horizon, history
        weights = network.item_weights().detach().cpu().numpy()
        self.item_factors = np.zeros((len(token), weights.shape[1]), np.float32)
        self.item_bias = np.full(len(token), -np.inf, np.float32)
        self.item_factors[token > 0] = weights[token[token > 0] - 1]
        self.item_bias[token > 0] = network.bias.detach().cpu().numpy()[token[token > 0] - 1]

    @torch.no_grad()
    def users(self, histories: Histories) -> UserPart:
        """Return the last hidden states, and minus the log-sum-exp over items."""
        sequences = Sequences(histories, self.token, self.max_length, self.horizon)
        factors = np.zeros((len(histories), self.item_factors.shape[1]), np.float32)
        bias = np.zeros(len(histories), np.float32)
        for chosen in sequences.batches(_SCORED, None, np.arange(len(histories))):
            batch = sequences.batch(chosen, self.device)
            hidden = self.network(batch.tokens, batch.gaps)
            last = hidden[torch.arange(len(chosen), device=self.device), batch.lengths]
            logits = last @ self.network.item_weights().T + self.network.bias
            factors[chosen] = last.cpu().numpy()
            bias[chosen] = -torch.logsumexp(logits, dim=1).cpu().numpy()
        return factors, bias

    def parameters(self) -> dict[str, Any]:
        """Return the weights, the tokens and the horizon."""
        state = {name: w.detach().cpu().numpy() for name, w in self.network.state_dict().items()}
        return {**state, "token": self.token, "horizon": np.array([self.horizon])}


class _NextItemTask:
    """What the training loop trains: one step is one batch, one epoch every history once."""

    def __init__(
        self,
        model: SequenceRelevance,
        sequences: Sequences,
        held_out: npt.NDArray[np.bool_],
        num_items: int,
        options: TrainingOptions,
        processes: Processes,
        plan: dict[str, Any] | None,
    ) -> None:
        self.settings, self.sequences, self.processes = model.settings, sequences, processes
        self.seed = resolve_seed(options.seed)
        self.num_items = num_items
        some = sequences.lengths > 0
        self.learning = np.flatnonzero(some & ~held_out)
        self.checking = np.flatnonzero(some & held_out)
        self.network = model.network(num_items).to(processes.device)
        self.rate = model.settings.learning_rate / (4 if model.cell == "transformer" else 1)
        self._begin()
        self.best = copy.deepcopy(self.network.state_dict())
        self.best_loss, self.waited = float("inf"), 0
        self.epoch_steps = -(-len(self.learning) // self.settings.batch_size)
        self._order: tuple[int, list[npt.NDArray[np.intp]]] = (-1, [])
        steps = self.epoch_steps * self.settings.max_epochs
        if plan is None and options.budget is not None:
            steps = self._steps_in(options)
        self.plan: dict[str, Any] = plan or {"schedule": [steps]}
        self.num_steps = int(self.plan["schedule"][0])
        token = torch.bincount(torch.from_numpy(sequences.tokens), minlength=num_items + 1)[1:]
        share = (token.double() + 1).sqrt()
        self.proposal = (share / share.sum()).float()

    def _begin(self) -> None:
        """Draw the first weights."""
        network = self.network.cpu()
        network.initialise(torch_stream(self.seed, "weights"))
        self.network = network.to(self.processes.device)
        self.optimiser = torch.optim.Adagrad(self.network.parameters(), lr=self.rate, eps=1e-3)

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
        batch = self.sequences.batch(self._order[1][place], self.processes.device)
        self.optimiser.zero_grad(set_to_none=True)
        with self.processes.autocast():
            loss = self._loss(batch, step)
        loss.backward()  # type: ignore[no-untyped-call]
        self.processes.average_gradients(self.network.parameters())
        self.optimiser.step()
        return loss.detach()

    def _loss(self, batch: Batch, step: int | None) -> torch.Tensor:
        """Return the mean negative log-likelihood of the real next items."""
        real = batch.targets > 0
        hidden = self.network(batch.tokens, batch.gaps)[real]
        targets = batch.targets[real] - 1
        weights, bias = self.network.item_weights(), self.network.bias
        if step is None or not 0 < self.settings.num_samples < self.num_items:
            return F.cross_entropy(hidden @ weights.T + bias, targets)
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
        num = self.settings.num_samples
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
        seconds = seconds_per_step(lambda: self._update(0), options.budget_clock)
        self._begin()
        return plan_steps([seconds], [1.0], options.budget or 0.0)[0]
