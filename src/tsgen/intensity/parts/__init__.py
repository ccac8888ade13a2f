"""The one contract for what a RIM is made of: how a part is named, set, fitted, saved and read."""

from .contract import ArrayFields, FittedPart, Part, SavedPart
from .registry import PartChoice, PartKind, PartRegistry
from .stacking import choice_facts, likeliest_weights

__all__ = [
    "ArrayFields",
    "FittedPart",
    "Part",
    "PartChoice",
    "PartKind",
    "PartRegistry",
    "SavedPart",
    "choice_facts",
    "likeliest_weights",
]
