"""Which series to train on: many ways to make more, and what decides whether any of them helps."""

from .choosing import (
    AugmentationChoice,
    Candidate,
    Gain,
    RoundPlan,
    choose_augmentation,
)
from .online import OnlineAugmentation
from .operations import (
    TRANSFORMS,
    WINDOW_BASELINES,
    Draws,
    FunctionOperation,
    Futures,
    Operation,
    SynthesizerTraining,
    Transform,
    bootstrapped_windows,
    draw_sources,
    gaussian_windows,
    jittered_windows,
    make_series,
    make_windows,
    mixed_windows,
    operation,
    season_of,
    synforecast,
)
from .policy import MAGNITUDES, AugmentationPolicy, PolicyEntry, PolicySearch
from .reference import ReferenceEstimator
from .seeded import quiet, seeded
from .source_weights import SourceMix, SourceWeights

__all__ = [
    "MAGNITUDES",
    "TRANSFORMS",
    "WINDOW_BASELINES",
    "AugmentationChoice",
    "AugmentationPolicy",
    "Candidate",
    "Draws",
    "FunctionOperation",
    "Futures",
    "Gain",
    "OnlineAugmentation",
    "Operation",
    "PolicyEntry",
    "PolicySearch",
    "ReferenceEstimator",
    "RoundPlan",
    "SourceMix",
    "SourceWeights",
    "SynthesizerTraining",
    "Transform",
    "bootstrapped_windows",
    "choose_augmentation",
    "draw_sources",
    "gaussian_windows",
    "jittered_windows",
    "make_series",
    "make_windows",
    "mixed_windows",
    "operation",
    "quiet",
    "season_of",
    "seeded",
    "synforecast",
]
