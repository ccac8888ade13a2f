"""How far two distributions, or two rankings of attributions, are apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.stats import ks_2samp

from tsgen.errors import DataError

__all__ = ["LEAST_AGREEMENT", "attribution_agreement", "largest_difference", "stability_index"]

LEAST_AGREEMENT = 0.90
"""nDCG of attributions below which Clarify, and we, raise an alarm."""

_BINS = 10
_FLOOR = 1e-4


def stability_index(before: npt.ArrayLike, after: npt.ArrayLike) -> float:
    """Return the population stability index Σ (a - b) ln(a / b) over tenths of what was before.

    Values equal to a bound fall below it; shares are at least 0.0001. Source: the credit-scoring
    literature (Siddiqi, 2006), where 0.1 is called small and 0.25 large.

    Args:
        before: (n,) numbers.
        after: (m,) numbers.
    """
    first, second = np.asarray(before, np.float64), np.asarray(after, np.float64)
    bounds = np.unique(np.quantile(first, np.arange(1, _BINS) / _BINS))
    shares = [
        np.maximum(np.bincount(bounds.searchsorted(v), minlength=len(bounds) + 1) / len(v), _FLOOR)
        for v in (first, second)
    ]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def largest_difference(before: npt.ArrayLike, after: npt.ArrayLike) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples."""
    return float(ks_2samp(np.asarray(before), np.asarray(after)).statistic)


def attribution_agreement(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """Return the nDCG of the ranking of `after`, scored with the attributions of `before`.

    1 where the order of the absolute attributions is the same. Source: Amazon SageMaker Clarify,
    feature attribution drift.

    Raises:
        DataError: They are not of the same players.
    """
    if set(before) != set(after) or not before:
        raise DataError(
            f"The attributions are of different players ({', '.join(before) or 'none'}; "
            f"{', '.join(after) or 'none'}); explain both in the same groups."
        )
    gains = np.array([abs(before[name]) for name in before])
    order = np.argsort([-abs(after[name]) for name in before], kind="stable")
    discounts = 1 / np.log2(np.arange(len(gains)) + 2)
    ideal = float(np.sort(gains)[::-1] @ discounts)
    return float(gains[order] @ discounts) / ideal if ideal > 0 else 1.0
