"""The starts of GluonTS entries, and the frequency that they share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import Integers
from tsgen.errors import DataError

from ..times import normalise_freq, start_period
from .entry_fields import Entry

__all__ = ["starts_of"]


def starts_of(
    entries: list[Entry], ids: tuple[str | int, ...], freq: str | None
) -> tuple[Integers, str]:
    """Return the ordinals of the starts and the frequency that they share."""
    asked = None if freq is None else normalise_freq(freq)
    common, ordinals = asked, np.empty(len(entries), dtype=np.int64)
    for i, entry in enumerate(entries):
        start = entry[FieldName.START]
        if start is pd.NaT or start is None:
            raise DataError(
                f"The start of series {ids[i]!r} is missing ({start!r}); give its first period.",
                item_id=ids[i],
                field=FieldName.START,
            )
        if not isinstance(start, pd.Period):
            start = _as_period(start, asked, ids[i])
        spelling = start.freqstr
        if spelling != common:
            common = _same_freq(spelling, common, ids[i], asked is not None)
        ordinals[i] = start.ordinal
    return ordinals, str(common)


def _as_period(start: Any, freq: str | None, item_id: str | int) -> pd.Period:
    if freq is None:
        raise DataError(
            f"The start of series {item_id!r} is {start!r}, not a pandas Period, so the frequency "
            "is unknown; pass freq=, for example freq='h'.",
            item_id=item_id,
            field=FieldName.START,
        )
    try:
        return start_period(start, freq)
    except (ValueError, TypeError):
        raise DataError(
            f"The start of series {item_id!r} cannot be read as a time: {start!r}.",
            item_id=item_id,
            field=FieldName.START,
        ) from None


def _same_freq(spelling: str, common: str | None, item_id: str | int, asked: bool) -> str:
    """Return the normalised frequency of an entry, which must be the one found before."""
    normal = normalise_freq(spelling)
    if common is not None and normal != common:
        other = f"freq='{common}' was asked for" if asked else f"earlier entries have '{common}'"
        raise DataError(
            f"Series {item_id!r} has the frequency '{normal}', but {other}; "
            "one dataset has one frequency.",
            item_id=item_id,
            field=FieldName.START,
        )
    return normal
