"""Judges that try to tell synthetic windows from real ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, Integers, as_rows, same_width
from tsgen.errors import SettingsError
from tsgen.rng import numpy_stream

from .recurrent_judges import JUDGES_AT_ONCE, guess_recurrently
from .shape_features import window_features

__all__ = ["Judge", "discriminative_score", "discriminative_scores"]

Judge = Literal["recurrent", "trees"]


def discriminative_score(
    real: npt.ArrayLike, synthetic: npt.ArrayLike, *, judge: Judge = "trees", seed: int
) -> float:
    """Return |accuracy - 1/2| of a judge trained on one half of the windows, on the other half.

    0 says that the judge cannot tell them apart, 1/2 that it always can. Equal numbers of both
    kinds are used (the larger set is thinned at random). Chance alone gives about 0.4 over the
    root of the number of windows tested, so hold it against real windows. After Yoon et al. 2019
    (TimeGAN).

    Args:
        real: (n, L), n >= 4, L >= 8.
        synthetic: (m, L), m >= 4.
        judge: "trees" (boosted trees on `window_features`: sees shape in the small) or "recurrent"
            (a small GRU on the windows themselves: sees the course of values).
        seed: Splits, initial weights and batches.

    Raises:
        DataError: Missing values, different lengths, or too few windows.
        SettingsError: Unknown judge.
    """
    return discriminative_scores([(real, synthetic, seed)], judge=judge)[0]


def discriminative_scores(
    pairs: Iterable[tuple[npt.ArrayLike, npt.ArrayLike, int]], *, judge: Judge
) -> list[float]:
    """Return `discriminative_score` of each (real, synthetic, seed), in less time than one by one.

    Args:
        pairs: Windows and seed of each; all of the same numbers and length.
        judge: See `discriminative_score`.

    Raises:
        DataError: Missing values, different lengths, or too few windows.
        SettingsError: Unknown judge.
    """
    if judge not in ("recurrent", "trees"):
        raise SettingsError(f"judge={judge!r} is unknown: use 'recurrent' or 'trees'.")
    exams = (_Exam.of(real, synthetic, judge, seed) for real, synthetic, seed in pairs)
    if judge == "trees":
        return [exam.score(_trees(exam)) for exam in exams]
    scores: list[float] = []
    while group := list(islice(exams, JUDGES_AT_ONCE)):
        scores += _recurrent(group)
    return scores


@dataclass(frozen=True)
class _Exam:
    """Windows of both kinds, one half to learn from, the other to be asked about; 1 is synthetic.

    Attributes:
        train: (2 h, L), the real ones first.
        test: (2 k, L), the real ones first.
        seed: Of the judge.
    """

    train: Array
    test: Array
    seed: int

    @classmethod
    def of(cls, real: npt.ArrayLike, synthetic: npt.ArrayLike, judge: Judge, seed: int) -> _Exam:
        first = as_rows(real, "real", min_rows=4, min_width=8)
        second = as_rows(synthetic, "synthetic", min_rows=4)
        same_width(first, "real", second, "synthetic")
        draw = numpy_stream(seed, "judge", judge)
        count = min(len(first), len(second))
        half = count // 2
        pick = [rows[draw.permutation(len(rows))[:count]] for rows in (first, second)]
        train = np.concatenate([rows[:half] for rows in pick])
        test = np.concatenate([rows[half:] for rows in pick])
        return cls(train, test, seed)

    @property
    def train_labels(self) -> Integers:
        return np.repeat([0, 1], len(self.train) // 2)

    def score(self, guesses: Integers) -> float:
        truth = np.repeat([0, 1], len(self.test) // 2)
        return float(abs((guesses == truth).mean() - 0.5))


def _trees(exam: _Exam) -> Integers:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    trees = HistGradientBoostingClassifier(
        max_iter=80, early_stopping=False, random_state=exam.seed
    )
    with threadpool_limits(limits=1):  # threads that wait for each other cost more than they bring
        trees.fit(window_features(exam.train), exam.train_labels)
        guesses: Integers = trees.predict(window_features(exam.test))
    return guesses


def _recurrent(exams: list[_Exam]) -> list[float]:
    guesses = guess_recurrently(
        [exam.train for exam in exams],
        exams[0].train_labels,
        [exam.test for exam in exams],
        [exam.seed for exam in exams],
    )
    return [exam.score(guess) for exam, guess in zip(exams, guesses, strict=True)]
