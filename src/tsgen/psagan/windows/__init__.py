"""What is known of a window besides its values: conditions, context, resolution, gaps."""

from .bridging import Bridge
from .conditions import UNKNOWN, Conditions, WindowConditions
from .context import ContextSizes, WindowContext
from .covariates import WindowCovariates, hidden
from .resolution import coarsen, halve, level_lengths, resize
from .static_numbers import StaticNumbers

__all__ = [
    "UNKNOWN",
    "Bridge",
    "Conditions",
    "ContextSizes",
    "StaticNumbers",
    "WindowConditions",
    "WindowContext",
    "WindowCovariates",
    "coarsen",
    "halve",
    "hidden",
    "level_lengths",
    "resize",
]
