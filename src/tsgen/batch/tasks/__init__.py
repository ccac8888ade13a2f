"""What a fitted model does with a table, as a function that knows nothing of other tables."""

from .audience import AudienceBatch
from .base import BatchTask, InputBlock
from .forecast import ForecastBatch, ImputeBatch
from .recommend import RecommendBatch
from .sample import SampleBatch
from .score import ScoreBatch

__all__ = [
    "AudienceBatch",
    "BatchTask",
    "ForecastBatch",
    "ImputeBatch",
    "InputBlock",
    "RecommendBatch",
    "SampleBatch",
    "ScoreBatch",
]
