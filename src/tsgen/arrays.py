"""The array types of all rooms, and what metrics ask of arrays: real numbers, complete, alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tsgen.errors import DataError

__all__ = [
    "AnyArray",
    "AnyIntegers",
    "Array",
    "Codes",
    "Floats",
    "Indices",
    "Integers",
    "Keys",
    "Mask",
    "Singles",
    "as_rows",
    "same_width",
]

AnyArray = npt.NDArray[Any]
Array = npt.NDArray[np.float64]
"""What metrics and likelihoods are computed with."""
Singles = npt.NDArray[np.float32]
"""Of single precision: what networks are computed with, and scores."""
Floats = npt.NDArray[np.floating]
Integers = npt.NDArray[np.int64]
AnyIntegers = npt.NDArray[np.integer]
Indices = npt.NDArray[np.intp]
"""Places in an array."""
Codes = npt.NDArray[np.int32]
"""Places of users and items in their vocabularies, one an event."""
Keys = npt.NDArray[np.uint64]
"""Words that stand for ids and streams of random numbers."""
Mask = npt.NDArray[np.bool_]


def as_rows(values: npt.ArrayLike, name: str, *, min_rows: int = 1, min_width: int = 1) -> Array:
    """Return `values` as a float64 array of shape (rows, width).

    Args:
        values: Windows or embeddings, one a row.
        name: What the caller calls them, for the message.
        min_rows: The fewest rows that make sense.
        min_width: The fewest columns that make sense.

    Raises:
        DataError: Not two-dimensional, too small, or with missing or infinite values.
    """
    try:
        rows = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{name} must be an array of numbers, one window a row.") from None
    if rows.ndim != 2:
        raise DataError(
            f"{name} has shape {rows.shape}; expected two dimensions (windows, length). "
            "Reshape it so that each row is one window."
        )
    if rows.shape[0] < min_rows or rows.shape[1] < min_width:
        raise DataError(
            f"{name} has {rows.shape[0]} windows of length {rows.shape[1]}; at least {min_rows} of "
            f"length {min_width} are needed. Give more or longer windows."
        )
    finite = np.isfinite(rows)
    if not finite.all():
        bad = np.flatnonzero(~finite.all(axis=1))
        raise DataError(
            f"{name} has missing or infinite values in {bad.size} of {rows.shape[0]} windows "
            f"(first: window {bad[0]}); metrics need complete windows. Leave those windows out, or "
            "fill them first.",
            row=int(bad[0]),
        )
    return rows


def same_width(first: Array, first_name: str, second: Array, second_name: str) -> None:
    """Refuse two arrays whose rows differ in length.

    Raises:
        DataError: The widths differ.
    """
    if first.shape[1] != second.shape[1]:
        raise DataError(
            f"{first_name} has rows of length {first.shape[1]} and {second_name} of length "
            f"{second.shape[1]}; cut both to the same length."
        )
