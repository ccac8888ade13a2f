"""The real sample data that come with the package."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Literal, overload

import pandas as pd

from tsgen.errors import DataError, nearest

from .events import Interactions
from .series import SeriesDataset, to_series

__all__ = ["load_sample"]

_SERIES = "electricity_hourly"
_EVENTS = "online_retail"


@overload
def load_sample(name: Literal["electricity_hourly"] = "electricity_hourly") -> SeriesDataset: ...


@overload
def load_sample(name: Literal["online_retail"]) -> Interactions: ...


@overload
def load_sample(name: str) -> SeriesDataset | Interactions: ...


def load_sample(name: str = _SERIES) -> SeriesDataset | Interactions:
    """Load a bundled data set; `samples/README.md` in this folder says where each comes from.

    Args:
        name: "electricity_hourly": 60 clients of a Portuguese utility, 1,000 hours from 2012-01-01,
            kW summed per hour (UCI ElectricityLoadDiagrams20112014, CC BY 4.0), as a dataset of
            series. "online_retail": 102,505 purchases of 1,000 products by 1,475 customers of a
            British gift shop, December 2010 to December 2011, the value in GBP (UCI Online Retail,
            CC BY 4.0), with the customers' country and the products' description, as events.

    Raises:
        DataError: There is no sample of that name.

    Example:
        >>> from tsgen.data import load_sample
        >>> load_sample()
        SeriesDataset(60 series, 60000 steps, freq='h')
        >>> events = load_sample("online_retail")
        >>> len(events), events.num_users, events.num_items
        (102505, 1475, 1000)
    """
    if name not in (_SERIES, _EVENTS):
        raise DataError(
            f"There is no sample data set '{name}'.{nearest(name, [_SERIES, _EVENTS])} "
            f"There is: {_SERIES}, {_EVENTS}."
        )
    if name == _SERIES:
        return to_series(_table(name))
    return Interactions.from_frame(
        _table(name),
        users=_table(f"{name}.users"),
        items=_table(f"{name}.items"),
        on_duplicate="error",
    )


def _table(name: str) -> pd.DataFrame:
    with as_file(files("tsgen.data") / "samples" / f"{name}.parquet") as path:
        return pd.read_parquet(path)
