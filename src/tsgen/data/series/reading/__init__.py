"""Long tables and GluonTS entries are read into datasets."""

from .arrays import as_long_table
from .duplicates import OnDuplicate
from .entries import entries_to_channels, entries_to_series, target_dimensions
from .entry_features import OnDynamic, features_of_entries
from .given_dataset import as_asked
from .rejoining import rejoined
from .roles import Roles
from .table import OnInfinite, OnUnobserved, table_to_channels
from .table_grid import OnIrregular
from .wide import TableLayout, arranged

__all__ = [
    "OnDuplicate",
    "OnDynamic",
    "OnInfinite",
    "OnIrregular",
    "OnUnobserved",
    "Roles",
    "TableLayout",
    "arranged",
    "as_asked",
    "as_long_table",
    "entries_to_channels",
    "entries_to_series",
    "features_of_entries",
    "rejoined",
    "table_to_channels",
    "target_dimensions",
]
