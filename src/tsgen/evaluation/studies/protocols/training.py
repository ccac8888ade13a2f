"""The synthesizer that a cell trains, within the study's budget of processor seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tsgen.contracts import synthesizer_factory
from tsgen.training import TrainingOptions

__all__ = ["train_synthesizer"]


def train_synthesizer(
    name: str, dataset: Any, settings: Mapping[str, Any], *, budget: Any, seed: int
) -> Any:
    """Train a synthesizer without a bar of its progress.

    Args:
        name: "psa-gan" or "psa-gan-c".
        dataset: The series, univariate or of several channels.
        settings: Of its estimator.
        budget: Processor seconds, as `TrainingOptions` takes them; None is no limit.
        seed: Of the training.
    """
    options = TrainingOptions(seed=seed, budget=budget, budget_clock="cpu", progress=False)
    return synthesizer_factory(name)(**settings).train(dataset, options=options)
