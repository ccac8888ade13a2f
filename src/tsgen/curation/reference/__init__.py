"""Reference forecasters: cheap enough to be trained hundreds of times, to say what helps."""

from .estimator import ReferenceEstimator, ReferenceLinearEstimator, ReferencePredictor
from .linear import LinearForecaster, fit_linear, linear_stack, regression
from .network import LEVELS, Member, NetworkSettings, StackedNetwork, train_stack
from .windows import ForecastWindows, rolling_windows, training_windows

__all__ = [
    "LEVELS",
    "ForecastWindows",
    "LinearForecaster",
    "Member",
    "NetworkSettings",
    "ReferenceEstimator",
    "ReferenceLinearEstimator",
    "ReferencePredictor",
    "StackedNetwork",
    "fit_linear",
    "linear_stack",
    "regression",
    "rolling_windows",
    "train_stack",
    "training_windows",
]
