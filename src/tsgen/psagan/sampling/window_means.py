"""Features that hold longer than any training window saw: each value known, their mean is not.

Shape legend: n series, M steps of all of them, W windows of L steps.
"""

from __future__ import annotations

import warnings

import numpy as np

from tsgen.arrays import Array, Integers, Mask
from tsgen.data.series import DynamicFeatures
from tsgen.errors import DataWarning

__all__ = ["say_unusual_means", "window_means"]


def window_means(values: Array, offsets: Integers, length: int) -> tuple[Array, Integers]:
    """Return the mean (W,) of each window of each series, and the series (W,) it is of.

    Missing values are left out; a series shorter than a window has one, its whole.

    Args:
        values: (M,), NaN = missing.
        offsets: (n + 1,).
        length: L.
    """
    sums = np.concatenate([[0.0], np.cumsum(np.nan_to_num(values))])
    counts = np.concatenate([[0], np.cumsum(~np.isnan(values))])
    steps = np.diff(offsets)
    last = np.maximum(steps - length, 0)
    owners = np.repeat(np.arange(len(steps)), last + 1)
    first = np.concatenate([np.arange(b, b + n + 1) for b, n in zip(offsets, last, strict=False)])
    end = first + np.minimum(length, steps[owners])
    observed = counts[end] - counts[first]
    means: Array = (sums[end] - sums[first]) / np.where(observed > 0, observed, np.nan)
    return means, owners


def say_unusual_means(
    drawn: DynamicFeatures, trained: DynamicFeatures, given: dict[str, Mask], length: int
) -> None:
    """Warn of given features whose means over a window are beyond those of all training windows.

    A generator has only seen what a feature does within the range of its means: a price that is
    low throughout, where training had low days, moves the draws less than it should.

    Args:
        drawn: Features of the series to draw.
        trained: Those of the training series, in the same order.
        given: Name -> the steps at which the caller gave the feature, (M,); others are passed over.
        length: Steps of a window.
    """
    for kind, names in (("real", drawn.real_names), ("past", drawn.past_names)):
        for k, name in enumerate(names):
            if name not in given or not given[name].any():
                continue
            seen, _ = window_means(getattr(trained, kind)[k], trained.offsets, length)
            means, owners = window_means(getattr(drawn, kind)[k], drawn.offsets, length)
            low, high = np.nanmin(seen), np.nanmax(seen)
            slack = 1e-9 * max(abs(low), abs(high), 1e-9)
            beyond = (means < low - slack) | (means > high + slack)
            if beyond.any():
                warnings.warn(
                    f"'{name}' is {means[beyond][0]:.3g} on average over a window of "
                    f"{len(np.unique(owners[beyond]))} of {len(drawn.lengths)} series to draw; in "
                    f"training windows of {length} steps it was between {low:.3g} and {high:.3g}. "
                    "What is drawn there is a guess, and may move less than it should.",
                    DataWarning,
                    stacklevel=6,
                )
