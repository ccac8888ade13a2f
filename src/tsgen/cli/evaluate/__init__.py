"""One file a question that can be asked of data and models."""

from .allocation import evaluate_allocation
from .audience import evaluate_audience
from .fidelity import app
from .forecast import forecast

__all__ = [
    "app",
    "evaluate_allocation",
    "evaluate_audience",
    "forecast",
]
