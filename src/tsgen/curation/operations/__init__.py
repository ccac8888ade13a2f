"""Ways to make series, all of one shape: a dataset and a seed in, new entries out."""

from .adapters import FunctionOperation, synforecast
from .base import (
    TRANSFORMS,
    AlignedOperation,
    Operation,
    Transform,
    make_series,
)
from .resolution import Maker, operation
from .sources import Sources, draw_sources, season_of, synthetic_after
from .synthesis import Draws, Futures, SynthesizerTraining, as_operation
from .windows import (
    WINDOW_BASELINES,
    bootstrapped_windows,
    gaussian_windows,
    jittered_windows,
    make_windows,
    mixed_windows,
)

__all__ = [
    "TRANSFORMS",
    "WINDOW_BASELINES",
    "AlignedOperation",
    "Draws",
    "FunctionOperation",
    "Futures",
    "Maker",
    "Operation",
    "Sources",
    "SynthesizerTraining",
    "Transform",
    "as_operation",
    "bootstrapped_windows",
    "draw_sources",
    "gaussian_windows",
    "jittered_windows",
    "make_series",
    "make_windows",
    "mixed_windows",
    "operation",
    "season_of",
    "synforecast",
    "synthetic_after",
]
