"""What channels that were observed together must agree on."""

from __future__ import annotations

import numpy as np

from tsgen.errors import DataError

from ..dataset import SeriesDataset

__all__ = ["check_channels"]

_ARRAYS = ("offsets", "starts", "static_cat", "static_real")
_SHARED = (
    *_ARRAYS, "item_ids", "freq", "static_names", "static_categories", "timezone", "label", "info",
    "dtype",
)  # fmt: skip
_TAKEN = {"item_id", "timestamp", "source_item_id"}


def check_channels(channels: tuple[str, ...], parts: tuple[SeriesDataset, ...]) -> None:
    """Refuse channels that are not of the same entries, steps and static columns.

    Args:
        channels: Their names.
        parts: A dataset for each.

    Raises:
        DataError: They do not fit together, or a name is impossible.
    """
    _check_names(channels, parts)
    for name, part in zip(channels, parts, strict=True):
        if not _same_dynamic(parts[0], part):
            raise DataError(
                f"Channel '{name}' has other dynamic features than channel '{channels[0]}'; "
                "channels observed together share them.",
                field="dynamic",
            )
        if (field := _differing(parts[0], part)) is not None:
            raise DataError(
                f"Channel '{name}' has another {field} than channel '{channels[0]}'; channels "
                "observed together share entries, steps and static columns.",
                field=field,
            )


def _differing(first: SeriesDataset, second: SeriesDataset) -> str | None:
    """Return the first field that two parts do not share."""
    for field in _SHARED:
        ours, theirs = getattr(first, field), getattr(second, field)
        same = np.array_equal(ours, theirs, equal_nan=True) if field in _ARRAYS else ours == theirs
        if not same:
            return field
    return None


def _same_dynamic(first: SeriesDataset, second: SeriesDataset) -> bool:
    if first.dynamic is None:
        return second.dynamic is None
    return first.dynamic.same_as(second.dynamic)


def _check_names(channels: tuple[str, ...], parts: tuple[SeriesDataset, ...]) -> None:
    if len(channels) != len(parts) or len(channels) < 2:
        raise DataError(
            f"A multivariate dataset needs two channels or more, each with its part; there are "
            f"{len(channels)} names and {len(parts)} parts. One channel alone is a univariate "
            "series: a SeriesDataset."
        )
    dynamic = parts[0].dynamic
    taken = _TAKEN | set(parts[0].static_names) | set(dynamic.names if dynamic else ())
    for i, name in enumerate(channels):
        if name in taken:
            raise DataError(
                f"Channel {i} cannot be called '{name}': another "
                f"{'channel' if name in channels[:i] else 'column'} has that name; rename it.",
                field=name,
            )
        taken.add(name)
