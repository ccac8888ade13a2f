"""A GluonTS dataset (anything that yields entries) becomes one of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import Array, Integers
from tsgen.errors import DataError

from ...columns import check_finite
from ..dataset import SeriesDataset
from ..dynamic import say_missing
from .entry_features import OnDynamic, features_of_entries
from .entry_fields import (
    Entry,
    checked_entries,
    info_of,
    item_ids,
    say_unknown_fields,
    static_codes,
    static_field,
    target_of,
)
from .entry_starts import starts_of

__all__ = ["entries_to_channels", "entries_to_series", "target_dimensions"]


def entries_to_series(
    dataset: Iterable[Entry],
    *,
    freq: str | None = None,
    timezone: str | None = None,
    on_infinite: str = "error",
    dynamic_features: OnDynamic = "keep",
    dynamic: Sequence[str] = (),
    past_dynamic: Sequence[str] = (),
) -> SeriesDataset:
    """Read GluonTS entries; see `to_dataset` for the rules."""
    entries = checked_entries(dataset)
    say_unknown_fields(entries)
    ids = item_ids(entries)
    targets = [target_of(entry, item_id, 1) for entry, item_id in zip(entries, ids, strict=True)]
    starts, freq, timezone = starts_of(entries, ids, freq, timezone)
    values = _values(targets, ids, on_infinite)
    codes = static_codes(entries, ids)
    lengths = np.diff(_offsets(targets))
    features = features_of_entries(entries, ids, lengths, dynamic_features, (dynamic, past_dynamic))
    say_missing(features, lengths)
    return SeriesDataset(
        values=values,
        offsets=_offsets(targets),
        starts=starts,
        freq=freq,
        item_ids=ids,
        static_cat=codes,
        static_names=tuple(f"static_{k}" for k in range(codes.shape[1])),
        static_categories=tuple(tuple(range(top + 1)) for top in codes.max(axis=0).tolist()),
        static_real=static_field(entries, ids, FieldName.FEAT_STATIC_REAL, np.float64),
        timezone=timezone,
        info=info_of(entries, ids),
        dynamic=features,
    )


def target_dimensions(entries: list[Any]) -> int:
    """Return how many dimensions the first entry's target has, 1 where it cannot be read."""
    try:
        return max(np.ndim(entries[0][FieldName.TARGET]), 1)
    except (IndexError, KeyError, TypeError, ValueError):
        return 1


def entries_to_channels(
    entries: list[Entry], *, on_infinite: str = "error", **options: Any
) -> tuple[SeriesDataset, ...]:
    """Read entries with targets (C, T), one dataset for each channel; see `to_dataset`."""
    ids = item_ids(checked_entries(entries))
    targets = [target_of(entry, item_id, 2) for entry, item_id in zip(entries, ids, strict=True)]
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


def _offsets(targets: list[Array]) -> Integers:
    return np.concatenate([[0], np.cumsum([len(target) for target in targets])])


def _values(
    targets: list[Array],
    ids: tuple[str | int, ...],
    on_infinite: str,
    where: str = "",
) -> Array:
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
