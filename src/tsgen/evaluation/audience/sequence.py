"""A sequence model beside the model that is judged: a recurrent network over users' histories."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsgen.arrays import AnyArray, AnyIntegers
from tsgen.contracts import audience_estimator
from tsgen.data import Vocabulary
from tsgen.errors import DataError, DataWarning
from tsgen.scores import ScoreBlocks

from .probabilities import ToProbability
from .window import AudienceWindow, train_before

__all__ = ["SEQUENCE", "SEQUENCE_MODEL", "AlignedScores", "sequence_scores"]

SEQUENCE = "sequence model"
"""Name of its arm."""

SEQUENCE_MODEL = {"relevance": "gru", "repeats": "mixture"}
"""Settings of the RIM that it is; all others are the default."""


@dataclass(frozen=True, eq=False)
class AlignedScores:
    """Scores of another model's users and items, 0 for those that it does not know.

    Attributes:
        scores: Of the other model.
        rows: (n,) its rows, -1 for users it does not know.
        columns: (m,) its columns likewise.
    """

    scores: ScoreBlocks
    rows: AnyIntegers
    columns: AnyIntegers

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of users and items."""
        return len(self.rows), len(self.columns)

    def block(self, rows: slice, columns: slice) -> AnyArray:
        """Return a part as a new dense array."""
        wanted, chosen = self.rows[rows], self.columns[columns]
        block = np.zeros((len(wanted), len(chosen)))
        places = np.flatnonzero(wanted >= 0)
        first, last = self._span(wanted[places])
        part = self.scores.block(slice(first, last), slice(0, self.scores.shape[1]))
        kept = np.flatnonzero(chosen >= 0)
        block[np.ix_(places, kept)] = part[np.ix_(wanted[places] - first, chosen[kept])]
        return block

    @staticmethod
    def _span(rows: AnyIntegers) -> tuple[int, int]:
        return (int(rows.min()), int(rows.max()) + 1) if len(rows) else (0, 0)


def sequence_scores(
    window: AudienceWindow, horizon: str, options: Any, seed: int
) -> tuple[dict[str, ScoreBlocks], dict[str, ToProbability]]:
    """Train a sequence model on what came before a window; return its arm, and its chances.

    Both are empty, with a warning, where the past is too short to learn from.

    Args:
        window: What is scored, and the past.
        horizon: Of the scores.
        options: `TrainingOptions`, or None.
        seed: Of the training, if they have none.
    """
    estimator = audience_estimator("rim")(horizon=horizon, **SEQUENCE_MODEL)
    try:
        if not len(window.past):
            raise DataError("the log has no events before the test window")
        model = train_before(estimator, window.past, window.at, options, seed)
    except DataError as error:
        warnings.warn(
            f"There is no {SEQUENCE} beside the model: {error}", DataWarning, stacklevel=3
        )
        return {}, {}
    scores = model.scores()
    rows, columns = (
        Vocabulary(theirs, what).codes(ours)
        for theirs, ours, what in (
            (scores.user_ids, window.scores.user_ids, "user"),
            (scores.item_ids, window.scores.item_ids, "item"),
        )
    )
    return {SEQUENCE: AlignedScores(scores, rows, columns)}, {SEQUENCE: model.probability}
