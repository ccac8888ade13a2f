"""RIM: who will engage with this item? Activity of a user times relevance of an item."""

from tsgen.scores import ScoreMatrix

from .activity import ActivityModel, ForecasterActivity, LearnedActivity
from .activity_predictor import ActivityPredictor
from .agreement import agreement
from .estimator import RIMEstimator
from .model import RIMModel
from .pairs import PairSettings
from .relevance import (
    FactorSettings,
    FittedRelevance,
    RecommenderRelevance,
    RelevanceModel,
    SequenceSettings,
)

__all__ = [
    "ActivityModel",
    "ActivityPredictor",
    "FactorSettings",
    "FittedRelevance",
    "ForecasterActivity",
    "LearnedActivity",
    "PairSettings",
    "RIMEstimator",
    "RIMModel",
    "RecommenderRelevance",
    "RelevanceModel",
    "ScoreMatrix",
    "SequenceSettings",
    "agreement",
]
