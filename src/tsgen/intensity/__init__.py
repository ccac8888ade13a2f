"""RIM: who will engage with this item? Activity of a user times relevance of an item."""

from tsgen.scores import ScoreMatrix

from .activity import ForecasterActivity
from .activity_predictor import ActivityPredictor
from .agreement import agreement
from .estimator import RIMEstimator
from .model import RIMModel
from .relevance import FactorSettings, FittedRelevance, RelevanceModel, SequenceSettings

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
