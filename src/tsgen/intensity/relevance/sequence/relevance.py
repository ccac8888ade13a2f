"""Relevance by a network that reads the history: GRU or causal Transformer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from tsgen.arrays import Integers, Mask
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.training import Processes, TrainingOptions, fit, resolve_device

from ...parts import SavedPart
from ..base import FittedRelevance, RelevancePart, UserPart
from .batches import ExtraInputs, Sequences, value_scale
from .networks import NextItemNetwork
from .training import NextItemTask, SequenceSettings

__all__ = ["FittedSequences", "SequenceRelevance"]

_SCORED = 512
"""Histories read at a time when scoring."""

_LOGITS = 2**24
"""Numbers of a softmax that are held at a time."""


@dataclass(frozen=True)
class SequenceRelevance(RelevancePart):
    """p(y | x) by a network over the history; see `NextItemNetwork`.

    Only items with training events have a probability. The loss counts real events alone.

    Attributes:
        cell: "gru" or "transformer".
        settings: The network.
    """

    cell: Literal["gru", "transformer"] = "gru"
    settings: SequenceSettings = field(default_factory=SequenceSettings)
    expensive: ClassVar[bool] = True
    in_steps: ClassVar[bool] = True

    def fit(
        self,
        histories: Histories,
        horizon: int,
        options: TrainingOptions,
        *,
        held_out: Mask,
    ) -> FittedRelevance:
        """Train the network; the epoch with the best loss on the users held out is kept."""
        learning = histories.subset(~held_out)
        _, rows = learning.flat()
        num_items = histories.events.num_items
        seen = np.bincount(histories.events.item[rows], minlength=num_items) > 0
        if not seen.any():
            raise DataError("There is no event before the cut-off; there is nothing to learn.")
        token = np.where(seen, np.cumsum(seen), 0)
        extras = self._extras(horizon, value_scale(learning) if self.settings.value else None)
        sequences = Sequences(histories, token, self.settings.max_length, extras)
        make = _TaskMaker(self, int(seen.sum()), sequences, held_out, options)
        depends_on = [
            histories.events.fingerprint(),
            self.cell,
            self.settings.to_json(),
            horizon,
            options.seed,
            options.precision,
            None if options.budget is None else [options.budget, options.budget_clock],
        ]
        digest = hashlib.sha256(json.dumps(depends_on).encode()).hexdigest()
        fitted = fit(make, options, label=self.cell.upper(), fingerprint=digest)
        arrays: dict[str, Any] = {name: w.numpy() for name, w in fitted.weights.items()}
        return self.from_arrays(
            {**arrays, "token": token, "units": extras.units},
            SavedPart(device=options.device),
            history=fitted.history,
        )

    def from_arrays(
        self,
        arrays: dict[str, Any],
        saved: SavedPart,
        *,
        history: list[dict[str, Any]] | None = None,
    ) -> FittedSequences:
        """Return what the fitted model's `arrays` came from, and the rows of its training."""
        rest = dict(arrays)
        token, (horizon, scale) = rest.pop("token"), rest.pop("units")
        extras = self._extras(int(horizon), scale if self.settings.value else None)
        network = self.network(int(token.max()))
        network.load_state_dict({n: torch.from_numpy(np.array(a)) for n, a in rest.items()})
        return FittedSequences(
            network.eval(), token, self.settings.max_length, extras, history or [], saved.device
        )

    def network(self, num_items: int) -> NextItemNetwork:
        """Return the network with weights that mean nothing yet."""
        s = self.settings
        with torch.random.fork_rng(devices=[]):  # torch draws weights that are replaced anyway
            return NextItemNetwork(
                num_items, s.hidden_size, s.num_layers, s.num_heads, self.cell, s.time_gap + s.value
            )

    def _extras(self, horizon: int, scale: float | None) -> ExtraInputs:
        return ExtraInputs(horizon, self.settings.time_gap, scale)


@dataclass(frozen=True)
class _TaskMaker:
    """Makes the task on given processes; it can be sent to them."""

    model: SequenceRelevance
    num_items: int
    sequences: Sequences
    held_out: Mask
    options: TrainingOptions

    def __call__(self, processes: Processes, plan: dict[str, Any] | None) -> NextItemTask:
        network, settings = self.model.network(self.num_items), self.model.settings
        return NextItemTask(
            network, settings, self.sequences, self.held_out, self.options, processes, plan
        )


class FittedSequences:
    """A trained network. Attributes: history, the rows of its training."""

    has_folder: ClassVar[bool] = False

    def __init__(
        self,
        network: NextItemNetwork,
        token: Integers,
        max_length: int,
        extras: ExtraInputs,
        history: list[dict[str, Any]],
        device: str,
    ) -> None:
        self.device = resolve_device(device)
        self.network, self.token = network.to(self.device), token
        self.max_length, self.extras, self.history = max_length, extras, history
        weights = network.item_weights().detach().cpu().numpy()
        self.item_factors = np.zeros((len(token), weights.shape[1]), np.float32)
        self.item_bias = np.full(len(token), -np.inf, np.float32)
        self.item_factors[token > 0] = weights[token[token > 0] - 1]
        self.item_bias[token > 0] = network.bias.detach().cpu().numpy()[token[token > 0] - 1]

    @torch.no_grad()
    def users(self, histories: Histories) -> UserPart:
        """Return the last hidden states, and minus the log-sum-exp over items."""
        sequences = Sequences(histories, self.token, self.max_length, self.extras)
        factors = np.zeros((len(histories), self.item_factors.shape[1]), np.float32)
        bias = np.zeros(len(histories), np.float32)
        size = max(min(_SCORED, _LOGITS // len(self.network.bias)), 1)
        for chosen in sequences.batches(size, None, np.arange(len(histories))):
            batch = sequences.batch(chosen, self.device)
            hidden = self.network(batch.tokens, batch.extras)
            last = hidden[torch.arange(len(chosen), device=self.device), batch.lengths]
            logits = last @ self.network.item_weights().T + self.network.bias
            factors[chosen] = last.cpu().numpy()
            bias[chosen] = -torch.logsumexp(logits, dim=1).cpu().numpy()
        return factors, bias

    def arrays(self) -> dict[str, Any]:
        """Return the weights, the tokens, and the units of the further inputs."""
        state = {name: w.detach().cpu().numpy() for name, w in self.network.state_dict().items()}
        return {**state, "token": self.token, "units": self.extras.units}
