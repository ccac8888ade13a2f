"""Self-exciting activity: the models, their statistics, and which time scales a log supports."""

from .models import Decays, HawkesActivity, HawkesPoissonActivity, decay_grid, expected_count
from .statistics import gather_statistics

__all__ = [
    "Decays",
    "HawkesActivity",
    "HawkesPoissonActivity",
    "decay_grid",
    "expected_count",
    "gather_statistics",
]
