"""Ways to make series, all of one shape: a dataset and a seed in, new entries out."""

from .adapters import FunctionOperation, synforecast
from .base import (
    TRANSFORMS,
    AlignedOperation,
    Operation,
    Transform,
    make_series,
    make_windows,
)
from .resolution import Maker, operation
from .sources import Integers, Sources, draw_sources, season_of, synthetic_after
from .synthesis import Draws, Futures, SynthesizerTraining, as_operation

__all__ = [
    "TRANSFORMS",
    "AlignedOperation",
    "Draws",
    "FunctionOperation",
    "Futures",
    "Integers",
    "Maker",
    "Operation",
    "Sources",
    "SynthesizerTraining",
    "Transform",
    "as_operation",
    "draw_sources",
    "make_series",
    "make_windows",
    "operation",
    "season_of",
    "synforecast",
    "synthetic_after",
]
