"""GluonTS entries of a dataset, and saying what their float32 targets lose."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import Array, Integers, Mask
from tsgen.errors import DataWarning, SettingsError

if TYPE_CHECKING:
    from .dataset import SeriesDataset

__all__ = [
    "ENTRY_DTYPES",
    "check_dtype",
    "gluonts_entry",
    "loses_variation",
    "place_in",
    "say_rounded",
]

ENTRY_DTYPES = ("float32", "float64")
_MOST_LOST = 0.05
"""Rounding errors above this share of a series' deviation are said."""


def gluonts_entry(dataset: SeriesDataset, i: int, start: pd.Period) -> dict[str, Any]:
    """Return series `i`, which begins at `start`, as a GluonTS entry.

    Static categories are there in any case, zero if there are none; real statics, features that
    change in time and `info` where the dataset has them.
    """
    codes = dataset.static_cat[i].copy() if dataset.static_names else np.zeros(1, np.int64)
    entry: dict[str, Any] = {
        FieldName.ITEM_ID: dataset.item_ids[i],
        FieldName.START: start,
        FieldName.TARGET: dataset.series(i).astype(dataset.dtype),
        FieldName.FEAT_STATIC_CAT: codes,
    }
    if dataset.static_real.shape[1]:
        entry[FieldName.FEAT_STATIC_REAL] = dataset.static_real[i].astype(np.float32)
    if dataset.dynamic is not None:
        entry |= dataset.dynamic.beside(i, len(entry[FieldName.TARGET]))
    if dataset.info is not None:
        entry[FieldName.INFO] = dict(dataset.info[i])
    return entry


def place_in(size: int, place: int) -> int:
    """Return a place among `size` series, counted from the end if it is negative.

    Raises:
        TypeError: It is no whole number.
        IndexError: There is no such place.
    """
    try:
        return range(size)[place]
    except TypeError:
        raise TypeError(
            f"{place!r} is no place: dataset[0] is an entry and dataset[:3] a dataset; "
            "dataset.subset(...) takes many places or a mask, and dataset.item_ids.index(...) "
            "finds one."
        ) from None
    except IndexError:
        raise IndexError(f"There is no series {place}: the dataset has {size}.") from None


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


def say_rounded(dataset: SeriesDataset, *, stacklevel: int = 3) -> None:
    """Warn of series whose variation is rounded away in float32 entries.

    Args:
        dataset: The series.
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
