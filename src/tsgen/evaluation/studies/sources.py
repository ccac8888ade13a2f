"""What a study reads, and where it keeps trained models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tsgen.data import MultivariateDataset, SeriesDataset, read_series
from tsgen.errors import DataError

from ..fidelity import CausalEncoder, load_encoder

__all__ = ["StudySources"]

_SERIES = (".parquet", ".csv", ".csv.gz", "")


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
        """Return where the Parquet table of events is: user_id, item_id, timestamp, value."""
        return self._file("events", name, (".parquet",))

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
                f"{self.data} or {self.data / folder}; give the folder that has it with --data."
            )
        return path
