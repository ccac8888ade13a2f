"""PSA-GAN: a generator and a discriminator that grow together draw realistic series."""

from .augmentation import augment
from .conditional import PSAGANForecastEstimator, PSAGANPredictor
from .conditional_settings import PSAGANContextSettings
from .estimator import PSAGANEstimator
from .sampling import Constraints
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
