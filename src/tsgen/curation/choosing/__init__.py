"""Which series to add to a training set, or none: tried, judged, and answered."""

from .candidates import DEFAULT_CANDIDATES, SHARES, Candidate, Way
from .cells import Cells, identity_of, kept_seed
from .choice import AugmentationChoice
from .choose import choose_augmentation
from .forecasters import user_forecaster
from .gains import Gain, gain_of, window_losses
from .judging import judgement
from .narrowing import Narrowing, narrowed
from .rounds import Race, RoundPlan
from .rule import DecisionRule
from .validation import Validation

__all__ = [
    "DEFAULT_CANDIDATES",
    "SHARES",
    "AugmentationChoice",
    "Candidate",
    "Cells",
    "DecisionRule",
    "Gain",
    "Narrowing",
    "Race",
    "RoundPlan",
    "Validation",
    "Way",
    "choose_augmentation",
    "gain_of",
    "identity_of",
    "judgement",
    "kept_seed",
    "narrowed",
    "user_forecaster",
    "window_losses",
]
