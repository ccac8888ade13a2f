"""One file a question that can be asked of data and models."""

from .allocation import evaluate_allocation
from .audience import evaluate_audience
from .fidelity import app, write_run
from .forecast import forecast
from .study import study
from .uplift import evaluate_uplift

__all__ = [
    "app",
    "evaluate_allocation",
    "evaluate_audience",
    "evaluate_uplift",
    "forecast",
    "study",
    "write_run",
]
