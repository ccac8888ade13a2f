"""From training data to trained tensors: the two networks, fitted under the user's options."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from tsgen.data.series import DynamicFeatures
from tsgen.errors import SettingsError
from tsgen.rng import resolve_seed
from tsgen.training import Clock, Fitted, Processes, TrainingOptions, fit

from ..memory import DataFacts, SeriesTable
from ..settings import PSAGANSettings
from ..windows import WindowConditions
from .preparation import TrainingData
from .task import AdversarialTask

__all__ = ["Remembered", "fit_networks", "fitted_parts"]


@dataclass(frozen=True)
class _TaskMaker:
    """Builds the training task in each process."""

    data: TrainingData
    settings: PSAGANSettings
    seed: int
    budget: tuple[float, Clock] | None
    warm_start: Mapping[str, torch.Tensor] | None

    def __call__(self, processes: Processes, plan: dict[str, Any] | None) -> AdversarialTask:
        return AdversarialTask(
            self.data,
            self.settings,
            self.seed,
            processes,
            plan,
            budget=self.budget,
            warm_start=self.warm_start,
        )


def fit_networks(
    settings: PSAGANSettings,
    data: TrainingData,
    options: TrainingOptions,
    fingerprint: str,
    warm_start: Mapping[str, torch.Tensor] | None = None,
) -> Fitted:
    """Train the two networks, from `warm_start` if given.

    Args:
        settings: What the networks are.
        data: The training part.
        options: Circumstances of the run.
        fingerprint: Digest of the data; a checkpoint of other data is refused.
        warm_start: Tensors of both networks to go on from, at full resolution.

    Raises:
        SettingsError: The batch cannot be shared by the processes, or both a number of steps and a
            budget were given.
    """
    usual = (0, type(settings).model_fields["num_steps"].default)
    if warm_start is None and options.budget is not None and settings.num_steps not in usual:
        raise SettingsError(
            f"num_steps={settings.num_steps} and a budget of {options.budget:g} s both say how "
            "long to train; give one of them."
        )
    if settings.batch_size % options.devices:
        raise SettingsError(
            f"batch_size={settings.batch_size} cannot be shared by devices={options.devices}; "
            "make it a multiple."
        )
    budget = None
    if options.budget is not None and settings.schedule is None:
        budget = (options.budget, options.budget_clock)
    maker = _TaskMaker(data, settings, resolve_seed(options.seed), budget, warm_start)
    depends_on = [fingerprint, settings.to_json(), options.seed, options.precision, budget]
    depends_on.append(None if warm_start is None else _digest(warm_start))
    digest = hashlib.sha256(json.dumps(depends_on, default=str).encode()).hexdigest()
    return fit(maker, options, label="PSA-GAN", fingerprint=digest)


class Remembered(Protocol):
    """What a model will remember of data that were made ready for it."""

    @property
    def tables(self) -> tuple[SeriesTable, ...]:
        """Facts of the series, by channel."""
        ...

    @property
    def facts(self) -> DataFacts:
        """Facts of the data as a whole."""
        ...

    @property
    def features(self) -> DynamicFeatures | None:
        """Features of the series that change in time."""
        ...


def fitted_parts(
    fitted: Fitted,
    remembered: Remembered,
    conditions: WindowConditions,
    options: TrainingOptions,
) -> dict[str, Any]:
    """Return the arguments of a fitted model but for its settings.

    Args:
        fitted: What `fit_networks` returned.
        remembered: Of the training data, and of earlier ones.
        conditions: What windows are generated for.
        options: Circumstances of the run; their seed is resolved.
    """
    return {
        "weights": fitted.weights,
        "table": remembered.tables[0],
        "further_tables": remembered.tables[1:],
        "data": remembered.facts,
        "conditions": conditions,
        "features": remembered.features,
        "plan": fitted.plan,
        "history": fitted.history,
        "seed": resolve_seed(options.seed),
        "device": options.device,
    }


def _digest(weights: Mapping[str, torch.Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode() + weights[name].numpy().tobytes())
    return digest.hexdigest()
