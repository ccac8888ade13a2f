"""What a fitted model does with a table, as a function that knows nothing of other tables."""

from .allocate import AllocateBatch
from .audience import AudienceBatch
from .base import BatchTask, InputBlock, Merged, PartResults
from .entries import entry_blocks
from .forecast import ForecastBatch, ImputeBatch
from .recommend import RecommendBatch
from .sample import SampleBatch
from .score import ScoreBatch

__all__ = [
    "AllocateBatch",
    "AudienceBatch",
    "BatchTask",
    "ForecastBatch",
    "ImputeBatch",
    "InputBlock",
    "Merged",
    "PartResults",
    "RecommendBatch",
    "SampleBatch",
    "ScoreBatch",
    "entry_blocks",
]
