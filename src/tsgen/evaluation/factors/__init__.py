"""Worlds of known factors: can a maker of series make combinations that nobody saw?"""

from .cells import FactorCell, FactorTask
from .makers import MAKERS
from .splits import SPLITS
from .study import FORECAST_CHANGE, NEW_SCORE, SCORE, evaluate_factors
from .worlds import WORLDS, FactorWorld

__all__ = [
    "FORECAST_CHANGE",
    "MAKERS",
    "NEW_SCORE",
    "SCORE",
    "SPLITS",
    "WORLDS",
    "FactorCell",
    "FactorTask",
    "FactorWorld",
    "evaluate_factors",
]
