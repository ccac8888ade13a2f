"""One file a question that can be asked of data and models."""

from .allocation import evaluate_allocation
from .audience import evaluate_audience
from .factors import evaluate_factors
from .fidelity import evaluate_app
from .forecast import evaluate_forecast
from .runs import write_run
from .share import evaluate_share
from .study import study
from .uplift import evaluate_uplift

__all__ = [
    "evaluate_allocation",
    "evaluate_app",
    "evaluate_audience",
    "evaluate_factors",
    "evaluate_forecast",
    "evaluate_share",
    "evaluate_uplift",
    "study",
    "write_run",
]
