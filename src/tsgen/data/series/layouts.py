"""A dataset as the tables that others read: of Nixtla, of GluonTS's `PandasDataset`, wide."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from tsgen.errors import SettingsError, nearest

from .long_table import SOURCE, long_table
from .times import split_freq

if TYPE_CHECKING:
    from .dataset import SeriesDataset

__all__ = ["FrameLayout", "check_layout", "frame_of", "static_table"]

FrameLayout = Literal["long", "nixtla", "gluonts", "wide"]

_NIXTLA = {"item_id": "unique_id", "timestamp": "ds", "target": "y"}


def frame_of(
    dataset: SeriesDataset, layout: FrameLayout, provenance: bool, name: str = "target"
) -> pd.DataFrame:
    """Return a dataset as a table; see `to_frame` for the layouts.

    Args:
        dataset: Univariate series.
        layout: How the table is laid out.
        provenance: Whether it says of which series synthetic ones were made.
        name: What the column of values is called in a layout that leaves that open.

    Raises:
        SettingsError: There is no such layout, or it has no room for provenance.
    """
    check_layout(layout, provenance)
    dataset = _ids_of_one_type(dataset)
    if layout == "long":
        return long_table(dataset, provenance).rename(columns={"target": name})
    if layout == "nixtla":
        return _nixtla(dataset, provenance)
    return _wide(dataset) if layout == "wide" else _gluonts(dataset, provenance, name)


def check_layout(layout: Any, provenance: bool = False) -> None:
    """Refuse a layout that there is not, and provenance where it has no room.

    Raises:
        SettingsError: It is so.
    """
    layouts = get_args(FrameLayout)
    if layout not in layouts:
        raise SettingsError(
            f"layout={layout!r} is not possible.{nearest(layout, layouts)} Use one of "
            f"{', '.join(map(repr, layouts))}."
        )
    if layout == "wide" and provenance:
        raise SettingsError(
            "provenance=True has no room in layout='wide', whose columns are the series; use "
            "another layout."
        )


def static_table(dataset: SeriesDataset, layout: FrameLayout) -> pd.DataFrame:
    """Return one row a series: its id and static columns; see `SeriesDataset.static_frame`."""
    check_layout(layout)
    dataset = _ids_of_one_type(dataset)
    table = pd.DataFrame({"item_id": list(dataset.item_ids)})
    for k, name in enumerate(dataset.static_names):
        codes, categories = dataset.static_cat[:, k], dataset.static_categories[k]
        table[name] = [categories[code] for code in codes]
    for k, column in enumerate(dataset.static_real.T):
        table[f"static_real_{k}"] = column
    return table.rename(columns=_NIXTLA) if layout == "nixtla" else table


def _nixtla(dataset: SeriesDataset, provenance: bool) -> pd.DataFrame:
    """Return `unique_id, ds, y` and the features that change in time, to the end of each series."""
    dynamic = dataset.dynamic
    if dynamic is not None:
        rows = np.arange(len(dataset))
        dynamic = dynamic.cut(rows, np.zeros_like(rows), dataset.lengths)
    plain = _without_statics(replace(dataset, timezone=None, dynamic=dynamic))
    return long_table(plain, provenance).rename(columns=_NIXTLA)


def _wide(dataset: SeriesDataset) -> pd.DataFrame:
    """Return one row a time and one column a series, NaN where it has no value."""
    table = long_table(_without_statics(replace(dataset, dynamic=None)))
    wide = table.pivot(index="timestamp", columns="item_id", values="target")
    return wide[list(dataset.item_ids)].rename_axis(columns=None)


def _gluonts(dataset: SeriesDataset, provenance: bool, name: str) -> pd.DataFrame:
    """Return a long table whose index is the periods, and whose static columns are categorical."""
    table = long_table(replace(dataset, timezone=None), provenance)
    offsets = dataset.offsets if dataset.dynamic is None else dataset.dynamic.offsets
    lengths, stride = np.diff(offsets), split_freq(dataset.freq)[1]
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    ordinals = np.repeat(dataset.starts, lengths) + within * stride
    for static, categories in zip(dataset.static_names, dataset.static_categories, strict=True):
        table[static] = pd.Categorical(table[static], categories=list(categories))
    periods: Any = pd.PeriodIndex
    index = periods.from_ordinals(ordinals, freq=dataset.freq, name="timestamp")
    return table.drop(columns="timestamp").rename(columns={"target": name}).set_index(index)


def _without_statics(dataset: SeriesDataset) -> SeriesDataset:
    none = np.zeros((len(dataset), 0), np.int64)
    return replace(dataset, static_cat=none, static_names=(), static_categories=())


def _ids_of_one_type(dataset: SeriesDataset) -> SeriesDataset:
    """Return a dataset whose ids are all texts, if some are: others sort and store them."""
    if len({type(item_id) for item_id in dataset.item_ids}) < 2:
        return dataset
    info = dataset.info
    if info is not None:
        info = tuple(
            facts | {SOURCE: str(facts[SOURCE])} if facts.get(SOURCE) is not None else facts
            for facts in info
        )
    return replace(dataset, item_ids=tuple(map(str, dataset.item_ids)), info=info)
