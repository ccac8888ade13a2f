"""The doors of the library: `to_dataset` in, `to_frame` out; `to_series` for univariate work."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from tsgen.errors import DataError, SettingsError, nearest, noted_warnings

from ..columns import say_left_out
from ..frames import as_pandas, conversion_of
from ..notes import with_notes
from .channels import MultivariateDataset
from .dataset import SeriesDataset
from .layouts import FrameLayout
from .reading import (
    OnDuplicate,
    OnDynamic,
    OnInfinite,
    OnIrregular,
    OnUnobserved,
    Roles,
    TableLayout,
    arranged,
    as_asked,
    as_long_table,
    entries_to_channels,
    entries_to_series,
    table_to_channels,
    target_dimensions,
)
from .times import check_zone

__all__ = ["to_dataset", "to_frame", "to_series"]


def to_dataset(
    data: Any,
    *,
    freq: str | None = None,
    item_id: str | None = "item_id",
    timestamp: str = "timestamp",
    target: str | Sequence[str] = "target",
    static: Sequence[str] = (),
    static_numbers: Sequence[str] = (),
    start: Any = None,
    timezone: str | None = None,
    on_duplicate: OnDuplicate = "error",
    on_infinite: OnInfinite = "error",
    on_unobserved: OnUnobserved = "error",
    on_irregular: OnIrregular = "error",
    dynamic: Sequence[str] = (),
    past_dynamic: Sequence[str] = (),
    dynamic_features: OnDynamic = "keep",
    layout: TableLayout = "auto",
) -> SeriesDataset | MultivariateDataset:
    """Make a dataset of a table, of arrays, or of any GluonTS dataset.

    Tables are long (one row per series and time) or wide (one column a series), of pandas, polars,
    pyarrow or any library that keeps to the Arrow or interchange protocol. Columns are known by the
    names of tsgen and AutoGluon, `item_id, timestamp, target`, and of Nixtla, `unique_id, ds, y`;
    ids and times may also be the index. Steps without a row between a series' first and last become
    NaN; nothing is ever filled in. Series keep the order in which they first appear. Rows count
    from 0 in messages. The arguments from `item_id` to `start`, and `on_duplicate`, concern tables.
    Of GluonTS entries, a lone `feat_static_cat` that is 0 everywhere is the usual placeholder and
    makes no column; entries without `item_id` are called "0", "1", ... by position.

    Args:
        data: A table; a pandas Series with an index of times; a dictionary from ids to such Series,
            tables of one series, or values; an array (n, T, C) of n series of T steps and C
            channels; a GluonTS dataset (a list of entries, `PandasDataset`, `FileDataset`, ...); or
            one of our datasets, which is returned as it is.
        freq: A pandas frequency; inferred from the most common step, or taken from `start`, if
            None. "MS" and "ME" both mean "M" with stamps at the start or the end of the month.
        item_id: The column of series ids; None or "" for a table of one series, which is named
            "0".
        timestamp: The column of times: datetimes, dates, periods, or text (ISO 8601).
        target: The column of values; several columns are the channels of multivariate entries. Of
            GluonTS entries whose target is (C, T): the channels' names, "0", "1", ... if not given.
        static: Columns with one value per series, which become `feat_static_cat`.
        static_numbers: Columns with one number, or none, per series; `feat_static_real`.
        start: For a `timestamp` column of step numbers (0, 1, 2, ...), and values without times:
            the time of step 0; needs `freq`. What comes out has time stamps.
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
        layout: What a table is. "auto" takes one as wide if it has numbers beside its times, and no
            column of ids or targets, and says so; where that is not certain, it asks. Of a wide
            table, `timestamp` may name the times and `target` the columns that are read; a series
            begins and ends with its first and last value.

    Returns:
        A `SeriesDataset`; a `MultivariateDataset` for several target columns, or for entries whose
        target has two dimensions.

    Warns:
        DataWarning: Rows were sorted, merged or taken as missing, unknown fields left out, or a
            table taken as wide.

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
    _check_choice("layout", layout, get_args(TableLayout))
    check_zone(timezone)
    targets = _targets(target)
    if isinstance(data, SeriesDataset | MultivariateDataset):
        return as_asked(data, freq, timezone, dynamic_features)
    with noted_warnings() as notes:
        asked, beside = Roles(item_id or None, timestamp, targets), _names(static)
        beside += _names(static_numbers) + _names(dynamic) + _names(past_dynamic)
        data, asked = as_long_table(as_pandas(data), asked, dated=start is not None)
        if isinstance(data, pd.DataFrame):
            table, roles = arranged(data, asked, layout, beside)
            parts = table_to_channels(
                table,
                freq=freq,
                item_id=roles.item_id,
                timestamp=roles.timestamp,
                targets=roles.targets,
                static=_names(static),
                start=start,
                timezone=timezone,
                on_duplicate=on_duplicate,
                on_infinite=on_infinite,
                on_unobserved=on_unobserved,
                on_irregular=on_irregular,
                dynamic=_names(dynamic),
                past_dynamic=_names(past_dynamic),
                static_numbers=_names(static_numbers),
            )
            channels = MultivariateDataset(parts, roles.targets) if len(parts) > 1 else parts[0]
            return with_notes(channels, notes)
        if isinstance(data, str | Path):
            raise DataError(f"{str(data)!r} is a path; read it with read_series.")
        entries = list(data) if isinstance(data, Iterable) else None
        if entries is None or _refuses_to_be_entries(data, entries):
            line = f"; give {way}" if (way := conversion_of(data)) else ""
            raise DataError(
                f"A {type(data).__name__} is neither a table, nor series of numbers, nor a GluonTS "
                f"dataset{line}."
            )
        if static or static_numbers:
            raise SettingsError(
                "static= and static_numbers= name columns of a table; GluonTS entries carry "
                "feat_static_cat and feat_static_real instead."
            )
        if start is not None:
            raise SettingsError(
                "start= dates the step numbers of a table; GluonTS entries carry start instead."
            )
        of_tables = {"item_id": item_id, "timestamp": timestamp, "on_duplicate": on_duplicate}
        _refuse_table_options(of_tables | {"on_irregular": on_irregular})
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
            _refuse_table_options({"target": target})
            return with_notes(entries_to_series(entries, **options), notes)
        named = _with_names(entries_to_channels(entries, **options), targets)
        return with_notes(named, notes)


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


def to_frame(
    dataset: Iterable[Any], layout: FrameLayout = "long", *, provenance: bool = False
) -> pd.DataFrame:
    """Return a dataset as a table.

    - "long": item_id, timestamp, target, static columns, features that change in time. Stamps are
      those that came in, in the dataset's zone where it has one: the hour that a zone skips in
      spring has no row, and of the hour that it repeats in autumn the rows stand for the first.
      Where features are known beyond the end of a series, its target is missing there.
    - "nixtla": unique_id, ds, y and the features, up to the end of each series; static columns are
      in `static_frame("nixtla")`. `ds` is wall clock.
    - "gluonts": what `PandasDataset.from_long_dataframe(table, item_id="item_id")` takes: as
      "long", with the periods (wall clock) as index and static columns as categories.
    - "wide": the stamps as index and a column a series, NaN where it has none; no other columns.

    Missing steps are rows with NaN. Of a multivariate dataset each channel is a column instead of
    the target ("nixtla", "wide": a series, "ITEM_ID/CHANNEL"). But for "long", ids of several types
    become text. Stamps of another GluonTS dataset are the starts of the periods.

    Args:
        dataset: One of our datasets or any GluonTS dataset.
        layout: One of these.
        provenance: Whether synthetic series name the series that they were made of in a column
            `source_item_id`, empty for real ones; `to_dataset` knows them by it.

    Raises:
        DataError: The entries cannot be read; see `to_dataset`.
        SettingsError: There is no such layout, or it has no room for provenance.

    Warns:
        DataWarning: Values in the skipped hour were left out.

    Example:
        >>> from tsgen.data import simulate_series, to_frame
        >>> to_frame(simulate_series(2, 3, seed=1), "nixtla").columns.tolist()
        ['unique_id', 'ds', 'y']
    """
    return to_dataset(dataset).to_frame(layout, provenance=provenance)


def _refuses_to_be_entries(data: Any, entries: list[Any]) -> bool:
    """Return whether an iterable gives no entries, and could be converted to a table."""
    return bool(entries) and not isinstance(entries[0], Mapping) and bool(conversion_of(data))


def _refuse_table_options(options: Mapping[str, Any]) -> None:
    """Refuse arguments that concern tables, where there are entries.

    Raises:
        SettingsError: One is not as it is by default.
    """
    defaults = inspect.signature(to_dataset).parameters
    for name, value in options.items():
        if value != defaults[name].default:
            raise SettingsError(
                f"{name}= is about the rows of a table and has no effect on GluonTS entries; leave "
                "it out."
            )


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


def _check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    if value not in choices:
        raise SettingsError(
            f"{name}={value!r} is not possible.{nearest(value, choices)} "
            f"Use one of {', '.join(map(repr, choices))}."
        )
