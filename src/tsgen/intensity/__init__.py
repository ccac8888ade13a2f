"""RIM: who will engage with this item? Activity of a user times relevance of an item."""

from .estimator import RIMEstimator
from .factor_relevance import FactorSettings
from .model import RIMModel
from .relevance import FittedRelevance, RelevanceModel
from .scores import ScoreMatrix
from .sequence_training import SequenceSettings

__all__ = [
    "FactorSettings",
    "FittedRelevance",
    "RIMEstimator",
    "RIMModel",
    "RelevanceModel",
    "ScoreMatrix",
    "SequenceSettings",
]
