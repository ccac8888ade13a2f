"""Studies as files: protocols whose cells (an arm, a seed) are computed once and kept."""

from .engine import compute_cell, read_study, run_study
from .forecast_page import forecast_page
from .protocols import PROTOCOLS

__all__ = ["PROTOCOLS", "compute_cell", "forecast_page", "read_study", "run_study"]
