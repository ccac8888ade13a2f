"""What tasks on series share: a long table in, a table out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from tsgen.data import (
    PARQUET,
    SeriesDataset,
    check_agreement,
    parquet_files,
    read_series,
    reading,
    to_dataset,
)
from tsgen.data.series import stream_entries
from tsgen.errors import DataError, nearest
from tsgen.rng import resolve_seed

from .base import BatchTask, InputBlock
from .entries import are_entries, entry_blocks, read_entries

__all__ = ["SeriesBatch", "table_blocks"]

_ROWS = 1 << 20


@dataclass(frozen=True)
class SeriesBatch(BatchTask):
    """A task of a PSA-GAN-C: the input is a long table of series, or GluonTS entries.

    Attributes:
        seed: Same seed, same numbers, whatever the partitions.
        read: How the table is read; see `read_series`.
    """

    kind: ClassVar[str] = "psa-gan-c"

    seed: int = 0
    read: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The column of the ids."""
        return str(self.read.get("item_id", "item_id"))

    def check(self, model: Any) -> None:
        """See `BatchTask`.

        Raises:
            SettingsError: An impossible seed.
        """
        resolve_seed(self.seed)

    def blocks(self, model: Any, source: Path | Iterable[Any]) -> Iterator[InputBlock]:
        """Read the table or the entries; see `table_blocks` and `entry_blocks`."""
        if not isinstance(source, Path):
            return entry_blocks(source)
        stream = stream_entries(source)
        if stream is not None:
            return entry_blocks(stream, self.key, stream.freq)
        return table_blocks(source, self.key, **self.read)

    def series(self, model: Any, table: pd.DataFrame, end: int | None) -> Any:
        """Return a partition's rows as the model takes them."""
        if are_entries(table):
            return read_entries(table, model, end, **self.read)
        dynamic = model.data.dynamic
        read = {} if dynamic is None else dynamic.columns_in(table.columns)
        if model.data.channels:
            read |= {"target": model.data.channels}
        return to_dataset(table, **{"freq": model.data.freq} | read | self.read)


def table_blocks(path: Path, key: str, **read: Any) -> Iterator[InputBlock]:
    """Read a long table; Parquet in blocks of about a million rows, anything else at once.

    Raises:
        DataError: There is no such column, nothing readable, or the files of a folder differ.
    """
    files = parquet_files(path) if path.is_dir() else [path]
    if not files or not all(file.name.endswith(PARQUET) for file in files):
        series = read_series(path, **read)
        if not isinstance(series, SeriesDataset):
            raise DataError(f"{path} has several channels; give it as Parquet, one row a step.")
        names = {name: read.get(name, name) for name in ("item_id", "timestamp", "target")}
        yield InputBlock(series.to_frame().rename(columns=names))
        return
    import pyarrow.parquet as pq

    columns = dict.fromkeys(name for file in files for name in _columns(file))
    with reading(path):
        check_agreement(files, columns, columns.keys() - {key})
    for file in files:
        with reading(file), pq.ParquetFile(file) as source:
            names = source.schema_arrow.names
            if key not in names:
                raise DataError(f"{file} has no column '{key}'.{nearest(key, names)}", field=key)
            for batch in source.iter_batches(batch_size=_ROWS):
                yield InputBlock(batch.to_pandas())


def _columns(file: Path) -> list[str]:
    import pyarrow.parquet as pq

    with reading(file):
        return list(pq.read_schema(file).names)
