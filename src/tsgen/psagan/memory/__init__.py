"""What a trained model remembers of its series and of its data."""

from .data_facts import DataFacts
from .series_table import SeriesTable

__all__ = [
    "DataFacts",
    "SeriesTable",
]
