"""The fields of GluonTS entries that hold features which change in time."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import Array, Integers
from tsgen.errors import DataError, DataWarning

from ..dynamic import DynamicFeatures, default_names
from .entry_fields import Entry

__all__ = ["OnDynamic", "features_of_entries"]


OnDynamic = Literal["keep", "error", "drop"]

_UNREAD = (FieldName.PAST_FEAT_DYNAMIC_CAT, FieldName.FEAT_DYNAMIC_REAL_LEGACY)
_READ = (
    FieldName.FEAT_DYNAMIC_REAL,
    FieldName.FEAT_DYNAMIC_CAT,
    FieldName.PAST_FEAT_DYNAMIC_REAL,
)


def features_of_entries(
    entries: Sequence[Entry],
    ids: Sequence[Any],
    lengths: Integers,
    on_dynamic: OnDynamic,
    names: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> DynamicFeatures | None:
    """Read the dynamic fields of GluonTS entries; None without any.

    Args:
        entries: All with the same fields.
        ids: Their item ids.
        lengths: (n,), steps of their targets.
        on_dynamic: "keep", refuse ("error") or leave out ("drop").
        names: Names of the real and categorical features together, and of the past ones.

    Raises:
        DataError: A field is not supported or was refused, or does not fit its target.
    """
    present = [name for name in (*_READ, *_UNREAD) if name in entries[0]]
    if not present:
        _named([0, 0, 0], names)
        return None
    if not _kept(entries, present, on_dynamic):
        return None
    real, cat, past = (
        _rows(entries, ids, lengths, name) if name in present else None for name in _READ
    )
    ends = _same_ends(entries, ids, real, cat, lengths)
    offsets = np.concatenate([[0], ends.cumsum()]).astype(np.int64)
    codes = np.zeros((0, 0)) if cat is None else _whole_codes(np.concatenate(cat, axis=1), entries)
    numbers = [] if past is None else [
        np.pad(rows, ((0, 0), (0, int(end) - rows.shape[1])), constant_values=np.nan)
        for rows, end in zip(past, ends, strict=True)
    ]  # fmt: skip
    counts = [0 if rows is None else len(rows[0]) for rows in (real, cat, past)]
    real_names, cat_names, past_names = _named(counts, names)
    return DynamicFeatures(
        offsets,
        np.zeros((0, 0)) if real is None else np.concatenate(real, axis=1),
        codes.astype(np.int64),
        np.concatenate(numbers, axis=1) if numbers else np.zeros((0, 0)),
        real_names,
        cat_names,
        past_names,
        tuple(tuple(range(int(row.max()) + 1)) for row in codes) if counts[1] else (),
    )


def _kept(entries: Sequence[Entry], present: list[str], on_dynamic: OnDynamic) -> bool:
    """Return whether the fields are to be read."""
    if on_dynamic == "drop":
        counts = [
            f"{len(np.atleast_1d(np.asarray(entries[0][n], dtype=object)))} of {n}" for n in present
        ]
        warnings.warn(
            f"Features that change in time were left out of {len(entries)} series: "
            f"{', '.join(counts)}.",
            DataWarning,
            stacklevel=6,
        )
        return False
    unread = [name for name in present if name in _UNREAD]
    if on_dynamic == "error" or unread:
        reason = f"{', '.join(unread)} cannot be read" if unread else "they were to be refused"
        raise DataError(
            f"The entries have {', '.join(present)}; {reason}. Pass dynamic_features='drop' to "
            "leave the features that change in time out.",
            field=(unread or present)[0],
        )
    return True


def _rows(
    entries: Sequence[Entry], ids: Sequence[Any], lengths: Integers, name: str
) -> list[Array]:
    """Return a field of each entry as (features, steps), at least as long as its target."""
    kept: list[Array] = []
    for entry, item_id, length in zip(entries, ids, lengths, strict=True):
        try:
            rows = np.atleast_2d(np.asarray(entry[name], dtype=np.float64))
        except (TypeError, ValueError, OverflowError):
            raise DataError(
                f"Series {item_id!r} has {name} that are no numbers.", item_id=item_id, field=name
            ) from None
        first = kept[0] if kept else rows
        exact = name == FieldName.PAST_FEAT_DYNAMIC_REAL
        fits = rows.shape[-1] == length if exact else rows.shape[-1] >= length
        if rows.ndim != 2 or len(rows) != len(first) or not fits:
            steps = f"{length}" if exact else f"{length} or more"
            raise DataError(
                f"Series {item_id!r} has {name} of shape {rows.shape}; expected are {len(first)} "
                f"features of {steps} steps, as its target has {length}.",
                item_id=item_id,
                field=name,
            )
        if np.isinf(rows).any():
            raise DataError(
                f"Series {item_id!r} has an infinite value in {name}; make it NaN if unknown.",
                item_id=item_id,
                field=name,
            )
        kept.append(rows)
    return kept


def _same_ends(
    entries: Sequence[Entry],
    ids: Sequence[Any],
    real: list[Array] | None,
    cat: list[Array] | None,
    lengths: Integers,
) -> Integers:
    """Return how many steps the features of each series have.

    Raises:
        DataError: Real and categorical ones differ.
    """
    if real is None and cat is None:
        return lengths
    ends = [np.array([rows.shape[1] for rows in kind]) for kind in (real, cat) if kind is not None]
    if len(ends) == 2 and (ends[0] != ends[1]).any():
        i = int((ends[0] != ends[1]).argmax())
        raise DataError(
            f"Series {ids[i]!r} has {ends[0][i]} steps of {_READ[0]} and {ends[1][i]} of "
            f"{_READ[1]}; give both as far.",
            item_id=ids[i],
            field=_READ[1],
        )
    return ends[0]


def _whole_codes(codes: Array, entries: Sequence[Entry]) -> Array:
    if not ((codes >= 0) & (codes == np.floor(codes))).all():
        raise DataError(
            f"{FieldName.FEAT_DYNAMIC_CAT} of {len(entries)} entries holds values that are no "
            "category codes; those are whole numbers from 0.",
            field=FieldName.FEAT_DYNAMIC_CAT,
        )
    return codes


def _named(
    counts: list[int], names: tuple[Sequence[str], Sequence[str]]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the names of real, categorical and past features."""
    given, past = tuple(names[0]), tuple(names[1])
    for listed, expected, what in (
        (given, counts[0] + counts[1], "dynamic"),
        (past, counts[2], "past_dynamic"),
    ):
        if listed and len(listed) != expected:
            raise DataError(
                f"{what}= names {len(listed)} features, the entries have {expected}: name each, "
                "real ones first."
            )
    return (
        given[: counts[0]] or default_names("real", counts[0]),
        given[counts[0] :] or default_names("cat", counts[1]),
        past or default_names("past", counts[2]),
    )
