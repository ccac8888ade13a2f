"""The two doors of the library: `to_dataset` in, `to_frame` out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from tsgen.errors import DataError, SettingsError, nearest

from .entries import OnDynamic, entries_to_series
from .frequency import normalise_freq
from .series import SeriesDataset
from .table import OnDuplicate, OnInfinite, table_to_series
from .timestamps import check_zone

__all__ = ["to_dataset", "to_frame"]


def to_dataset(
    data: Any,
    *,
    freq: str | None = None,
    item_id: str | None = "item_id",
    timestamp: str = "timestamp",
    target: str = "target",
    static: Sequence[str] = (),
    start: Any = None,
    timezone: str | None = None,
    on_duplicate: OnDuplicate = "error",
    on_infinite: OnInfinite = "error",
    dynamic_features: OnDynamic = "error",
) -> SeriesDataset:
    """Make a dataset of a long table (one row per series and time) or of any GluonTS dataset.

    Steps without a row between a series' first and last become NaN; nothing is ever filled in.
    Series keep the order in which they first appear. Rows count from 0 in messages. The arguments
    from `item_id` to `start`, and `on_duplicate`, concern tables. Of GluonTS entries, a lone
    `feat_static_cat` that is 0 everywhere is the usual placeholder and makes no column; entries
    without `item_id` are called "0", "1", ... by position.

    Args:
        data: A DataFrame, a GluonTS dataset (a list of entries, `PandasDataset`, `FileDataset`,
            ...), or a `SeriesDataset`, which is returned as it is.
        freq: A pandas frequency; inferred from the most common step, or taken from `start`, if
            None. "MS" and "ME" both mean "M" with stamps at the start or the end of the month.
        item_id: The column of series ids; None for a table of one series, which is named "0".
        timestamp: The column of times: datetimes, dates, periods, or text (ISO 8601).
        target: The column of values.
        static: Columns with one value per series, which become `feat_static_cat`.
        start: For a `timestamp` column of step numbers (0, 1, 2, ...): the time of step 0; needs
            `freq`. What comes out has time stamps.
        timezone: The zone whose wall clock counts. Aware times are converted to it (without it,
            they stay in their own zone); naive times are taken as its wall clock.
        on_duplicate: What to do with several rows of one series and time: refuse ("error"), or
            keep the "first", the "last", the "mean" or the "sum".
        on_infinite: Refuse infinite values ("error") or take them as "missing".
        dynamic_features: Refuse entries with features that change in time ("error"), or "drop"
            these features.

    Warns:
        DataWarning: Rows were sorted, merged or taken as missing, or unknown fields left out.

    Raises:
        DataError: The data break a rule above; the message names series, row and remedy.
        SettingsError: An argument is impossible.

    Example:
        >>> import pandas as pd
        >>> from tsgen.data import to_dataset
        >>> hours = pd.to_datetime(["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 03:00"])
        >>> table = pd.DataFrame({"item_id": "a", "timestamp": hours, "target": [1.0, 2.0, 4.0]})
        >>> dataset = to_dataset(table)
        >>> dataset.freq, dataset.series(0).tolist()
        ('h', [1.0, 2.0, nan, 4.0])
    """
    _check_choice("on_duplicate", on_duplicate, get_args(OnDuplicate))
    _check_choice("on_infinite", on_infinite, get_args(OnInfinite))
    _check_choice("dynamic_features", dynamic_features, get_args(OnDynamic))
    check_zone(timezone)
    if isinstance(data, SeriesDataset):
        return _as_asked(data, freq, timezone)
    if isinstance(data, pd.DataFrame):
        return table_to_series(
            data,
            freq=freq,
            item_id=item_id,
            timestamp=timestamp,
            target=target,
            static=(static,) if isinstance(static, str) else static,
            start=start,
            timezone=timezone,
            on_duplicate=on_duplicate,
            on_infinite=on_infinite,
        )
    if isinstance(data, str | Path):
        raise DataError(f"{str(data)!r} is a path; read it with read_series.")
    if not isinstance(data, Iterable):
        raise DataError(
            f"A {type(data).__name__} is neither a long table (pandas DataFrame) "
            "nor a GluonTS dataset."
        )
    if static:
        raise SettingsError(
            "static= names columns of a table; GluonTS entries carry feat_static_cat instead."
        )
    if start is not None:
        raise SettingsError(
            "start= dates the step numbers of a table; GluonTS entries carry start instead."
        )
    return entries_to_series(
        data,
        freq=freq,
        timezone=timezone,
        on_infinite=on_infinite,
        dynamic_features=dynamic_features,
    )


def to_frame(dataset: Iterable[Any]) -> pd.DataFrame:
    """Return a dataset as a long table: item_id, timestamp, target and the static columns.

    For a `SeriesDataset` the time stamps are those that came in, in its zone, and static columns
    have their own values; for another GluonTS dataset the stamps are the starts of the periods.
    Missing steps are rows with NaN. Synthetic series name their origin in `source_item_id`.

    Args:
        dataset: A `SeriesDataset` or any GluonTS dataset.

    Raises:
        DataError: The entries cannot be read; see `to_dataset`.
    """
    return to_dataset(dataset).to_frame()


def _as_asked(dataset: SeriesDataset, freq: str | None, timezone: str | None) -> SeriesDataset:
    """Return the dataset, unless something else was asked for."""
    wanted = {"freq": freq and normalise_freq(freq), "timezone": timezone}
    for name, value in wanted.items():
        found = getattr(dataset, name)
        if value is not None and value != found:
            raise DataError(
                f"The dataset has {name}={found!r}, but {name}={value!r} was asked for; "
                f"make it anew from its table, with {name}={value!r}.",
                field=name,
            )
    return dataset


def _check_choice(name: str, value: Any, known: tuple[Any, ...]) -> None:
    if value not in known:
        raise SettingsError(
            f"{name}={value!r} is not possible.{nearest(value, known)} "
            f"Use one of {', '.join(map(repr, known))}."
        )
