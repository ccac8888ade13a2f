"""Training of the learned count model: the network, its likelihood, and when to stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from tsgen.arrays import Array
from tsgen.rng import numpy_stream, resolve_seed, torch_stream
from tsgen.training import Processes, TrainingOptions, fit

from .learned_features import WARM_FEATURE

if TYPE_CHECKING:
    from .learned import LearnedActivity

__all__ = ["WEIGHTS", "count_numbers", "train_counts"]

WEIGHTS = ("centre", "scale", "first", "first_bias", "second", "second_bias", "last", "direct",
           "bias")  # fmt: skip
"""Names of the network's arrays."""

_EVERY = 20
_PATIENCE = 8


def count_numbers(features: Any, weights: Mapping[str, Any], silu: Callable[[Any], Any]) -> Any:
    """Return log mean and log shape of the counts, shape (r, 2), from features (r, F).

    Two hidden layers beside a linear part; NumPy arrays and torch tensors alike.
    """
    x = (features - weights["centre"]) * weights["scale"]
    hidden = silu(x @ weights["first"] + weights["first_bias"])
    hidden = silu(hidden @ weights["second"] + weights["second_bias"])
    return hidden @ weights["last"] + x @ weights["direct"] + weights["bias"]


def train_counts(
    features: Array,
    counts: Array,
    held_out: npt.NDArray[np.int8],
    model: LearnedActivity,
    options: TrainingOptions,
) -> dict[str, Array]:
    """Return the trained weights.

    Args:
        features: (r, F).
        counts: (r,).
        held_out: (r,) 1 judges when to stop, 0 teaches, -1 joins only after that.
        model: The settings.
        options: Seed and device; the time budget and checkpoints are for longer trainings.
    """
    data = (torch.from_numpy(features).float(), torch.from_numpy(counts).float())
    teach, judge = torch.from_numpy(held_out == 0), torch.from_numpy(held_out == 1)
    everything = torch.ones(len(counts), dtype=torch.bool)
    steps = model.max_steps
    if bool(teach.any()) and bool(judge.any()):
        steps = _run(data, teach, judge, model, options, steps).best_step
    if steps == 0:
        return _first_weights(*data, model, options)
    return _numpy(_run(data, everything, None, model, options, steps).weights())


def _run(
    data: tuple[torch.Tensor, torch.Tensor],
    teach: torch.Tensor,
    judge: torch.Tensor | None,
    model: LearnedActivity,
    options: TrainingOptions,
    steps: int,
) -> _CountTask:
    made: list[_CountTask] = []

    def make(processes: Processes, plan: dict[str, Any] | None) -> _CountTask:
        made.append(_CountTask(data, teach, judge, model, options, steps, processes.device))
        return made[0]

    quiet = {
        "checkpoint": None, "resume": False, "budget": None, "progress": False, "devices": 1,
        "log_every": _EVERY, "on_row": None,
    }  # fmt: skip
    fit(make, options.model_copy(update=quiet), label="activity", fingerprint="")
    return made[0]


class _CountTask:
    """One step is one batch of requests; every few steps the requests that judge are scored."""

    def __init__(
        self,
        data: tuple[torch.Tensor, torch.Tensor],
        teach: torch.Tensor,
        judge: torch.Tensor | None,
        model: LearnedActivity,
        options: TrainingOptions,
        steps: int,
        device: torch.device,
    ) -> None:
        self.features, self.counts = (part[teach].to(device) for part in data)
        self.judges = None if judge is None else [part[judge].to(device) for part in data]
        self.seed, self.size = resolve_seed(options.seed), model.batch_size
        self.num_steps, self.plan = steps, {"schedule": [steps]}
        first = _first_weights(self.features.cpu(), self.counts.cpu(), model, options)
        self.tensors = {n: torch.from_numpy(w).float().to(device) for n, w in first.items()}
        learnt = [self.tensors[n].requires_grad_() for n in WEIGHTS[2:]]
        self.optimiser = torch.optim.AdamW(learnt, lr=model.learning_rate, weight_decay=1e-3)
        self.best_step, self.best_loss = 0, self._judge()
        self.exhausted = False

    def step(self, step: int) -> Mapping[str, torch.Tensor | float]:
        """Do one batch."""
        batch: Any = slice(None)
        if len(self.counts) > self.size:
            draw = numpy_stream(self.seed, "count batches", step)
            batch = torch.from_numpy(draw.integers(0, len(self.counts), self.size))
        loss = self._loss(self.features[batch], self.counts[batch])
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([self.tensors[n] for n in WEIGHTS[2:]], 5.0)
        self.optimiser.step()
        if self.judges is not None and (step + 1) % _EVERY == 0:
            self._compare(step + 1)
        return {"loss": loss.detach()}

    def _compare(self, done: int) -> None:
        """Remember the best number of steps, and whether it lies too far back to go on."""
        loss = self._judge()
        if loss < self.best_loss:
            self.best_step, self.best_loss = done, loss
        self.exhausted = done - self.best_step >= _PATIENCE * _EVERY

    def _loss(self, features: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """Return the mean negative log-likelihood; what depends on the count alone is left out."""
        mean, shape = count_numbers(features, self.tensors, F.silu).T
        size, both = shape.exp(), torch.logaddexp(shape, mean)
        ways = torch.lgamma(counts + size) - torch.lgamma(size)
        terms: torch.Tensor = ways + size * (shape - both) + counts * (mean - both)
        return -terms.mean()

    @torch.no_grad()
    def _judge(self) -> float:
        return math.inf if self.judges is None else float(self._loss(*self.judges))

    def facts(self, step: int) -> Mapping[str, float]:
        """Return no more columns."""
        return {}

    def state(self) -> dict[str, Any]:
        """Return nothing: the training takes seconds and keeps no checkpoint."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Do nothing."""

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the weights."""
        return {name: tensor.detach() for name, tensor in self.tensors.items()}


def _first_weights(
    features: torch.Tensor, counts: torch.Tensor, model: LearnedActivity, options: TrainingOptions
) -> dict[str, Array]:
    """Return a first guess: in proportion to the recent events, as many as happened in all."""
    x = features.double().numpy()
    centre, spread = x.mean(axis=0), x.std(axis=0)
    scale = np.where(spread > 1e-3, 1 / np.maximum(spread, 1e-3), 0.0)  # nothing known: no effect
    stream = torch_stream(resolve_seed(options.seed), "count weights")

    def draw(rows: int, columns: int) -> Array:
        drawn = torch.randn(rows, columns, generator=stream) / math.sqrt(rows)
        return np.asarray(drawn.numpy(), np.float64)

    width = model.hidden_size
    direct = np.zeros((x.shape[1], 2))
    direct[WARM_FEATURE, 0] = spread[WARM_FEATURE]
    guess = (x[:, WARM_FEATURE] - centre[WARM_FEATURE]) * (scale[WARM_FEATURE] > 0)
    total = max(float(counts.sum()), 0.5)
    return {
        "centre": centre,
        "scale": scale,
        "first": draw(x.shape[1], width),
        "first_bias": np.zeros(width),
        "second": draw(width, width),
        "second_bias": np.zeros(width),
        "last": np.zeros((width, 2)),
        "direct": direct,
        "bias": np.array([math.log(total / np.exp(guess).sum()), -1.0]),
    }


def _numpy(weights: Mapping[str, torch.Tensor]) -> dict[str, Array]:
    return {name: tensor.double().numpy() for name, tensor in weights.items()}
