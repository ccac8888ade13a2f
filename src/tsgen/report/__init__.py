"""Pictures, one thing on one Axes each, and a result as one self-contained HTML file."""

from .figures import (
    COLOURS,
    plot_agreement,
    plot_autocorrelation,
    plot_calibration,
    plot_cross_correlation,
    plot_differences,
    plot_embedding,
    plot_floor,
    plot_forecast,
    plot_gain,
    plot_histogram,
    plot_lift,
    plot_losses,
    plot_multiples,
    plot_spectra,
    plot_windows,
)
from .page import page_text, write_page
from .shapes import missing_parts

__all__ = [
    "COLOURS",
    "missing_parts",
    "page_text",
    "plot_agreement",
    "plot_autocorrelation",
    "plot_calibration",
    "plot_cross_correlation",
    "plot_differences",
    "plot_embedding",
    "plot_floor",
    "plot_forecast",
    "plot_gain",
    "plot_histogram",
    "plot_lift",
    "plot_losses",
    "plot_multiples",
    "plot_spectra",
    "plot_windows",
    "write_page",
]
