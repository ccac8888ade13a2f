"""Do synthetic series help a forecaster? Arms, cells, paired intervals."""

from .estimators import FORECASTERS, forecaster_class, import_paths, train_forecaster
from .settings import Arm, Endpoint, Forecaster, ForecastStudy, Regime
from .study import evaluate_forecast

__all__ = [
    "FORECASTERS",
    "Arm",
    "Endpoint",
    "ForecastStudy",
    "Forecaster",
    "Regime",
    "evaluate_forecast",
    "forecaster_class",
    "import_paths",
    "train_forecaster",
]
