"""One thing on one Axes each."""

from .agreement import plot_agreement
from .arms import plot_arms
from .audience import plot_calibration, plot_gain, plot_lift
from .campaigns import plot_diversity, plot_effects, plot_value_curve
from .explanations import plot_beeswarm, plot_importance
from .factors import plot_factor_scores, plot_lanes
from .fidelity import (
    COLOURS,
    plot_autocorrelation,
    plot_cross_correlation,
    plot_embedding,
    plot_floor,
    plot_losses,
    plot_spectra,
    plot_windows,
)
from .forecast import plot_differences, plot_forecast
from .groups import plot_parts, plot_ratios
from .histograms import plot_histogram
from .lists import plot_list
from .multiples import plot_multiples

__all__ = [
    "COLOURS",
    "plot_agreement",
    "plot_arms",
    "plot_autocorrelation",
    "plot_beeswarm",
    "plot_calibration",
    "plot_cross_correlation",
    "plot_differences",
    "plot_diversity",
    "plot_effects",
    "plot_embedding",
    "plot_factor_scores",
    "plot_floor",
    "plot_forecast",
    "plot_gain",
    "plot_histogram",
    "plot_importance",
    "plot_lanes",
    "plot_lift",
    "plot_list",
    "plot_losses",
    "plot_multiples",
    "plot_parts",
    "plot_ratios",
    "plot_spectra",
    "plot_value_curve",
    "plot_windows",
]
