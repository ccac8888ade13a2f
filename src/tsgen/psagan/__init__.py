"""PSA-GAN: a generator and a discriminator that grow together draw realistic series."""

from .augmentation import augment
from .constraints import Constraints
from .estimator import PSAGANEstimator
from .settings import PSAGANSettings
from .synthesizer import PSAGANSynthesizer

__all__ = ["Constraints", "PSAGANEstimator", "PSAGANSettings", "PSAGANSynthesizer", "augment"]
