"""What a trained model remembers of its series and of its data."""

from .closures import RESTING
from .data_facts import DataFacts
from .dynamic_facts import DynamicFacts
from .grain import Grain
from .new_series import say_new_series
from .series_table import SeriesTable
from .statics import say_without_statics

__all__ = [
    "RESTING",
    "DataFacts",
    "DynamicFacts",
    "Grain",
    "SeriesTable",
    "say_new_series",
    "say_without_statics",
]
