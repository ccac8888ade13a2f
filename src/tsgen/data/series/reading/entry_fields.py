"""The fields of GluonTS entries, each read and checked."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import AnyArray, Array, Integers
from tsgen.errors import DataError, DataWarning

from ...alike_ids import warn_of_alike
from ...columns import plain_value
from ...odd_ids import refuse_odd, warn_of_missing

__all__ = [
    "Entry",
    "checked_entries",
    "info_of",
    "item_ids",
    "say_unknown_fields",
    "static_codes",
    "static_field",
    "target_of",
]

Entry = Mapping[str, Any]

_MOST_CODES = 1 << 31


_DYNAMIC = {
    FieldName.FEAT_DYNAMIC_REAL,
    FieldName.FEAT_DYNAMIC_CAT,
    FieldName.PAST_FEAT_DYNAMIC_REAL,
    FieldName.PAST_FEAT_DYNAMIC_CAT,
    FieldName.FEAT_DYNAMIC_REAL_LEGACY,
}


_READ = {
    FieldName.START,
    FieldName.TARGET,
    FieldName.ITEM_ID,
    FieldName.FEAT_STATIC_CAT,
    FieldName.FEAT_STATIC_REAL,
    FieldName.INFO,
}


def _joined(entry: Any) -> str:
    """Return what makes a long table of a list of frames or series; "" of other lists."""
    if not isinstance(entry, pd.DataFrame | pd.Series):
        return ""
    return ", pd.concat(data, keys=range(len(data)), names=['item_id', 'timestamp']),"


def checked_entries(dataset: Iterable[Entry]) -> list[Entry]:
    """Return the entries, all with the same keys and at least a start and a target."""
    entries = list(dataset)
    if not entries:
        raise DataError("The dataset has no entries; there is nothing to read.")
    for i, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            raise DataError(
                f"Entry {i} of the dataset is of type {type(entry).__name__}, not a dictionary; "
                f"give a long table (pandas DataFrame){_joined(entry)} or a GluonTS dataset.",
                row=i,
            )
        if entry.keys() != entries[0].keys():
            odd = ", ".join(sorted(entry.keys() ^ entries[0].keys()))
            raise DataError(
                f"Entry {i} and entry 0 differ in the fields {odd}. GluonTS reads a batch by its "
                "first entry's fields, so all entries need the same ones.",
                row=i,
            )
    for field in (FieldName.START, FieldName.TARGET):
        if field not in entries[0]:
            rows = np.ndim(entries[0].get(FieldName.TARGET, [])) == 0
            line = " Rows of a table are read as pandas.DataFrame(rows)." if rows else ""
            raise DataError(
                f"The entries have no field '{field}'; GluonTS needs it.{line}", field=field
            )
    return entries


def say_unknown_fields(entries: list[Entry]) -> None:
    """Warn of fields that are not read, and left out."""
    unknown = sorted(set(entries[0].keys()) - _READ - _DYNAMIC)
    if unknown:
        warnings.warn(
            f"The fields {', '.join(unknown)} of the entries are not known and were left out.",
            DataWarning,
            stacklevel=4,
        )


def item_ids(entries: list[Entry]) -> tuple[str | int, ...]:
    """Return the entries' ids, or their places as text where they have none.

    Raises:
        DataError: An id is neither text nor a whole number, is empty, or stands on two entries.
    """
    if FieldName.ITEM_ID not in entries[0]:
        return tuple(str(i) for i in range(len(entries)))
    ids = [plain_value(entry[FieldName.ITEM_ID]) for entry in entries]
    for i, item_id in enumerate(ids):
        blank = isinstance(item_id, str) and not item_id.strip()
        if isinstance(item_id, bool) or not isinstance(item_id, str | int) or blank:
            raise DataError(
                f"Entry {i} has the item_id {_short(item_id)}; ids must be text or whole numbers.",
                field=FieldName.ITEM_ID,
                row=i,
            )
    item_id, count = Counter(ids).most_common(1)[0]
    if count > 1:
        raise DataError(
            f"The item_id {item_id!r} stands on {count} entries. A rolling test set repeats its "
            "series so; give the training part, or one entry per series.",
            item_id=item_id,
            field=FieldName.ITEM_ID,
        )
    refuse_odd(ids, FieldName.ITEM_ID, "item id")
    warn_of_alike(ids, FieldName.ITEM_ID, "item")
    warn_of_missing(ids, FieldName.ITEM_ID)
    return tuple(ids)


def target_of(entry: Entry, item_id: str | int, dimensions: int) -> Array:
    """Return an entry's target, (steps,) or (channels, steps) for 2 dimensions.

    Raises:
        DataError: It is empty, has other dimensions, or holds something else than numbers.
    """
    try:
        if np.iscomplexobj(entry[FieldName.TARGET]):
            raise TypeError  # NumPy would leave out a part of each
        target = np.asarray(entry[FieldName.TARGET], dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        raise DataError(
            f"The target of series {item_id!r} is not a list of numbers (or of lists of one "
            f"length): {_short(entry[FieldName.TARGET])}.",
            item_id=item_id,
            field=FieldName.TARGET,
        ) from None
    if target.ndim != dimensions:
        raise DataError(
            f"The target of series {item_id!r} has {target.ndim} dimensions, {dimensions} "
            f"{'is' if dimensions == 1 else 'are'} expected: all entries are univariate (steps,), "
            "or all are multivariate (channels, steps).",
            item_id=item_id,
            field=FieldName.TARGET,
        )
    if target.size == 0:
        raise DataError(
            f"The target of series {item_id!r} is empty; leave the series out.",
            item_id=item_id,
            field=FieldName.TARGET,
        )
    return target


def _short(value: Any) -> str:
    """Return a value on one line, the beginning of it if it is long."""
    text = " ".join(repr(value).split())
    if " at 0x" in text:
        return f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _numbers(value: Any, field: str, item_id: str | int) -> Array:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise DataError(
            f"Series {item_id!r} has {field}={_short(value)}, which are no numbers.",
            item_id=item_id,
            field=field,
        ) from None


def static_field(
    entries: list[Entry], ids: tuple[str | int, ...], field: str, dtype: Any
) -> AnyArray:
    """Return a static field of all entries, shape (series, features)."""
    if field not in entries[0]:
        return np.zeros((len(entries), 0), dtype=dtype)
    rows = [
        _numbers(entry[field], field, item_id) for entry, item_id in zip(entries, ids, strict=True)
    ]
    for row, item_id in zip(rows, ids, strict=True):
        if row.ndim != 1:
            raise DataError(
                f"Series {item_id!r} has {field} with {row.ndim} dimensions; give a list of "
                "numbers.",
                item_id=item_id,
                field=field,
            )
        if row.shape != rows[0].shape:
            raise DataError(
                f"Series {item_id!r} has {field} of shape {row.shape}, others {rows[0].shape}; "
                "all need the same number of features.",
                item_id=item_id,
                field=field,
            )
    return np.stack(rows).astype(dtype)


def static_codes(entries: list[Entry], ids: tuple[str | int, ...]) -> Integers:
    """Return the codes, shape (series, columns); GluonTS's lone dummy zero is no column."""
    features = static_field(entries, ids, FieldName.FEAT_STATIC_CAT, np.float64)
    wrong = ~((features >= 0) & (features < _MOST_CODES) & (features == np.floor(features)))
    if wrong.any():
        item_id = ids[int(wrong.any(axis=1).argmax())]
        raise DataError(
            f"Series {item_id!r} has {FieldName.FEAT_STATIC_CAT} "
            f"{features[wrong][0]:g}; category codes are whole numbers from 0.",
            item_id=item_id,
            field=FieldName.FEAT_STATIC_CAT,
        )
    codes = features.astype(np.int64)
    return codes[:, :0] if codes.shape[1] == 1 and not codes.any() else codes


def info_of(entries: list[Entry], ids: tuple[str | int, ...]) -> tuple[dict[str, Any], ...] | None:
    """Return a copy of each entry's `info`, None where the entries have none.

    Raises:
        DataError: One is no dictionary.
    """
    if FieldName.INFO not in entries[0]:
        return None
    for entry, item_id in zip(entries, ids, strict=True):
        if not isinstance(entry[FieldName.INFO], Mapping):
            raise DataError(
                f"Series {item_id!r} has the info {_short(entry[FieldName.INFO])}; "
                "info must be a dictionary.",
                item_id=item_id,
                field=FieldName.INFO,
            )
    return tuple(dict(entry[FieldName.INFO]) for entry in entries)
