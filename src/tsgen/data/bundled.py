"""The real sample data that come with the package."""

from __future__ import annotations

from importlib.resources import as_file, files

import pandas as pd

from tsgen.errors import DataError, nearest

from .conversion import to_dataset
from .series import SeriesDataset

__all__ = ["load_sample"]


def load_sample(name: str = "electricity_hourly") -> SeriesDataset:
    """Load a bundled data set; `samples/README.md` in this folder says where each comes from.

    Args:
        name: "electricity_hourly": 60 clients of a Portuguese utility, 1,000 hours from 2012-01-01,
            kW summed per hour (UCI ElectricityLoadDiagrams20112014, CC BY 4.0).

    Raises:
        DataError: There is no sample of that name.

    Example:
        >>> from tsgen.data import load_sample
        >>> load_sample()
        SeriesDataset(60 series, 60000 steps, freq='h')
    """
    samples = files("tsgen.data") / "samples"
    known = sorted(
        place.name.removesuffix(".parquet")
        for place in samples.iterdir()
        if place.name.endswith(".parquet")
    )
    if name not in known:
        raise DataError(
            f"There is no sample data set '{name}'.{nearest(name, known)} "
            f"There is: {', '.join(known)}."
        )
    with as_file(samples / f"{name}.parquet") as path:
        return to_dataset(pd.read_parquet(path))
