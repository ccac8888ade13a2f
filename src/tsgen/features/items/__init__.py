"""Items that no event mentions: which items with events they go with, by their attributes."""

from .contribution import feature_contribution
from .embeddings import item_embeddings, unit_rows
from .encoded import EncodedItems
from .rules import ContentNeighbours, DistilledItems, EqualAttributes, FittedRule, LikenessRule
from .vectors import ItemVectors

__all__ = [
    "ContentNeighbours",
    "DistilledItems",
    "EncodedItems",
    "EqualAttributes",
    "FittedRule",
    "ItemVectors",
    "LikenessRule",
    "feature_contribution",
    "item_embeddings",
    "unit_rows",
]
