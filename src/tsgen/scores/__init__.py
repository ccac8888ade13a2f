"""Scores of users and items that are never held whole, and the best of them."""

from .matrix import ScoreMatrix
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

__all__ = [
    "BLOCK_NUMBERS",
    "DenseScores",
    "ScoreBlocks",
    "ScoreMatrix",
    "ScoreParts",
    "as_scores",
    "held_scores",
    "top_columns",
    "top_rows",
]
