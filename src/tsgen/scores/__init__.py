"""Scores of users and items that are never held whole, and the best of them."""

from .matrix import ScoreMatrix
from .neighbours import bm25_neighbours, largest_in_rows
from .parts import ScoreParts
from .selection import (
    BLOCK_NUMBERS,
    DenseScores,
    ScoreBlocks,
    as_scores,
    held_scores,
    top_columns,
    top_rows,
)
from .stored import scores_at, top_stored

__all__ = [
    "BLOCK_NUMBERS",
    "DenseScores",
    "ScoreBlocks",
    "ScoreMatrix",
    "ScoreParts",
    "as_scores",
    "bm25_neighbours",
    "held_scores",
    "largest_in_rows",
    "scores_at",
    "top_columns",
    "top_rows",
    "top_stored",
]
