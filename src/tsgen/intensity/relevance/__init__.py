"""What a user's next event will be about: one file a model."""

from .base import FittedRelevance, PopularityRelevance, RandomRelevance, RelevanceModel, UserPart
from .cold_items import ItemPart, with_cold_items
from .factors import FactorRelevance, FactorSettings
from .own import OwnRelevance
from .sequence import SequenceRelevance
from .sequence_batches import ExtraInputs, Sequences
from .sequence_training import NextItemTask, SequenceSettings

__all__ = [
    "ExtraInputs",
    "FactorRelevance",
    "FactorSettings",
    "FittedRelevance",
    "ItemPart",
    "NextItemTask",
    "OwnRelevance",
    "PopularityRelevance",
    "RandomRelevance",
    "RelevanceModel",
    "SequenceRelevance",
    "SequenceSettings",
    "Sequences",
    "UserPart",
    "with_cold_items",
]
