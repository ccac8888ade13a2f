"""What the pair's own past adds to activity times relevance."""

from .fitting import PairWindow, fit_pairs
from .learned import LearnedPairs
from .mixture import RepeatMixture, fit_mixture

__all__ = [
    "LearnedPairs",
    "PairWindow",
    "RepeatMixture",
    "fit_mixture",
    "fit_pairs",
]
