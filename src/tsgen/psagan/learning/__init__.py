"""The adversarial task: batches, losses, growth, and the fit of it all."""

from .fitting import fit_networks
from .preparation import NewTraining, conditions_for, prepare, usable_series
from .task import AdversarialTask

__all__ = [
    "AdversarialTask",
    "NewTraining",
    "conditions_for",
    "fit_networks",
    "prepare",
    "usable_series",
]
