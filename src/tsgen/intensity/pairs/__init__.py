"""What the pair's own past adds to activity times relevance."""

from .fitting import PairWindow, fit_pairs
from .identity import user_keys
from .learned import LearnedPairs
from .lifting import HALF_TRUST, PairSums
from .mixture import RepeatMixture, fit_mixture
from .seen_pairs import SeenPairs
from .settings import PairSettings

__all__ = [
    "HALF_TRUST",
    "LearnedPairs",
    "PairSettings",
    "PairSums",
    "PairWindow",
    "RepeatMixture",
    "SeenPairs",
    "fit_mixture",
    "fit_pairs",
    "user_keys",
]
