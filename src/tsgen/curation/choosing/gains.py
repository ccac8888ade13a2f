"""Losses of candidates on the same windows, and how sure their gains are.

Shape legend: R runs (a draw of the series and a seed of the forecaster each), V judging windows of
each series, S series, B bootstrap draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tsgen.arrays import Array
from tsgen.metrics import percentile_interval, resample_counts
from tsgen.rng import numpy_stream

from ..reference import LEVELS, ForecastWindows

__all__ = ["Gain", "gain_of", "window_losses"]

_DRAWS = 1000


def window_losses(
    quantiles: Array, windows: ForecastWindows, levels: tuple[float, ...] = LEVELS
) -> Array:
    """Return the quantile loss of each window, summed over its steps, mean over levels.

    Summed over windows and divided by the sum of absolute values, it is GluonTS's mean weighted
    quantile loss. Missing values count nothing.

    Args:
        quantiles: (..., n, L, Q) in original units.
        windows: The n windows.
        levels: Q levels.

    Returns:
        (..., n).
    """
    _, future, scale = windows.read()
    truth = future * scale[:, None]
    gap = np.nan_to_num(truth)[..., None] - quantiles
    level = np.asarray(levels)
    loss = 2 * np.maximum(level * gap, (level - 1) * gap).mean(axis=-1)
    summed: Array = np.where(np.isnan(truth), 0.0, loss).sum(axis=-1)
    return summed


@dataclass(frozen=True)
class Gain:
    """What a candidate changes of the loss of real series alone; below 0 is better.

    Attributes:
        change: Relative change of the loss, such as -0.05.
        low: Lower end of its 95 % interval.
        high: Upper end.
        spread: Standard error of the logarithm of the ratio.
        runs: R.
    """

    change: float
    low: float
    high: float
    spread: float
    runs: int

    @property
    def sureness(self) -> float:
        """Standard errors by which the candidate is better; negative if it is worse."""
        return -math.log1p(self.change) / self.spread if self.spread > 0 else 0.0

    @property
    def expected(self) -> float:
        """The change to be expected of a winner: the logarithm shrunk by (1 - 1 / sureness²)."""
        kept = max(0.0, 1.0 - 1.0 / self.sureness**2) if self.sureness else 0.0
        return math.expm1(kept * math.log1p(self.change))


def gain_of(losses: Array, real: Array, *, seed: int = 0) -> Gain:
    """Compare a candidate with real series alone, run by run.

    The interval is a bootstrap that draws series, windows in time and runs at once: each of them
    might have been others.

    Args:
        losses: (R, V, S) of the candidate.
        real: (R, V, S) of real series alone, in the same runs.
        seed: Of the bootstrap.
    """
    runs, windows, series = losses.shape
    draw = numpy_stream(seed, "gains")
    by = [resample_counts(draw, n, _DRAWS).astype(np.float64) for n in (runs, windows, series)]
    logs = np.log(_totals(losses, *by) / _totals(real, *by))
    change = math.log(losses.sum() / real.sum())
    low, high = percentile_interval(logs)
    spread = float(np.std(logs, ddof=1))
    return Gain(math.expm1(change), math.expm1(low), math.expm1(high), spread, runs)


def _totals(losses: Array, runs: Array, windows: Array, series: Array) -> Array:
    """Return the loss of each bootstrap draw, (B,)."""
    drawn = np.tensordot(runs, losses, axes=1)  # (B, V, S)
    total: Array = np.einsum("bvs,bv,bs->b", drawn, windows, series)
    return np.maximum(total, np.finfo(float).tiny)
