"""The doors of the library: `to_dataset` in, `to_frame` out; `to_series` for univariate work."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from tsgen.errors import DataError, DataWarning, SettingsError, nearest

from ..columns import say_left_out
from .dataset import SeriesDataset
from .multivariate import MultivariateDataset
from .reading import (
    OnDuplicate,
    OnDynamic,
    OnInfinite,
    OnIrregular,
    OnUnobserved,
    entries_to_channels,
    entries_to_series,
    table_to_channels,
    target_dimensions,
)
from .times import check_zone, normalise_freq

__all__ = ["to_dataset", "to_frame", "to_series"]


def to_dataset(
    data: Any,
    *,
    freq: str | None = None,
    item_id: str | None = "item_id",
    timestamp: str = "timestamp",
    target: str | Sequence[str] = "target",
    static: Sequence[str] = (),
    start: Any = None,
    timezone: str | None = None,
    on_duplicate: OnDuplicate = "error",
    on_infinite: OnInfinite = "error",
    on_unobserved: OnUnobserved = "error",
    on_irregular: OnIrregular = "error",
    dynamic: Sequence[str] = (),
    past_dynamic: Sequence[str] = (),
    dynamic_features: OnDynamic = "keep",
) -> SeriesDataset | MultivariateDataset:
    """Make a dataset of a long table (one row per series and time) or of any GluonTS dataset.

    Steps without a row between a series' first and last become NaN; nothing is ever filled in.
    Series keep the order in which they first appear. Rows count from 0 in messages. The arguments
    from `item_id` to `start`, and `on_duplicate`, concern tables. Of GluonTS entries, a lone
    `feat_static_cat` that is 0 everywhere is the usual placeholder and makes no column; entries
    without `item_id` are called "0", "1", ... by position.

    Args:
        data: A DataFrame, a GluonTS dataset (a list of entries, `PandasDataset`, `FileDataset`,
            ...), or one of our datasets, which is returned as it is.
        freq: A pandas frequency; inferred from the most common step, or taken from `start`, if
            None. "MS" and "ME" both mean "M" with stamps at the start or the end of the month.
        item_id: The column of series ids; None or "" for a table of one series, which is named
            "0".
        timestamp: The column of times: datetimes, dates, periods, or text (ISO 8601).
        target: The column of values; several columns are the channels of multivariate entries. Of
            GluonTS entries whose target is (C, T): the channels' names, "0", "1", ... if not given.
        static: Columns with one value per series, which become `feat_static_cat`.
        start: For a `timestamp` column of step numbers (0, 1, 2, ...): the time of step 0; needs
            `freq`. What comes out has time stamps.
        timezone: The zone whose wall clock counts. Aware times are converted to it (without it,
            they stay in their own zone); naive times are taken as its wall clock.
        on_duplicate: What to do with several rows of one series and time: refuse ("error"), or
            keep the "first", the "last", the "mean" or the "sum".
        on_infinite: Refuse infinite values ("error") or take them as "missing".
        on_unobserved: Refuse series without any observed value ("error") or leave them out
            ("drop").
        on_irregular: Refuse rows whose times lie off the grid of the frequency ("error"), or count
            every row for the step it is in ("floor"), which is said; several rows of one step are
            a matter of `on_duplicate`. Tables only.
        dynamic: Columns of features that change in time and are known ahead (promotions, prices,
            holidays): numbers become `feat_dynamic_real`, text and categories `feat_dynamic_cat`.
            Rows after a series' last observed target tell what is known of its future. Of several
            rows of one time that are added up or averaged, the first one's features count. Of
            GluonTS entries: the features' names, real ones first.
        past_dynamic: Columns of numbers that are known up to the present only (weather as it was);
            `past_feat_dynamic_real`.
        dynamic_features: "keep" the features of entries that change in time, refuse ("error"), or
            "drop" them.

    Returns:
        A `SeriesDataset`; a `MultivariateDataset` for several target columns, or for entries whose
        target has two dimensions.

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
    _check_choice("on_unobserved", on_unobserved, get_args(OnUnobserved))
    _check_choice("on_irregular", on_irregular, get_args(OnIrregular))
    _check_choice("dynamic_features", dynamic_features, get_args(OnDynamic))
    check_zone(timezone)
    targets = _targets(target)
    if isinstance(data, SeriesDataset | MultivariateDataset):
        return _as_asked(data, freq, timezone, dynamic_features)
    if isinstance(data, pd.DataFrame):
        parts = table_to_channels(
            data,
            freq=freq,
            item_id=item_id or None,
            timestamp=timestamp,
            targets=targets,
            static=_names(static),
            start=start,
            timezone=timezone,
            on_duplicate=on_duplicate,
            on_infinite=on_infinite,
            on_unobserved=on_unobserved,
            on_irregular=on_irregular,
            dynamic=_names(dynamic),
            past_dynamic=_names(past_dynamic),
        )
        return parts[0] if len(parts) == 1 else MultivariateDataset(parts, targets)
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
    entries = list(data)
    if on_unobserved == "drop":
        entries = _observed(entries)
    options: dict[str, Any] = {
        "freq": freq,
        "timezone": timezone,
        "on_infinite": on_infinite,
        "dynamic_features": dynamic_features,
        "dynamic": _names(dynamic),
        "past_dynamic": _names(past_dynamic),
    }
    if target_dimensions(entries) == 1:
        return entries_to_series(entries, **options)
    return _with_names(entries_to_channels(entries, **options), targets)


def to_series(data: Any, **options: Any) -> SeriesDataset:
    """Make a univariate dataset, as `to_dataset` does.

    Raises:
        DataError: The data are multivariate, or break a rule of `to_dataset`.
    """
    dataset = to_dataset(data, **options)
    if isinstance(dataset, MultivariateDataset):
        raise DataError(
            f"These data have {len(dataset.channels)} channels ({', '.join(dataset.channels[:5])}"
            f"{', ...' if len(dataset.channels) > 5 else ''}); this needs univariate series. Give "
            "one channel, dataset.channel(NAME), or every channel as a series, dataset.series."
        )
    return dataset


def to_frame(dataset: Iterable[Any]) -> pd.DataFrame:
    """Return a dataset as a long table: item_id, timestamp, target and the static columns.

    Of a multivariate dataset, each channel is a column instead of `target`. For our datasets the
    time stamps are those that came in, in their zone, and static columns have their own values; for
    another GluonTS dataset the stamps are the starts of the periods. Missing steps are rows with
    NaN. Synthetic series name their origin in `source_item_id`.

    Args:
        dataset: One of our datasets or any GluonTS dataset.

    Raises:
        DataError: The entries cannot be read; see `to_dataset`.
    """
    return to_dataset(dataset).to_frame()


def _observed(entries: list[Any]) -> list[Any]:
    """Return the entries with an observed value in each channel, named by their position if not."""

    def seen(entry: Any) -> bool:
        try:
            target = np.asarray(entry["target"], dtype=np.float64)
            return bool(np.isfinite(target).any(axis=-1).all())
        except (TypeError, ValueError, KeyError):
            return True  # is refused with the reason

    if not all(isinstance(entry, Mapping) for entry in entries):
        return entries
    named = [{"item_id": str(i), **entry} for i, entry in enumerate(entries)]
    say_left_out([entry["item_id"] for entry in named if not seen(entry)], len(named))
    return [entry for entry in named if seen(entry)]


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _targets(target: str | Sequence[str]) -> tuple[str, ...]:
    """Return the target columns as a tuple."""
    if isinstance(target, str):
        return (target,)
    names = tuple(target)
    if len(names) < 2 or len(set(names)) < len(names):
        raise SettingsError(
            f"target={list(names)} is not possible: name two different columns or more for "
            "multivariate entries, or write target='NAME' for univariate series."
        )
    return names


def _with_names(
    parts: tuple[SeriesDataset, ...], targets: tuple[str, ...]
) -> SeriesDataset | MultivariateDataset:
    """Return channels read from entries as a dataset; without names they count from 0."""
    if len(parts) == 1:
        raise DataError(
            "The targets have shape (1, steps): one channel is a univariate series. Give targets "
            "of one dimension (steps,).",
            field="target",
        )
    names = tuple(str(k) for k in range(len(parts))) if len(targets) == 1 else targets
    if len(names) != len(parts):
        raise DataError(
            f"The targets have {len(parts)} channels, target= names {len(names)}: "
            f"{', '.join(names)}.",
            field="target",
        )
    return MultivariateDataset(parts, names)


def _as_asked(
    dataset: SeriesDataset | MultivariateDataset,
    freq: str | None,
    timezone: str | None,
    dynamic_features: OnDynamic,
) -> SeriesDataset | MultivariateDataset:
    """Return the dataset, unless something else was asked for."""
    if dynamic_features != "keep" and dataset.dynamic is not None:
        return _without_dynamic(dataset, dynamic_features)
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


def _without_dynamic(
    dataset: SeriesDataset | MultivariateDataset, on_dynamic: OnDynamic
) -> SeriesDataset | MultivariateDataset:
    """Return a dataset without its dynamic features, or refuse them."""
    names = ", ".join(dataset.dynamic.names) if dataset.dynamic else ""
    if on_dynamic == "error":
        raise DataError(
            f"The dataset has the dynamic features {names}; they were to be refused. Pass "
            "dynamic_features='drop' to leave them out."
        )
    warnings.warn(
        f"Features that change in time were left out of {len(dataset)} series: {names}.",
        DataWarning,
        stacklevel=4,
    )
    if isinstance(dataset, MultivariateDataset):
        parts = tuple(replace(part, dynamic=None) for part in dataset.parts)
        return replace(dataset, parts=parts)
    return replace(dataset, dynamic=None)


def _check_choice(name: str, value: Any, known: tuple[Any, ...]) -> None:
    if value not in known:
        raise SettingsError(
            f"{name}={value!r} is not possible.{nearest(value, known)} "
            f"Use one of {', '.join(map(repr, known))}."
        )
