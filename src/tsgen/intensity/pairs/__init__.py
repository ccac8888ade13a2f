"""What the pair's own past adds to activity times relevance."""

from .fitting import PairWindow, fit_pairs
from .identity import user_keys
from .learned import LearnedPairs
from .lifting import lifted, usual_sums
from .mixture import RepeatMixture, fit_mixture
from .seen_pairs import SeenPairs
from .settings import PairSettings

__all__ = [
    "LearnedPairs",
    "PairSettings",
    "PairWindow",
    "RepeatMixture",
    "SeenPairs",
    "fit_mixture",
    "fit_pairs",
    "lifted",
    "user_keys",
    "usual_sums",
]
