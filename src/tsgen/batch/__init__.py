"""More than memory holds: a fitted model as a function of partitions, on one machine or several."""

from .engines import ENGINES, Engine
from .partitions import Partition
from .running import BatchResult, run_batch
from .tasks import (
    AllocateBatch,
    AudienceBatch,
    BatchTask,
    ForecastBatch,
    ImputeBatch,
    RecommendBatch,
    SampleBatch,
    ScoreBatch,
)

__all__ = [
    "ENGINES",
    "AllocateBatch",
    "AudienceBatch",
    "BatchResult",
    "BatchTask",
    "Engine",
    "ForecastBatch",
    "ImputeBatch",
    "Partition",
    "RecommendBatch",
    "SampleBatch",
    "ScoreBatch",
    "run_batch",
]
