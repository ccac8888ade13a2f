"""One file a question that can be asked of data and models."""

from .allocation import evaluate_allocation
from .audience import evaluate_audience
from .bias import Facets, evaluate_bias
from .explain import explain_app
from .factors import evaluate_factors
from .fidelity import evaluate_app
from .forecast import evaluate_forecast
from .interaction import evaluate_interaction
from .options import RunOutput
from .runs import deliver_run, write_run
from .share import evaluate_share
from .study import study
from .uplift import evaluate_uplift

__all__ = [
    "Facets",
    "RunOutput",
    "deliver_run",
    "evaluate_allocation",
    "evaluate_app",
    "evaluate_audience",
    "evaluate_bias",
    "evaluate_factors",
    "evaluate_forecast",
    "evaluate_interaction",
    "evaluate_share",
    "evaluate_uplift",
    "explain_app",
    "study",
    "write_run",
]
