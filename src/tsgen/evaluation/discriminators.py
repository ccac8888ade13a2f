"""Judges that try to tell synthetic windows from real ones."""

# B batch, L window length, H hidden units

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from tsgen.errors import SettingsError
from tsgen.metrics.checks import Array, as_rows, same_width
from tsgen.rng import numpy_stream

from .features import window_features
from .module_task import build_seeded, train_module

__all__ = ["Judge", "discriminative_score"]

Judge = Literal["recurrent", "trees"]

_HIDDEN = 24
_BATCH = 64
_STEPS = 240
_LEARNING_RATE = 5e-3


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
    first = as_rows(real, "real", min_rows=4, min_width=8)
    second = as_rows(synthetic, "synthetic", min_rows=4)
    same_width(first, "real", second, "synthetic")
    if judge not in ("recurrent", "trees"):
        raise SettingsError(f"judge={judge!r} is unknown: use 'recurrent' or 'trees'.")
    draw = numpy_stream(seed, "judge", judge)
    count = min(len(first), len(second))
    half = count // 2
    pick = [rows[draw.permutation(len(rows))[:count]] for rows in (first, second)]
    train = np.concatenate([rows[:half] for rows in pick])
    test = np.concatenate([rows[half:] for rows in pick])
    train_labels, test_labels = (np.repeat([0, 1], [k, k]) for k in (half, count - half))
    guess = _trees if judge == "trees" else _recurrent
    accuracy = (guess(train, train_labels, test, seed) == test_labels).mean()
    return float(abs(accuracy - 0.5))


def _trees(train: Array, labels: npt.NDArray[np.int64], test: Array, seed: int) -> Array:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    trees = HistGradientBoostingClassifier(max_iter=80, early_stopping=False, random_state=seed)
    with threadpool_limits(limits=1):  # threads that wait for each other cost more than they bring
        trees.fit(window_features(train), labels)
        guesses: Array = trees.predict(window_features(test))
    return guesses


class _RecurrentJudge(nn.Module):
    """A GRU over values and steps; its last state and mean state decide."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(2, _HIDDEN, batch_first=True)
        self.head = nn.Linear(2 * _HIDDEN, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, last = self.gru(x)  # (B, L, H), (1, B, H)
        logits: torch.Tensor = self.head(torch.cat([last[0], states.mean(dim=1)], dim=1))
        return logits[:, 0]


def _recurrent(train: Array, labels: npt.NDArray[np.int64], test: Array, seed: int) -> Array:
    centre, scale = train.mean(), train.std() or 1.0
    step_scale = np.diff(train, axis=1).std() or 1.0

    def inputs(rows: Array) -> torch.Tensor:
        steps = np.diff(rows, axis=1, prepend=rows[:, :1]) / step_scale
        stacked = np.stack([(rows - centre) / scale, steps], axis=2)
        return torch.from_numpy(stacked.astype(np.float32))

    judge = build_seeded(_RecurrentJudge, seed)
    known, truth = inputs(train), torch.from_numpy(labels.astype(np.float32))

    def loss(step: int) -> torch.Tensor:
        picked = numpy_stream(seed, "batches", step).integers(len(train), size=_BATCH)
        return binary_cross_entropy_with_logits(judge(known[picked]), truth[picked])

    train_module(
        judge, loss, num_steps=_STEPS, learning_rate=_LEARNING_RATE, label="recurrent judge"
    )
    with torch.no_grad():
        logits = torch.cat([judge(part) for part in torch.split(inputs(test), 512)])
    guesses: Array = (logits > 0).long().numpy()
    return guesses
