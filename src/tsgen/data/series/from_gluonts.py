"""A GluonTS dataset (anything that yields entries) becomes one of ours."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from gluonts.dataset.field_names import FieldName

from tsgen.errors import DataError, DataWarning

from ..columns import check_finite, plain_value
from .dataset import SeriesDataset
from .frequency import normalise_freq, start_period

__all__ = ["OnDynamic", "entries_to_channels", "entries_to_series", "target_dimensions"]

OnDynamic = Literal["error", "drop"]
_Entry = Mapping[str, Any]
_DYNAMIC = {
    FieldName.FEAT_DYNAMIC_REAL,
    FieldName.FEAT_DYNAMIC_CAT,
    FieldName.PAST_FEAT_DYNAMIC_REAL,
    FieldName.PAST_FEAT_DYNAMIC_CAT,
    FieldName.FEAT_DYNAMIC_REAL_LEGACY,
}
_KNOWN = {
    FieldName.START,
    FieldName.TARGET,
    FieldName.ITEM_ID,
    FieldName.FEAT_STATIC_CAT,
    FieldName.FEAT_STATIC_REAL,
    FieldName.INFO,
}


def entries_to_series(
    dataset: Iterable[_Entry],
    *,
    freq: str | None = None,
    timezone: str | None = None,
    on_infinite: str = "error",
    dynamic_features: OnDynamic = "error",
) -> SeriesDataset:
    """Read GluonTS entries; see `to_dataset` for the rules."""
    entries = _checked(dataset)
    _refuse_dynamic(entries, dynamic_features)
    ids = _item_ids(entries)
    targets = [_target(entry, item_id, 1) for entry, item_id in zip(entries, ids, strict=True)]
    starts, freq = _starts(entries, ids, freq)
    values = _values(targets, ids, on_infinite)
    codes = _static_cat(entries, ids)
    return SeriesDataset(
        values=values,
        offsets=_offsets(targets),
        starts=starts,
        freq=freq,
        item_ids=ids,
        static_cat=codes,
        static_names=tuple(f"static_{k}" for k in range(codes.shape[1])),
        static_categories=tuple(tuple(range(top + 1)) for top in codes.max(axis=0).tolist()),
        static_real=_features(entries, ids, FieldName.FEAT_STATIC_REAL, np.float64),
        timezone=timezone,
        info=_info(entries, ids),
    )


def target_dimensions(entries: list[Any]) -> int:
    """Return how many dimensions the first entry's target has, 1 where it cannot be read."""
    try:
        return max(np.ndim(entries[0][FieldName.TARGET]), 1)
    except (IndexError, KeyError, TypeError, ValueError):
        return 1


def entries_to_channels(
    entries: list[_Entry], *, on_infinite: str = "error", **options: Any
) -> tuple[SeriesDataset, ...]:
    """Read entries with targets (C, T), one dataset for each channel; see `to_dataset`."""
    ids = _item_ids(_checked(entries))
    targets = [_target(entry, item_id, 2) for entry, item_id in zip(entries, ids, strict=True)]
    for target, item_id in zip(targets, ids, strict=True):
        if len(target) != len(targets[0]):
            raise DataError(
                f"The target of series {item_id!r} has {len(target)} channels, that of "
                f"{ids[0]!r} has {len(targets[0])}; all entries need the same ones, missing values "
                "as NaN.",
                item_id=item_id,
                field=FieldName.TARGET,
            )
    # Everything but the values is read once, with step numbers in their place.
    numbered = [
        {**entry, FieldName.TARGET: np.arange(target.shape[1])}
        for entry, target in zip(entries, targets, strict=True)
    ]
    head = entries_to_series(numbered, **options)
    return tuple(
        replace(head, values=_values([t[k] for t in targets], ids, on_infinite, f" (channel {k})"))
        for k in range(len(targets[0]))
    )


def _checked(dataset: Iterable[_Entry]) -> list[_Entry]:
    """Return the entries, all with the same keys and at least a start and a target."""
    entries = list(dataset)
    if not entries:
        raise DataError("The dataset has no entries; there is nothing to read.")
    for i, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            raise DataError(
                f"Entry {i} of the dataset is a {type(entry).__name__}, not a dictionary; give a "
                "long table (pandas DataFrame) or a GluonTS dataset.",
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
            raise DataError(f"The entries have no field '{field}'; GluonTS needs it.", field=field)
    return entries


def _refuse_dynamic(entries: list[_Entry], dynamic_features: OnDynamic) -> None:
    keys = entries[0].keys()
    dynamic = sorted(_DYNAMIC.intersection(keys))
    if dynamic and dynamic_features != "drop":
        raise DataError(
            f"The entries have {', '.join(dynamic)}; features that change in time are not "
            "supported. Pass dynamic_features='drop' to leave them out.",
            field=dynamic[0],
        )
    if dynamic:
        counts = [f"{_num_rows(entries[0][name])} of {name}" for name in dynamic]
        warnings.warn(
            f"Features that change in time were left out of {len(entries)} series: "
            f"{', '.join(counts)}.",
            DataWarning,
            stacklevel=4,
        )
    unknown = sorted(set(keys) - _KNOWN - _DYNAMIC)
    if unknown:
        warnings.warn(
            f"The fields {', '.join(unknown)} of the entries are not known and were left out.",
            DataWarning,
            stacklevel=4,
        )


def _num_rows(features: Any) -> int:
    return len(np.atleast_1d(np.asarray(features, dtype=object)))


def _item_ids(entries: list[_Entry]) -> tuple[str | int, ...]:
    if FieldName.ITEM_ID not in entries[0]:
        return tuple(str(i) for i in range(len(entries)))
    ids = [plain_value(entry[FieldName.ITEM_ID]) for entry in entries]
    for i, item_id in enumerate(ids):
        if isinstance(item_id, bool) or not isinstance(item_id, str | int):
            raise DataError(
                f"Entry {i} has the item_id {item_id!r}; ids must be text or whole numbers.",
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
    return tuple(ids)


def _target(entry: _Entry, item_id: str | int, dimensions: int) -> npt.NDArray[np.float64]:
    try:
        target = np.asarray(entry[FieldName.TARGET], dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise DataError(
            f"The target of series {item_id!r} is not a list of numbers: {error}.",
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


def _starts(
    entries: list[_Entry], ids: tuple[str | int, ...], freq: str | None
) -> tuple[npt.NDArray[np.int64], str]:
    """Return the ordinals of the starts and the frequency that they share."""
    asked = None if freq is None else normalise_freq(freq)
    found, ordinals = asked, np.empty(len(entries), dtype=np.int64)
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
        if spelling != found:
            found = _same_freq(spelling, found, ids[i], asked is not None)
        ordinals[i] = start.ordinal
    return ordinals, str(found)


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


def _same_freq(spelling: str, found: str | None, item_id: str | int, asked: bool) -> str:
    """Return the normalised frequency of an entry, which must be the one found before."""
    normal = normalise_freq(spelling)
    if found is not None and normal != found:
        other = f"freq='{found}' was asked for" if asked else f"earlier entries have '{found}'"
        raise DataError(
            f"Series {item_id!r} has the frequency '{normal}', but {other}; "
            "one dataset has one frequency.",
            item_id=item_id,
            field=FieldName.START,
        )
    return normal


def _offsets(targets: list[npt.NDArray[np.float64]]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum([len(target) for target in targets])])


def _values(
    targets: list[npt.NDArray[np.float64]],
    ids: tuple[str | int, ...],
    on_infinite: str,
    where: str = "",
) -> npt.NDArray[np.float64]:
    """Return the targets one after another, each with an observed value at the least."""
    offsets = _offsets(targets)
    values = check_finite(
        np.concatenate(targets),
        on_infinite,
        FieldName.TARGET,
        ids=lambda row: ids[int(np.searchsorted(offsets, row, side="right")) - 1],
    )
    observed = np.add.reduceat(~np.isnan(values), offsets[:-1], dtype=np.int64)
    if (observed == 0).any():
        item_id = ids[int((observed == 0).argmax())]
        raise DataError(
            f"Series {item_id!r} has no observed value at all{where}; leave it out, or pass "
            "on_unobserved='drop'.",
            item_id=item_id,
            field=FieldName.TARGET,
        )
    return values


def _numbers(value: Any, field: str, item_id: str | int) -> npt.NDArray[np.float64]:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"Series {item_id!r} has {field}={value!r:.80}, which are no numbers.",
            item_id=item_id,
            field=field,
        ) from None


def _features(
    entries: list[_Entry], ids: tuple[str | int, ...], field: str, dtype: Any
) -> npt.NDArray[Any]:
    """Return a static field of all entries, shape (series, features)."""
    if field not in entries[0]:
        return np.zeros((len(entries), 0), dtype=dtype)
    rows = [
        _numbers(entry[field], field, item_id) for entry, item_id in zip(entries, ids, strict=True)
    ]
    for row, item_id in zip(rows, ids, strict=True):
        if row.ndim != 1 or row.shape != rows[0].shape:
            raise DataError(
                f"Series {item_id!r} has {field} of shape {row.shape}, others {rows[0].shape}; "
                "all need the same number of features.",
                item_id=item_id,
                field=field,
            )
    return np.stack(rows).astype(dtype)


def _static_cat(entries: list[_Entry], ids: tuple[str | int, ...]) -> npt.NDArray[np.int64]:
    """Return the codes, shape (series, columns); GluonTS's lone dummy zero is no column."""
    features = _features(entries, ids, FieldName.FEAT_STATIC_CAT, np.float64)
    wrong = ~((features >= 0) & (features == np.floor(features)))
    if wrong.any():
        item_id = ids[int(wrong.any(axis=1).argmax())]
        raise DataError(
            f"Series {item_id!r} has {FieldName.FEAT_STATIC_CAT} "
            f"{features[wrong][0]}; category codes are whole numbers from 0.",
            item_id=item_id,
            field=FieldName.FEAT_STATIC_CAT,
        )
    codes = features.astype(np.int64)
    return codes[:, :0] if codes.shape[1] == 1 and not codes.any() else codes


def _info(entries: list[_Entry], ids: tuple[str | int, ...]) -> tuple[dict[str, Any], ...] | None:
    if FieldName.INFO not in entries[0]:
        return None
    for entry, item_id in zip(entries, ids, strict=True):
        if not isinstance(entry[FieldName.INFO], Mapping):
            raise DataError(
                f"Series {item_id!r} has the info {entry[FieldName.INFO]!r}; "
                "info must be a dictionary.",
                item_id=item_id,
                field=FieldName.INFO,
            )
    return tuple(dict(entry[FieldName.INFO]) for entry in entries)
