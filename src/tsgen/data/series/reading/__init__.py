"""Long tables and GluonTS entries are read into datasets."""

from .duplicates import OnDuplicate
from .entries import entries_to_channels, entries_to_series, target_dimensions
from .entry_features import OnDynamic, features_of_entries
from .table import OnInfinite, OnUnobserved, table_to_channels
from .table_grid import OnIrregular

__all__ = [
    "OnDuplicate",
    "OnDynamic",
    "OnInfinite",
    "OnIrregular",
    "OnUnobserved",
    "entries_to_channels",
    "entries_to_series",
    "features_of_entries",
    "table_to_channels",
    "target_dimensions",
]
