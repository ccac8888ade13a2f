"""Which series to add to a training set, or none: tried, judged, and answered."""

from .candidates import DEFAULT_CANDIDATES, SHARES, Candidate
from .choice import AugmentationChoice
from .choose import choose_augmentation
from .gains import Gain, gain_of, window_losses
from .rounds import RoundPlan
from .rule import LEAST_EXPECTED, SURENESS
from .validation import Validation

__all__ = [
    "DEFAULT_CANDIDATES",
    "LEAST_EXPECTED",
    "SHARES",
    "SURENESS",
    "AugmentationChoice",
    "Candidate",
    "Gain",
    "RoundPlan",
    "Validation",
    "choose_augmentation",
    "gain_of",
    "window_losses",
]
