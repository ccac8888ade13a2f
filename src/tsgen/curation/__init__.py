"""Which series to train on: many ways to make more, and what decides whether any of them helps."""

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

__all__ = [
    "TRANSFORMS",
    "Draws",
    "FunctionOperation",
    "Futures",
    "Operation",
    "SynthesizerTraining",
    "Transform",
    "draw_sources",
    "make_series",
    "make_windows",
    "operation",
    "season_of",
    "synforecast",
]
