"""Intervals: the level, draws with replacement, their percentiles, and Student's t.

Every interval that the library prints is of this level unless it says another. What is drawn
(users, series, runs) is the caller's to choose and to say; measures under draws of users are in
`weighted_measures`.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from tsgen.arrays import Array, Integers

__all__ = ["LEVEL", "mean_interval", "percentile_interval", "resample_counts", "student_quantile"]

LEVEL = 0.95
"""Share of repetitions of a study in which an interval is meant to hold the truth."""


def resample_counts(random: np.random.Generator, number: int, draws: int) -> Integers:
    """Return how often each of `number` things is drawn, in draws with replacement.

    Returns:
        (draws, number), each row adding up to `number`. Source: Efron, "Bootstrap methods" (1979).
    """
    return random.multinomial(number, np.full(number, 1 / number), size=draws)


def percentile_interval(
    drawn: npt.ArrayLike, method: Literal["linear", "nearest"] = "linear"
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of draws (B,).

    Draws without a value (NaN, as of a ratio whose bottom drew nothing) do not count; NaN if none
    has one.

    Args:
        drawn: The number of interest in each draw.
        method: "nearest" gives ends that were drawn, such as the sizes of lists.
    """
    values = np.asarray(drawn, np.float64)
    values = values[~np.isnan(values)]
    if not len(values):
        return math.nan, math.nan
    low, high = np.quantile(values, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], method=method)
    return float(low), float(high)


def student_quantile(number: int) -> float:
    """Return the two-sided quantile of Student's t for the mean of `number` values, at least 2."""
    return float(student.ppf(0.5 + LEVEL / 2, number - 1))


def mean_interval(values: Array) -> tuple[float, float]:
    """Return the interval of the mean of independent values (n,); NaN where fewer than two."""
    number = len(values)
    if number < 2:
        return math.nan, math.nan
    reach = student_quantile(number) * float(np.std(values, ddof=1)) / math.sqrt(number)
    return float(np.mean(values)) - reach, float(np.mean(values)) + reach
