"""PSA-GAN: a generator and a discriminator that grow together draw realistic series."""

from .augmentation import augment
from .constraints import Constraints
from .context_settings import PSAGANContextSettings
from .estimator import PSAGANEstimator
from .forecast_estimator import PSAGANForecastEstimator
from .forecaster import PSAGANPredictor
from .settings import PSAGANSettings
from .synthesizer import PSAGANSynthesizer

__all__ = [
    "Constraints",
    "PSAGANContextSettings",
    "PSAGANEstimator",
    "PSAGANForecastEstimator",
    "PSAGANPredictor",
    "PSAGANSettings",
    "PSAGANSynthesizer",
    "augment",
]
