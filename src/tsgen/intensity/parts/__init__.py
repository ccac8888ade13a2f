"""The one contract for what a RIM is made of: how a part is named, set, fitted, saved and read."""

from .contract import ArrayFields, FittedPart, Part, SavedPart, arrays_of
from .midnights import midnights
from .registry import PartChoice, PartKind, PartRegistry
from .stacking import choice_facts, history_weight, likeliest_weights, stacked_weights

__all__ = [
    "ArrayFields",
    "FittedPart",
    "Part",
    "PartChoice",
    "PartKind",
    "PartRegistry",
    "SavedPart",
    "arrays_of",
    "choice_facts",
    "history_weight",
    "likeliest_weights",
    "midnights",
    "stacked_weights",
]
