"""What a user's next event will be about: one file a model."""

from .auto import AutoRelevance
from .base import FittedRelevance, RelevanceModel, RelevancePart, UserPart
from .chance import RandomRelevance
from .cold_items import ItemPart, with_cold_items
from .factors import FactorRelevance, FactorSettings
from .own import OwnRelevance
from .popularity import PopularityRelevance
from .registry import RELEVANCES
from .sequence import SequenceRelevance
from .sequence_batches import ExtraInputs, Sequences
from .sequence_training import NextItemTask, SequenceSettings

__all__ = [
    "RELEVANCES",
    "AutoRelevance",
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
    "RelevancePart",
    "SequenceRelevance",
    "SequenceSettings",
    "Sequences",
    "UserPart",
    "with_cold_items",
]
