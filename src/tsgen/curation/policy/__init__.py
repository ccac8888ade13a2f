"""Which operations, how strong, and how often: a policy learnt before any forecaster is trained."""

from .magnitudes import MAGNITUDES
from .policy import AugmentationPolicy, PolicyEntry
from .search import PolicySearch

__all__ = ["MAGNITUDES", "AugmentationPolicy", "PolicyEntry", "PolicySearch"]
