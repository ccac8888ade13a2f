"""The relevance models by name: a new one is a file beside this and a line here."""

from __future__ import annotations

from ..parts import PartKind, PartRegistry
from .at_random import RandomRelevance
from .auto import AutoRelevance
from .bm25 import BM25Relevance
from .factors import FactorRelevance
from .own import OwnRelevance
from .popularity import PopularityRelevance
from .recommender import RecommenderRelevance, of_recommender
from .sequence import SequenceRelevance
from .towers import TowerRelevance

__all__ = ["RELEVANCES"]

_NETWORK, _FACTORS = {"settings": "network"}, {"settings": "factors"}

RELEVANCES = PartRegistry(
    "relevance",
    {
        "auto": PartKind(AutoRelevance, shared={"fading": "fading"}),
        "popularity": PartKind(PopularityRelevance, shared={"fading": "fading"}),
        "gru": PartKind(SequenceRelevance, {"cell": "gru"}, _NETWORK),
        "transformer": PartKind(SequenceRelevance, {"cell": "transformer"}, _NETWORK),
        "als": PartKind(FactorRelevance, {"kind": "als"}, _FACTORS),
        "bpr": PartKind(FactorRelevance, {"kind": "bpr"}, _FACTORS),
        "bm25": PartKind(BM25Relevance),
        "random": PartKind(RandomRelevance),
        "recommender": PartKind(RecommenderRelevance),
        "towers": PartKind(TowerRelevance),
    },
    wrap=OwnRelevance,
    adapt=of_recommender,
    example="a fitted recommender with factors, or an object with the method `fit` of "
    "`RelevanceModel`",
)
""""relevance" of `RIMSettings`."""
