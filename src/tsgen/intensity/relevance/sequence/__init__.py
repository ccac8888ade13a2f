"""Relevance by sequence models: histories in batches, networks, training."""

from .batches import ExtraInputs, Sequences
from .relevance import FittedSequences, SequenceRelevance
from .training import NextItemTask, SequenceSettings

__all__ = [
    "ExtraInputs",
    "FittedSequences",
    "NextItemTask",
    "SequenceRelevance",
    "SequenceSettings",
    "Sequences",
]
