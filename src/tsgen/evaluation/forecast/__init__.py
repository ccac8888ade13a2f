"""Do synthetic series help a forecaster? Arms, cells, paired intervals."""

from .comparing import paired_difference
from .estimators import (
    FORECASTERS,
    check_forecaster,
    forecaster_class,
    import_paths,
    train_forecaster,
)
from .named import NamedEstimator
from .regime_windows import TestWindows, gluonts_season
from .scores import metric_of, score_forecasts
from .settings import Arm, Endpoint, Forecaster, ForecastStudy, Regime
from .study import evaluate_forecast

__all__ = [
    "FORECASTERS",
    "Arm",
    "Endpoint",
    "ForecastStudy",
    "Forecaster",
    "NamedEstimator",
    "Regime",
    "TestWindows",
    "check_forecaster",
    "evaluate_forecast",
    "forecaster_class",
    "gluonts_season",
    "import_paths",
    "metric_of",
    "paired_difference",
    "score_forecasts",
    "train_forecaster",
]
