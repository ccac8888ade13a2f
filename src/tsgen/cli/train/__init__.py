"""One file a model that can be trained."""

from .encoder import tabular_encoder
from .options import Config, DryRun, Set, TrainingBudget, print_settings
from .psagan import train_app
from .rim import rim

__all__ = [
    "Config",
    "DryRun",
    "Set",
    "TrainingBudget",
    "print_settings",
    "rim",
    "tabular_encoder",
    "train_app",
]
