"""What intensities say in numbers: expected events of users, chances of pairs, and what came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlogy

from tsgen.arrays import Array, Floats, Integers, Mask
from tsgen.metrics import calibration_fit, calibration_table, without
from tsgen.rng import numpy_stream
from tsgen.scores import ScoreBlocks

from ..calibration import CalibrationVerdict
from .window import AudienceWindow

__all__ = [
    "PAIRS",
    "Calibration",
    "ProbabilitySums",
    "ToProbability",
    "poisson_probability",
    "probability_sums",
]

PAIRS = 2_000_000
"""Pairs whose chances are looked at; beyond, those of users drawn at random."""

_BLOCK_NUMBERS = 2_000_000
_SURE = 1e-12

ToProbability = Callable[[Floats], Array]


@dataclass(frozen=True, eq=False)
class Calibration:
    """What was said against what came, in ten groups each.

    Attributes:
        counts: Expected events, by user; groups of equally many users.
        chances: Of at least one event, by pair; groups of equally many expected hits.
    """

    counts: CalibrationVerdict
    chances: CalibrationVerdict


@dataclass(frozen=True, eq=False)
class ProbabilitySums:
    """Sums over each user's pairs.

    Attributes:
        sums: Metric -> (n,) and (n,), whose quotient of sums over users is the metric.
        calibration: The same numbers in groups, if asked for.
        pairs: How many pairs the chances are of.
    """

    sums: dict[str, tuple[Array, Array]]
    calibration: Calibration | None
    pairs: int


def poisson_probability(intensity: Floats) -> Array:
    """Return 1 - exp(-intensity)."""
    return np.asarray(-np.expm1(-np.asarray(intensity, np.float64)))


def probability_sums(
    window: AudienceWindow,
    scores: ScoreBlocks,
    to_probability: ToProbability,
    seed: int,
    *,
    calibrate: bool = False,
) -> ProbabilitySums:
    """Compare what scores say with what came.

    Pairs that the model excludes are left out. Chances count as between 1e-12 and 1 - 1e-12, so
    that one surprise does not decide a log score.

    Args:
        window: What happened.
        scores: (n, m) intensities.
        to_probability: From intensities to chances of at least one event.
        seed: Of the draw of users, where there are more than `PAIRS` pairs.
        calibrate: Whether to put the numbers in groups, too.
    """
    n, m = scores.shape
    exclude = window.scores.excluded
    targets = without(window.targets, exclude)
    chosen = _draw_users(n, max(PAIRS // max(m, 1), 1), seed)
    expected, squares, logs, pairs = (np.zeros(n) for _ in range(4))
    said, came, whose = [], [], []
    for rows in _slices(n, m):
        block = scores.block(rows, slice(0, m))
        if exclude is not None:
            block[exclude[rows].nonzero()] = 0.0
        expected[rows] = block.sum(axis=1, dtype=np.float64)
        inside = np.flatnonzero(chosen[rows])
        at = rows.start + inside
        kept = np.ones((len(at), m), bool)
        if exclude is not None:
            kept[exclude[at].nonzero()] = False
        p = np.clip(to_probability(block[inside]), _SURE, 1 - _SURE)
        y = targets[at].toarray() > 0
        pairs[at] = kept.sum(axis=1)
        squares[at] = (kept * (p - y) ** 2).sum(axis=1)
        logs[at] = (kept * np.log(np.where(y, p, 1 - p))).sum(axis=1)
        if calibrate:
            said.append(p[kept])
            came.append(y[kept])
            whose.append(np.repeat(at, kept.sum(axis=1)))
    observed = np.asarray(targets.sum(axis=1), np.float64).ravel()
    calibration = None
    if calibrate:
        calibration = Calibration(
            _of_counts(expected, observed),
            _of_chances(*(np.concatenate(parts) for parts in (said, came, whose))),
        )
    sums = {
        "count_ratio": (expected, observed),
        "count_log_score": (_poisson(expected, observed), np.ones(n)),
        "chance_log_score": (logs, pairs),
        "brier_score": (squares, pairs),
    }
    return ProbabilitySums(sums, calibration, int(pairs.sum()))


def _of_counts(expected: Array, observed: Array) -> CalibrationVerdict:
    fit = calibration_fit(expected, observed, kind="count")
    return CalibrationVerdict(calibration_table(expected, observed), fit, "count")


def _of_chances(said: Array, came: Mask, users: Integers) -> CalibrationVerdict:
    """Pairs of a user belong together: one who is away takes all of them along."""
    codes = np.unique(users, return_inverse=True)[1]
    table = calibration_table(said, came, equal="total", clusters=codes)
    return CalibrationVerdict(table, calibration_fit(said, came, clusters=codes), "chance")


def _slices(n: int, m: int) -> list[slice]:
    step = max(_BLOCK_NUMBERS // max(m, 1), 1)
    return [slice(begin, min(begin + step, n)) for begin in range(0, n, step)]


def _draw_users(n: int, size: int, seed: int) -> Mask:
    chosen = np.ones(n, bool)
    if size < n:
        chosen[:] = False
        chosen[numpy_stream(seed, "pairs").choice(n, size, replace=False)] = True
    return chosen


def _poisson(mean: Array, count: Array) -> Array:
    """Return the log-likelihood of each count; an impossible one is taken as nearly so."""
    mean = np.maximum(mean, _SURE)
    return np.asarray(xlogy(count, mean) - mean - gammaln(count + 1))
