"""The starts of GluonTS entries, and the frequency that they share."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import Integers
from tsgen.errors import DataError, DataWarning

from ..times import normalise_freq, split_freq, start_period, wall_clock
from .entry_fields import Entry

__all__ = ["starts_of"]

_CLOCKS = {"s", "min", "h"}
"""Steps whose starts are times of day, which can lie between two of them."""


def starts_of(
    entries: list[Entry], ids: tuple[str | int, ...], freq: str | None, timezone: str | None = None
) -> tuple[Integers, str, str | None]:
    """Return the ordinals of the starts, the frequency that they share, and their zone.

    Args:
        entries: With the field "start": a period, a time, or its text.
        ids: Their ids, for messages.
        freq: The frequency; it is needed unless all starts are periods.
        timezone: The zone whose wall clock counts; aware times are converted to it.

    Returns:
        Ordinals (series,), the frequency, and `timezone`, or else the zone of aware starts.

    Raises:
        DataError: A start is missing or no time, or two differ in frequency or in having a zone.

    Warns:
        DataWarning: Starts lie between two steps.
    """
    asked = None if freq is None else normalise_freq(freq)
    given = [entry[FieldName.START] for entry in entries]
    others = [i for i, start in enumerate(given) if not isinstance(start, pd.Period)]
    for i in others:
        _check_start(given[i], asked, ids[i])
    zone = timezone
    if others:
        stamps, zone = _read_stamps([given[i] for i in others], timezone, [ids[i] for i in others])
        if zone != timezone and len(others) < len(given):
            raise DataError(
                f"The start of series {ids[others[0]]!r} has the time zone {zone}, those of others "
                f"have none; give all of them in one way, or say timezone='{zone}'.",
                item_id=ids[others[0]],
                field=FieldName.START,
            )
        _warn_of_floors(stamps, str(asked))
        for i, stamp in zip(others, stamps, strict=True):
            given[i] = start_period(stamp, str(asked))
    common, ordinals = asked, np.empty(len(entries), dtype=np.int64)
    for i, start in enumerate(given):
        if start.freqstr != common:
            common = _same_freq(start.freqstr, common, ids[i], asked is not None)
        ordinals[i] = start.ordinal
    return ordinals, str(common), zone


def _check_start(start: Any, freq: str | None, item_id: str | int) -> None:
    """Refuse a start that is missing, or no period while the frequency is unknown."""
    if start is pd.NaT or start is None:
        raise DataError(
            f"The start of series {item_id!r} is missing ({start!r}); give its first period.",
            item_id=item_id,
            field=FieldName.START,
        )
    if freq is None:
        raise DataError(
            f"The start of series {item_id!r} is {' '.join(repr(start).split()):.80}, not a pandas "
            "Period, so the frequency is unknown; pass freq=, for example freq='h'.",
            item_id=item_id,
            field=FieldName.START,
        )


def _read_stamps(
    starts: list[Any], timezone: str | None, ids: list[str | int]
) -> tuple[pd.DatetimeIndex, str | None]:
    """Return starts as wall-clock times, and their zone; see `wall_clock`."""
    try:
        return wall_clock(pd.Series(starts, name=FieldName.START, dtype=object), timezone)
    except DataError as error:
        row = error.row or 0
        raise DataError(
            f"The start of series {ids[row]!r} cannot be read as a time: {starts[row]!r}. {error}",
            item_id=ids[row],
            field=FieldName.START,
        ) from None


def _warn_of_floors(stamps: pd.DatetimeIndex, freq: str) -> None:
    """Warn of times of day between two steps, which GluonTS takes as the step that holds them."""
    base, _ = split_freq(freq)
    if base not in _CLOCKS or not (between := stamps != stamps.floor(base)).any():
        return
    warnings.warn(
        f"{int(between.sum())} starts lie between two steps of freq='{freq}' (the first: "
        f"{stamps[int(between.argmax())]}) and are taken as the step that holds them.",
        DataWarning,
        stacklevel=5,
    )


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
