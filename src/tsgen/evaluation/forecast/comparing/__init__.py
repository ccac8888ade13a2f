"""From finished cells to comparisons: paired runs, intervals, tables, series by series, power."""

from .by_series import forecast_by_series
from .intervals import paired_difference
from .power import check_half_width, power_rows
from .table import forecast_answer, forecast_arrays, study_table

__all__ = [
    "check_half_width",
    "forecast_answer",
    "forecast_arrays",
    "forecast_by_series",
    "paired_difference",
    "power_rows",
    "study_table",
]
