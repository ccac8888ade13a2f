"""What a user's next event will be about: one file a model."""

from .at_random import RandomRelevance
from .auto import AutoRelevance, FittedAuto
from .base import FittedRelevance, RelevanceModel, RelevancePart, UserPart
from .bm25 import BM25Relevance
from .cold_items import ItemPart, with_cold_items
from .factors import FactorRelevance, FactorSettings
from .item_power import learn_item_power
from .neighbours import item_neighbours
from .own import OwnRelevance
from .popularity import PopularityRelevance
from .recommender import RecommenderRelevance
from .registry import RELEVANCES
from .sequence import (
    ExtraInputs,
    NextItemTask,
    SequenceRelevance,
    Sequences,
    SequenceSettings,
)
from .towers import FittedTowers, TowerRelevance, tower_inputs

__all__ = [
    "RELEVANCES",
    "AutoRelevance",
    "BM25Relevance",
    "ExtraInputs",
    "FactorRelevance",
    "FactorSettings",
    "FittedAuto",
    "FittedRelevance",
    "FittedTowers",
    "ItemPart",
    "NextItemTask",
    "OwnRelevance",
    "PopularityRelevance",
    "RandomRelevance",
    "RecommenderRelevance",
    "RelevanceModel",
    "RelevancePart",
    "SequenceRelevance",
    "SequenceSettings",
    "Sequences",
    "TowerRelevance",
    "UserPart",
    "item_neighbours",
    "learn_item_power",
    "tower_inputs",
    "with_cold_items",
]
