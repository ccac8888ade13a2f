"""What is lost where values become the float32 targets of GluonTS entries, and saying so."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tsgen.arrays import Array, Integers, Mask
from tsgen.errors import DataWarning, SettingsError

__all__ = ["ENTRY_DTYPES", "check_dtype", "loses_variation", "say_rounded"]

ENTRY_DTYPES = ("float32", "float64")
_MOST_LOST = 0.05
"""Rounding errors above this share of a series' deviation are said."""


def check_dtype(dtype: Any) -> str:
    """Return the name of a type that entries may have.

    Raises:
        SettingsError: Another type.
    """
    try:
        name: str = np.dtype(dtype).name
    except TypeError:
        name = repr(dtype)
    if name not in ENTRY_DTYPES:
        raise SettingsError(f"dtype={name} is not possible: use 'float32' or 'float64'.")
    return name


def loses_variation(values: Array, offsets: Integers) -> Mask:
    """Return which of n series float32 would round by more than a twentieth of their deviation.

    The error is that of numbers spread evenly between two neighbours of the greatest value:
    spacing / sqrt(12).

    Args:
        values: (N,), NaN = missing.
        offsets: (n + 1,), where each series begins.
    """
    begins, lengths = offsets[:-1], np.diff(offsets)
    magnitude = np.nan_to_num(np.fmax.reduceat(np.abs(values), begins)).astype(np.float32)
    error = np.spacing(magnitude).astype(np.float64) / 12**0.5
    ranges = np.fmax.reduceat(values, begins) - np.fmin.reduceat(values, begins)
    least = ranges / np.sqrt(2 * lengths)  # the deviation of two extremes among equal values
    lost: Mask = (ranges > 0) & (error > _MOST_LOST * least)
    for i in np.flatnonzero(lost):
        lost[i] = error[i] > _MOST_LOST * np.nanstd(values[offsets[i] : offsets[i + 1]])
    return lost


def say_rounded(dataset: Any, *, stacklevel: int = 3) -> None:
    """Warn of series whose variation is rounded away in float32 entries.

    Args:
        dataset: A `SeriesDataset`.
        stacklevel: Of the warning.
    """
    if dataset.dtype != "float32" or not len(dataset):
        return
    lost = loses_variation(dataset.values, dataset.offsets)
    if lost.any():
        first = dataset.item_ids[int(lost.argmax())]
        warnings.warn(
            f"{int(lost.sum())} of {len(dataset)} series (the first is {first!r}) vary by so "
            "little beside their level that the float32 targets of GluonTS entries round their "
            "variation away; take dataset.with_dtype('float64'), or subtract the level.",
            DataWarning,
            stacklevel=stacklevel,
        )
