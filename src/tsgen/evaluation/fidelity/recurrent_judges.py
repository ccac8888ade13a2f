"""Small GRUs that judge windows, several trained side by side as one network."""

# J judges, B batch, L window length, H hidden units

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from tsgen.arrays import Array, Integers
from tsgen.rng import numpy_stream
from tsgen.training import build_seeded, train_module

__all__ = ["JUDGES_AT_ONCE", "RecurrentJudges", "guess_recurrently"]

JUDGES_AT_ONCE = 5
"""Judges of one network: one alone spends most of its time between small operations, while more
than a few no longer fit the processor's cache (measured at lengths 64 and 256)."""

_HIDDEN = 24
_BATCH = 64
_STEPS = 240
_LEARNING_RATE = 5e-3
_TESTED_AT_ONCE = 512


class _RecurrentJudge(nn.Module):
    """Weights of one judge: a GRU over values and steps, whose last and mean state decide."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(2, _HIDDEN, batch_first=True)
        self.head = nn.Linear(2 * _HIDDEN, 1)


class RecurrentJudges(nn.Module):
    """Judges that know nothing of each other, computed together: (J, B, L, 2) -> logits (J, B).

    Args:
        seeds: One a judge, for its initial weights.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        super().__init__()
        single = [dict(build_seeded(_RecurrentJudge, seed).named_parameters()) for seed in seeds]

        def stacked(name: str) -> nn.Parameter:
            return nn.Parameter(torch.stack([weights[name].detach() for weights in single]))

        self.from_input = stacked("gru.weight_ih_l0")  # (J, 3 H, 2): reset, update, new state
        self.from_state = stacked("gru.weight_hh_l0")  # (J, 3 H, H)
        self.input_bias = stacked("gru.bias_ih_l0")  # (J, 3 H)
        self.state_bias = stacked("gru.bias_hh_l0")
        self.head = stacked("head.weight")  # (J, 1, 2 H)
        self.head_bias = stacked("head.bias")  # (J, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return how synthetic each window looks to its judge, (J, B) logits."""
        judges, batch, length, channels = x.shape
        rows = x.reshape(judges, batch * length, channels)
        projected = torch.baddbmm(self.input_bias[:, None], rows, self.from_input.mT)
        steps = projected.view(judges, batch, length, -1).permute(2, 0, 1, 3).contiguous()
        state = x.new_zeros(judges, batch, _HIDDEN)
        total = torch.zeros_like(state)
        recurrent, gates = self.from_state.mT.contiguous(), 2 * _HIDDEN
        for step in steps.unbind(0):
            carried = torch.baddbmm(self.state_bias[:, None], state, recurrent)
            reset, update = torch.sigmoid(step[..., :gates] + carried[..., :gates]).chunk(2, dim=-1)
            fresh = torch.tanh(torch.addcmul(step[..., gates:], reset, carried[..., gates:]))
            state = torch.lerp(fresh, state, update)
            total = total + state
        seen = torch.cat([state, total / length], dim=2)
        logits: torch.Tensor = torch.baddbmm(self.head_bias[:, None], seen, self.head.mT)[..., 0]
        return logits


def guess_recurrently(
    trains: Sequence[Array],
    labels: Integers,
    tests: Sequence[Array],
    seeds: Sequence[int],
) -> list[Integers]:
    """Train one judge for each of `trains` and return its guesses (0 or 1) for its test windows.

    Args:
        trains: For each judge (n, L).
        labels: (n,) 0 or 1, the same for all judges.
        tests: For each judge (m, L).
        seeds: For each judge: initial weights and batches.
    """
    pairs = [_inputs(train, test) for train, test in zip(trains, tests, strict=True)]
    learnt, asked = (torch.stack(parts) for parts in zip(*pairs, strict=True))  # (J, n, L, 2)
    truth = torch.from_numpy(labels.astype(np.float32))
    judges = RecurrentJudges(seeds)
    lines = torch.arange(len(seeds))[:, None]

    def loss(step: int) -> torch.Tensor:
        picked = torch.from_numpy(
            np.stack(
                [numpy_stream(s, "batches", step).integers(len(labels), size=_BATCH) for s in seeds]
            )
        )
        logits = judges(learnt[lines, picked])
        # A sum over judges: each has the gradient that it would have alone.
        return len(seeds) * binary_cross_entropy_with_logits(logits, truth[picked])

    train_module(
        judges, loss, num_steps=_STEPS, learning_rate=_LEARNING_RATE, label="recurrent judges"
    )
    with torch.no_grad():
        logits = torch.cat(
            [judges(part) for part in torch.split(asked, _TESTED_AT_ONCE, dim=1)], dim=1
        )
    return list((logits > 0).long().numpy())


def _inputs(train: Array, test: Array) -> tuple[torch.Tensor, torch.Tensor]:
    """Return values and steps of both sets, (n, L, 2) each, scaled by the first set."""
    centre, scale = train.mean(), train.std() or 1.0
    step_scale = np.diff(train, axis=1).std() or 1.0

    def stack(rows: Array) -> torch.Tensor:
        steps = np.diff(rows, axis=1, prepend=rows[:, :1]) / step_scale
        return torch.from_numpy(np.stack([(rows - centre) / scale, steps], 2).astype(np.float32))

    return stack(train), stack(test)
