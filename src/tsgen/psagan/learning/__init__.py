"""The adversarial task: batches, losses, growth, and the fit of it all."""

from .fitting import fit_networks, fitted_parts
from .preparation import (
    NewTraining,
    TrainingData,
    conditions_for,
    prepare,
    refuse_channels_of_paper,
    usable_series,
)
from .task import AdversarialTask

__all__ = [
    "AdversarialTask",
    "NewTraining",
    "TrainingData",
    "conditions_for",
    "fit_networks",
    "fitted_parts",
    "prepare",
    "refuse_channels_of_paper",
    "usable_series",
]
