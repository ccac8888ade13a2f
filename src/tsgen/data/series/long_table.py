"""The long table of a dataset: one row for each series and time."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Integers
from tsgen.errors import DataError, DataWarning

from .times import localise, nonexistent_times, split_freq, step_stamps

if TYPE_CHECKING:
    from .dataset import SeriesDataset

__all__ = ["SOURCE", "long_table"]

SOURCE = "source_item_id"
"""Of synthetic series: the series that one was made of."""


def long_table(dataset: SeriesDataset, provenance: bool = False) -> pd.DataFrame:
    """Return the long table of a dataset; see `SeriesDataset.to_frame`.

    Raises:
        DataError: A step lies in a year that time stamps cannot name.
    """
    values, offsets = _with_future(dataset)
    lengths, (_, step) = np.diff(offsets), split_freq(dataset.freq)
    within = np.arange(values.size) - np.repeat(offsets[:-1], lengths)
    try:
        stamps = step_stamps(
            np.repeat(dataset.starts, lengths) + within * step, dataset.freq, dataset.label
        )
    except pd.errors.OutOfBoundsDatetime:
        raise DataError(
            "Some steps lie outside the years 1678 to 2261, which time stamps of a table can name; "
            "give the series earlier or later starts."
        ) from None
    table = {
        "item_id": np.repeat(_column(dataset.item_ids), lengths),
        "timestamp": localise(stamps, dataset.timezone) if dataset.timezone else stamps,
        "target": values,
    }
    for k, name in enumerate(dataset.static_names):
        categories = _column(dataset.static_categories[k])
        table[name] = np.repeat(categories[dataset.static_cat[:, k]], lengths)
    if dataset.dynamic is not None:
        table |= dataset.dynamic.columns()
    if provenance and dataset.info is not None and any(SOURCE in facts for facts in dataset.info):
        sources = np.array([facts.get(SOURCE) for facts in dataset.info], dtype=object)
        table[SOURCE] = np.repeat(sources, lengths)
    skipped = nonexistent_times(stamps, dataset.timezone)
    if lost := int(np.count_nonzero(skipped & ~np.isnan(values))):
        warnings.warn(
            f"{lost} values at times that {dataset.timezone} skips in spring were left out.",
            DataWarning,
            stacklevel=3,
        )
    frame = pd.DataFrame(table, copy=True)
    return frame[~skipped].reset_index(drop=True) if skipped.any() else frame


def _with_future(
    dataset: SeriesDataset,
) -> tuple[Array, Integers]:
    """Return values and offsets as far as features are known, NaN after the end of a series."""
    if dataset.dynamic is None:
        return dataset.values, dataset.offsets
    offsets = dataset.dynamic.offsets
    values = np.full(int(offsets[-1]), np.nan)
    shift = np.repeat(offsets[:-1] - dataset.offsets[:-1], dataset.lengths)
    values[np.arange(dataset.values.size) + shift] = dataset.values
    return values, offsets


def _column(values: Sequence[Any]) -> AnyArray:
    """Return ids or categories as an array that keeps each value's type."""
    if all(type(value) is int for value in values):
        wide = any(value.bit_length() > 63 for value in values)
        return np.array(values, dtype=np.uint64 if wide else np.int64)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
