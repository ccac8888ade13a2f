"""Does a model find the users who will act? Beside simple rules, with intervals."""

from .measure_names import audience_measure_title
from .pairs_apart import precision_of, selected_pairs
from .ranked import of_items, of_users
from .references import REFERENCES, SimpleIntensities, references
from .study import evaluate_audience
from .window import AudienceWindow, open_window, train_before, window_start

__all__ = [
    "REFERENCES",
    "AudienceWindow",
    "SimpleIntensities",
    "audience_measure_title",
    "evaluate_audience",
    "of_items",
    "of_users",
    "open_window",
    "precision_of",
    "references",
    "selected_pairs",
    "train_before",
    "window_start",
]
