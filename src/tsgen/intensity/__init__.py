"""RIM: who will engage with this item? Activity of a user times relevance of an item."""

from .activity_predictor import ActivityPredictor
from .agreement import agreement
from .estimator import RIMEstimator
from .factor_relevance import FactorSettings
from .forecaster import ForecasterActivity
from .model import RIMModel
from .relevance import FittedRelevance, RelevanceModel
from .scores import ScoreMatrix
from .sequence_training import SequenceSettings

__all__ = [
    "ActivityPredictor",
    "FactorSettings",
    "FittedRelevance",
    "ForecasterActivity",
    "RIMEstimator",
    "RIMModel",
    "RelevanceModel",
    "ScoreMatrix",
    "SequenceSettings",
    "agreement",
]
