"""How sure a number is: intervals, draws with replacement, measures under them, and reselection."""

from .intervals import (
    LEVEL,
    mean_interval,
    percentile_interval,
    resample_counts,
    student_quantile,
)
from .reselection import ReselectedPrecision, first_weights, reach_of
from .weighted_measures import MeanOverItems, Ratio, WeightedMeasure, bootstrap

__all__ = [
    "LEVEL",
    "MeanOverItems",
    "Ratio",
    "ReselectedPrecision",
    "WeightedMeasure",
    "bootstrap",
    "first_weights",
    "mean_interval",
    "percentile_interval",
    "reach_of",
    "resample_counts",
    "student_quantile",
]
