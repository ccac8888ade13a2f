"""Many small quantile networks trained at once, as one stacked network.

Each member has its own seed, training set and early stop; stacked, they give what each would give
alone, at a fraction of the time. Shape legend: M members, B windows of a batch, C context steps,
L steps to forecast, Q levels, H hidden units, n windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from tsgen.arrays import Array
from tsgen.errors import TrainingDivergedError
from tsgen.rng import numpy_stream

from .windows import ForecastWindows

__all__ = ["LEVELS", "Member", "NetworkSettings", "StackedNetwork", "train_stack"]

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class NetworkSettings:
    """What a member is and how it is trained.

    Attributes:
        hidden_size: H.
        batch_size: B.
        learning_rate: Of Adam.
        max_steps: Steps at most.
        check_every: Steps between two looks at the stopping windows.
        patience: Looks without a better loss after which a member stops.
        averaging: Weights are averages over training, each step counting this much less than the
            next; single seeds then differ by 1 to 4 % instead of 3 to 10 %.
    """

    hidden_size: int = 48
    batch_size: int = 48
    learning_rate: float = 3e-3
    max_steps: int = 500
    check_every: int = 20
    patience: int = 6
    averaging: float = 0.98


@dataclass(frozen=True)
class Member:
    """One network to train.

    Attributes:
        seed: Of its first weights and of its batches.
        parts: Window sets it learns from, as positions among those given to `train_stack`, each
            with the share of a batch it gets; the shares add up to 1.
        annealed: Steps within which the shares of all sets but the first shrink to none, linearly,
            and the first takes their place; 0: they stay.
    """

    seed: int
    parts: tuple[tuple[int, float], ...] = ((0, 1.0),)
    annealed: int = 0

    def shares(self, steps: Array) -> Array:
        """Return the share of each part at each of n steps, (n, parts)."""
        real = np.array([place == 0 for place, _ in self.parts])
        shares = np.tile([share for _, share in self.parts], (len(steps), 1))
        if self.annealed:
            shares *= np.maximum(1 - steps / self.annealed, 0)[:, None]
            shares[:, real] = 1 - shares[:, ~real].sum(axis=1, keepdims=True)
        return shares


@dataclass(frozen=True)
class StackedNetwork:
    """M trained networks.

    Attributes:
        weights: Name -> (M, ...) tensor.
        steps: The step at which each member was best.
    """

    weights: Weights
    steps: list[int] = field(default_factory=list)

    def quantiles(self, windows: ForecastWindows) -> Array:
        """Forecast the windows: (M, n, L, Q) in original units, levels in order."""
        past, _, scale = windows.read()
        with torch.no_grad():
            context = torch.tensor(past, dtype=torch.float32).expand(len(self), -1, -1)
            drawn = _forward(self.weights, context).sort(dim=-1).values
        return np.asarray(drawn.double().numpy() * scale[:, None, None])

    def members(self, chosen: slice) -> StackedNetwork:
        """Return some of the networks."""
        weights = {name: tensor[chosen] for name, tensor in self.weights.items()}
        return StackedNetwork(weights, self.steps[chosen])

    def __len__(self) -> int:
        return len(self.weights["out.bias"])


def train_stack(
    members: Sequence[Member],
    sets: Sequence[ForecastWindows],
    stopping: ForecastWindows | Sequence[ForecastWindows],
    settings: NetworkSettings | None = None,
) -> StackedNetwork:
    """Train all members together.

    Args:
        members: What is to be trained, M.
        sets: Window sets that members learn from.
        stopping: Windows by whose loss each member is stopped; or those of each member, as many
            for one as for the other.
        settings: Sizes and schedule, the same for all.

    Raises:
        TrainingDivergedError: A loss became NaN or infinite.
    """
    settings = settings or NetworkSettings()
    data = _Data.of(sets)
    held = _Held.of(stopping)
    weights = _initial([m.seed for m in members], sets[0], settings)
    best = {name: tensor.detach().clone() for name, tensor in weights.items()}
    least = torch.full((len(members),), torch.inf)
    waited = torch.zeros(len(members), dtype=torch.long)
    steps = torch.zeros(len(members), dtype=torch.long)
    mean = {name: tensor.detach().clone() for name, tensor in weights.items()}
    optimizer = torch.optim.Adam(list(weights.values()), lr=settings.learning_rate)
    streams = [numpy_stream(m.seed, "batches") for m in members]
    for step in range(settings.max_steps):
        if step % settings.check_every == 0:
            chosen = data.draw(members, streams, settings, step)
        past, future = data.batch(chosen[:, step % settings.check_every])
        optimizer.zero_grad()
        loss = _pinball(_forward(weights, past), future).mean(dim=(1, 2, 3)).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        decay = min(settings.averaging, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, tensor in weights.items():
                mean[name].lerp_(tensor, 1 - decay)
        if (step + 1) % settings.check_every:
            continue
        losses = held.losses(mean)
        if not torch.isfinite(losses).all():
            raise TrainingDivergedError(
                "A reference forecaster's loss became infinite; the series hold values too large "
                "to be squared: rescale them.",
                step=step + 1,
            )
        better = (losses < least) & (waited < settings.patience)
        least = torch.where(better, losses, least)
        for name, tensor in mean.items():
            best[name][better] = tensor[better]
        steps[better] = step + 1
        waited = torch.where(better, 0, waited + 1)
        if (waited >= settings.patience).all():
            break
    return StackedNetwork(best, steps.tolist())


@dataclass(frozen=True)
class _Data:
    """All window sets as one table; set s is rows begins[s] to begins[s + 1]."""

    past: torch.Tensor
    future: torch.Tensor
    begins: Array

    @classmethod
    def of(cls, sets: Sequence[ForecastWindows]) -> _Data:
        read = [windows.read() for windows in sets]
        past, future = (np.concatenate([parts[k] for parts in read]) for k in range(2))
        begins = np.cumsum([0, *(len(windows) for windows in sets)])
        return cls(torch.tensor(past).float(), torch.tensor(future).float(), begins)

    def draw(
        self,
        members: Sequence[Member],
        streams: Sequence[np.random.Generator],
        settings: NetworkSettings,
        step: int = 0,
    ) -> torch.Tensor:
        """Draw the rows of the next batches, from a step on, (M, check_every, B)."""
        rows = []
        steps = step + np.arange(settings.check_every, dtype=float)
        for member, stream in zip(members, streams, strict=True):
            which, where = stream.random((2, settings.check_every, settings.batch_size))
            bounds = np.cumsum(member.shares(steps), axis=1)
            part = (which[:, :, None] >= bounds[:, None, :-1]).sum(axis=-1)
            places = np.array([place for place, _ in member.parts])[part]
            begin, end = self.begins[places], self.begins[places + 1]
            rows.append(begin + np.floor(where * (end - begin)).astype(np.int64))
        return torch.tensor(np.stack(rows))

    def batch(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return past (M, B, C) and future (M, B, L)."""
        return self.past[rows], self.future[rows]


@dataclass(frozen=True)
class _Held:
    """The stopping windows of all members or of each, and their loss in original units."""

    past: torch.Tensor
    future: torch.Tensor
    scale: torch.Tensor

    @classmethod
    def of(cls, stopping: ForecastWindows | Sequence[ForecastWindows]) -> _Held:
        sets = [stopping] if isinstance(stopping, ForecastWindows) else stopping
        read = [windows.read() for windows in sets]
        past, future, scale = (
            torch.tensor(np.stack([parts[k] for parts in read])).float() for k in range(3)
        )
        return cls(past, future, scale / scale.mean(dim=-1, keepdim=True))

    def losses(self, weights: Weights) -> torch.Tensor:
        """Return each member's loss, (M,)."""
        num = len(weights["out.bias"])
        with torch.no_grad():
            drawn = _forward(weights, self.past.expand(num, -1, -1))
            loss = _pinball(drawn, self.future.expand(num, -1, -1))
            return (loss * self.scale[:, :, None, None]).mean(dim=(1, 2, 3))


def _initial(seeds: Sequence[int], windows: ForecastWindows, settings: NetworkSettings) -> Weights:
    """Return first weights, uniform within 1 / sqrt(inputs), of each member's own seed."""
    inputs, hidden = windows.context_length, settings.hidden_size
    outputs = windows.prediction_length * len(LEVELS)
    sizes = {"in": (inputs, hidden), "mid": (hidden, hidden), "out": (hidden, outputs)}
    sizes["skip"] = (inputs, outputs)
    weights: Weights = {}
    for name, (before, after) in sizes.items():
        bound = before**-0.5
        for part, shape in (("weight", (before, after)), ("bias", (1, after))):
            drawn = [
                numpy_stream(seed, name, part).uniform(-bound, bound, size=shape) for seed in seeds
            ]
            tensor = torch.tensor(np.stack(drawn), dtype=torch.float32)
            weights[f"{name}.{part}"] = tensor.requires_grad_()
    return weights


def _forward(weights: Weights, context: torch.Tensor) -> torch.Tensor:
    """Return quantiles (M, B, L, Q) over the scale of contexts (M, B, C)."""

    def layer(name: str, values: torch.Tensor) -> torch.Tensor:
        return torch.baddbmm(weights[f"{name}.bias"], values, weights[f"{name}.weight"])

    mean = context.mean(dim=-1, keepdim=True)
    around = context - mean
    hidden = torch.relu(layer("in", around))
    hidden = torch.relu(layer("mid", hidden))
    drawn = layer("out", hidden) + layer("skip", around) + mean
    return drawn.reshape(*drawn.shape[:2], -1, len(LEVELS))


def _pinball(drawn: torch.Tensor, future: torch.Tensor) -> torch.Tensor:
    """Return the quantile loss (M, B, L, Q), 0 where the future is missing."""
    gap = future.nan_to_num()[..., None] - drawn
    levels = torch.tensor(LEVELS)
    loss = torch.maximum(levels * gap, (levels - 1) * gap)
    return loss * ~future.isnan()[..., None]
