"""PSA-GAN-C: the generator given a past forecasts, and fills gaps."""

from .estimator import PSAGANForecastEstimator
from .predictor import PSAGANPredictor
from .table import forecast_table

__all__ = ["PSAGANForecastEstimator", "PSAGANPredictor", "forecast_table"]
