"""RIM: who will engage with this item? Activity of a user times relevance of an item."""

from .estimator import RIMEstimator
from .model import RIMModel
from .scores import ScoreMatrix
from .sequence_relevance import SequenceSettings

__all__ = ["RIMEstimator", "RIMModel", "ScoreMatrix", "SequenceSettings"]
