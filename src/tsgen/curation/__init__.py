"""Which series to train on: many ways to make more, and what decides whether any of them helps."""

from .choosing import (
    AugmentationChoice,
    Candidate,
    Gain,
    Plan,
    choose_augmentation,
)
from .online import OnlineAugmentation
from .operations import (
    TRANSFORMS,
    Draws,
    FunctionOperation,
    Futures,
    Operation,
    SynthesizerTraining,
    Transform,
    draw_sources,
    make_series,
    make_windows,
    operation,
    season_of,
    synforecast,
)
from .reference import ReferenceEstimator
from .seeded import quiet, seeded
from .source_weights import SourceMix, SourceWeights

__all__ = [
    "TRANSFORMS",
    "AugmentationChoice",
    "Candidate",
    "Draws",
    "FunctionOperation",
    "Futures",
    "Gain",
    "OnlineAugmentation",
    "Operation",
    "Plan",
    "ReferenceEstimator",
    "SourceMix",
    "SourceWeights",
    "SynthesizerTraining",
    "Transform",
    "choose_augmentation",
    "draw_sources",
    "make_series",
    "make_windows",
    "operation",
    "quiet",
    "season_of",
    "seeded",
    "synforecast",
]
