"""Series in and out: long tables, files and GluonTS datasets become one validated value."""

from .bundled import load_sample
from .conversion import to_dataset, to_frame
from .files import read_series, write_series
from .series import SeriesDataset
from .simulated import simulate_series

__all__ = [
    "SeriesDataset",
    "load_sample",
    "read_series",
    "simulate_series",
    "to_dataset",
    "to_frame",
    "write_series",
]
