"""Series in and out: long tables, files and GluonTS datasets become one validated value."""

from .conversion import to_dataset, to_frame
from .series import SeriesDataset

__all__ = [
    "SeriesDataset",
    "to_dataset",
    "to_frame",
]
