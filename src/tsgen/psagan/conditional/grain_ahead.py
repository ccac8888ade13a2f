"""The grain of what is still to come: grids, pile-ups and repeats, but no bound of the past alone.

Shape legend: R entries, S samples of each, H steps ahead.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import Array, Integers, Mask
from tsgen.data import SeriesDataset
from tsgen.errors import DataWarning

from ..memory import Grain, SeriesTable

__all__ = ["grain_ahead", "say_closed_ahead"]


def grain_ahead(
    values: Array,
    offsets: Integers,
    starts: Integers,
    freq: str,
    table: SeriesTable,
    places: Integers,
) -> Grain:
    """Return the grain that paths of R entries should have.

    The grid is that of the entry's latest values. A bound holds where values pile up at it, and
    nothing of the entry lies beyond: what was merely the greatest value so far may be passed.

    Args:
        values: All entries one after another; NaN is missing.
        offsets: (R + 1,), where each begins.
        starts: (R,), Period ordinal of each first step.
        freq: Of the entries.
        table: What the model remembers of its training series.
        places: (R,), the entries' rows in `table`; -1 is none.
    """
    count = len(starts)
    if not table.grain.present:
        return Grain.unknown(count)
    entries = SeriesDataset(values, offsets, starts, freq, tuple(range(count)))
    own = Grain.of(entries)
    trained = np.flatnonzero(places >= 0)
    grain = own.calibrated_as(table.grain)
    if len(trained):
        grain = grain.overlaid(trained, table.grain.rows(places[trained])).seen_in(entries)
    below, above = grain.passed_by(own.low, own.high)
    return grain.unbounded(below | ~grain.piles_low, above | ~grain.piles_high)


def say_closed_ahead(entries: Sequence[Mapping[str, Any]], closed: Mask) -> bool:
    """Warn of steps ahead (R, T) or (R, T, C) at which series never have a value; return if any."""
    each = closed.reshape(len(closed), closed.shape[1], -1).any(axis=2).sum(axis=1)
    if not each.any():
        return False
    first = int(each.argmax())
    warnings.warn(
        f"{each[first]} of the {closed.shape[1]} steps ahead of "
        f"{entries[first].get(FieldName.ITEM_ID)!r} (and maybe steps of others) are at times of "
        "the day, week or year at which it never has a value: tables of forecasts leave them "
        "empty, paths have values there, for GluonTS's evaluation takes no NaN.",
        DataWarning,
        stacklevel=3,
    )
    return True
