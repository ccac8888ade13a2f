"""Does a model find the users who will act? Beside simple rules, with intervals."""

from .study import evaluate_audience

__all__ = [
    "evaluate_audience",
]
