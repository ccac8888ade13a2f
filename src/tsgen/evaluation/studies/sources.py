"""What a study reads, and where it keeps trained models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tsgen.data import MultivariateDataset, SeriesDataset, read_series, reading
from tsgen.errors import DataError

from ..fidelity import CausalEncoder, load_encoder

__all__ = ["StudySources"]

_TABLES = (".parquet", ".csv", ".csv.gz")
_SERIES = (*_TABLES, "")


@dataclass(frozen=True)
class StudySources:
    """The data of studies, by name.

    Attributes:
        data: Folder of the tables, or of its folders `timeseries`, `events` and `encoders`.
        models: Folder where trained models are kept, so that arms that differ in how they draw
            share one training.
    """

    data: Path
    models: Path

    def require(self, name: str) -> None:
        """Check that there are series or events of this name.

        Raises:
            DataError: There are neither.
        """
        try:
            self._file("events", name, _TABLES)
        except DataError:
            self._file("timeseries", name, _SERIES)

    def series(self, name: str) -> SeriesDataset:
        """Return the series of a table with the columns item_id, timestamp, target.

        Raises:
            DataError: There is no such table, or it cannot be read.
        """
        series = read_series(self._file("timeseries", name, _SERIES))
        if isinstance(series, MultivariateDataset):
            raise DataError(f"The study's data '{name}' have several channels; expected one.")
        return series

    def series_file(self, name: str) -> Path:
        """Return where the Parquet table of series is."""
        return self._file("timeseries", name, (".parquet",))

    def event_file(self, name: str) -> Path:
        """Return where the table of events is; see `events`."""
        return self._file("events", name, _TABLES)

    def events(self, name: str) -> pd.DataFrame:
        """Return a table of events as it stands, with times in seconds since 1970 UTC.

        Its columns are user_id, item_id, timestamp (seconds, or dates and times: those without a
        zone are UTC), value (1 where the table has none), and what else it has.

        Raises:
            DataError: There is no such table, it cannot be read, or it lacks a column.
        """
        path = self.event_file(name)
        with reading(path):
            table = _with_columns(_read_table(path), ("user_id", "item_id", "timestamp"))
            table["timestamp"] = _seconds(table["timestamp"])
        return table if "value" in table else table.assign(value=1.0)

    def items(self, name: str) -> pd.DataFrame:
        """Return the attributes of a log's items, the table NAME.items, by item_id.

        Raises:
            DataError: There is no such table, it cannot be read, or it lacks its ids.
        """
        path = self._file("events", f"{name}.items", _TABLES)
        with reading(path):
            return _with_columns(_read_table(path), ("item_id",)).set_index("item_id")

    def users(self, name: str) -> pd.DataFrame:
        """Return the attributes of a log's users, the table NAME.users, with their user_id.

        Raises:
            DataError: There is no such table, it cannot be read, or it lacks its ids.
        """
        path = self._file("events", f"{name}.users", _TABLES)
        with reading(path):
            return _with_columns(_read_table(path), ("user_id",))

    def encoder(self, name: str) -> CausalEncoder:
        """Return an encoder of windows; see `load_encoder`."""
        return load_encoder(self._file("encoders", name, (".safetensors",)))

    def _file(self, folder: str, name: str, suffixes: tuple[str, ...]) -> Path:
        places = (self.data, self.data / folder)
        tried = [place / f"{name}{suffix}" for place in places for suffix in suffixes]
        path = next((path for path in tried if path.exists()), None)
        if path is None:
            raise DataError(
                f"The study is about '{name}', but there is no {name}{suffixes[0]} in "
                f"{self.data} or {self.data / folder}; give the folder that has it as data=."
            )
        return path


def _read_table(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype={"user_id": str, "item_id": str})


def _with_columns(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    if lacking := [name for name in names if name not in table]:
        raise DataError(
            f"There is no column {', '.join(lacking)}; a study needs {', '.join(names)}. There are "
            f"{', '.join(map(str, table.columns))}."
        )
    return table


def _seconds(times: pd.Series[Any]) -> pd.Series[Any]:
    """Return times as seconds since 1970 UTC; numbers are that already."""
    if pd.api.types.is_numeric_dtype(times):
        return times
    stamps = pd.to_datetime(times, utc=True)
    return (stamps - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)
