"""Does a model find the users who will act? Beside simple rules, with intervals."""

from .references import REFERENCES, SimpleIntensities, references
from .study import evaluate_audience
from .window import AudienceWindow, open_window, train_before, window_start

__all__ = [
    "REFERENCES",
    "AudienceWindow",
    "SimpleIntensities",
    "evaluate_audience",
    "open_window",
    "references",
    "train_before",
    "window_start",
]
