"""Event logs on disk: CSV, Parquet, and folders of Parquet read in chunks."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from tsgen.errors import DataError, TsgenError, nearest

from ..columns import pick
from ..series import (
    CSV,
    check_exists,
    csv_header,
    unreadable,
    utc_offsets,
    wall_clock,
    whole_numbers,
)
from .assembly import assemble, table_ids
from .interactions import Interactions
from .parts import EventColumns, EventPart, read_part

__all__ = ["read_interactions"]

_PARQUET = (".parquet", ".pq")
_CHUNK_ROWS = 1 << 20
_READ = [f.name for f in fields(EventColumns)]


def read_interactions(path: str | Path, **options: Any) -> Interactions:
    """Read an event log.

    Understood are CSV (`.csv`, `.tsv`, also with `.gz`; commas, semicolons or tabs), Parquet, and a
    folder of Parquet files, which is read in chunks so that only the columns needed are ever in
    memory. In a CSV, ids are whole numbers only if all are, without leading zeros; text such as
    "NA" is an id.

    Args:
        path: The file or folder.
        **options: The arguments of `Interactions.from_frame`, with the same meaning.

    Raises:
        DataError: Nothing readable is at `path`, or its content breaks a rule of `from_frame`.
        SettingsError: An argument is impossible.
    """
    path = Path(path)
    known = list(inspect.signature(Interactions.from_frame).parameters)[1:]
    for name in options:
        if name not in known:
            raise TypeError(f"read_interactions has no argument '{name}'.{nearest(name, known)}")
    check_exists(path)
    columns = EventColumns(**{k: v for k, v in options.items() if k in _READ})
    rest: dict[str, Any] = {"users": None, "items": None, "on_duplicate": "warn"}
    rest |= {k: v for k, v in options.items() if k not in _READ}
    for what, ids in (("user", columns.user_id), ("item", columns.item_id)):
        table_ids(rest[f"{what}s"], ids, what)  # before reading: no fault of the log's
    try:
        return Interactions(**vars(assemble(_parts(path, columns), columns, **rest)))
    except DataError as error:
        raise DataError(f"{path}: {error}", field=error.field, row=error.row) from error
    except TsgenError:
        raise
    except (OSError, ValueError, EOFError) as error:  # of pandas, pyarrow and gzip
        raise unreadable(path, error) from error


def _parts(path: Path, columns: EventColumns) -> Iterator[EventPart]:
    if path.name.endswith(CSV):
        yield read_part(_read_csv(path, columns), columns)
    elif path.is_dir() or path.name.endswith(_PARQUET):
        yield from _read_parquet(path, columns)
    else:
        raise DataError(
            "The file is of an unknown kind; give .csv, .csv.gz, .tsv, .parquet or a folder."
        )


def _read_csv(path: Path, columns: EventColumns) -> pd.DataFrame:
    """Read the needed columns of a CSV without guessing at ids ('007', 'NA')."""
    import pyarrow as pa
    from pyarrow import csv

    separator, names = csv_header(path, {columns.user_id, columns.item_id, columns.timestamp})
    _require(names, columns)
    text = pa.dictionary(pa.int32(), pa.string())
    ids = [columns.user_id, columns.item_id]

    def read(wanted: list[str], types: dict[str, Any]) -> pd.DataFrame:
        table = csv.read_csv(
            path,
            parse_options=csv.ParseOptions(delimiter=separator),
            convert_options=csv.ConvertOptions(
                include_columns=wanted,
                column_types=types,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        return table.to_pandas()  # type: ignore[no-any-return]

    frame = read(_needed(names, columns), dict.fromkeys(ids, text))
    for name in ids:
        frame[name] = _plain_ids(frame[name])
    time = columns.timestamp
    if isinstance(frame[time].dtype, pd.DatetimeTZDtype):
        # The reader turns offsets into UTC without a word; the text still has them.
        frame[time] = _in_own_zone(frame[time], read([time], {time: pa.string()})[time])
    return frame


def _in_own_zone(stamps: pd.Series[Any], text: pd.Series[Any]) -> pd.Series[Any]:
    """Return UTC stamps in the zone they were written in; the text itself if there are several."""
    if len(utc_offsets(text)) > 1:
        return text
    zone = wall_clock(text.dropna().iloc[:1], None)[1]
    own: pd.Series[Any] = stamps.dt.tz_convert(zone)
    return own


def _plain_ids(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return categories of text as whole numbers, if all of them are."""
    categories = whole_numbers(pd.Series(column.cat.categories.astype(object)))
    return column.cat.rename_categories(categories.tolist())


def _require(names: list[str], columns: EventColumns) -> None:
    """Refuse a table without the columns that events need."""
    empty = pd.DataFrame(columns=pd.Index(names))
    for role in ("user_id", "item_id", "timestamp"):
        pick(empty, getattr(columns, role), role)
    if columns.value:
        pick(empty, columns.value, "value")


def _needed(names: list[str], columns: EventColumns) -> list[str]:
    wanted = {columns.user_id, columns.item_id, columns.timestamp, columns.value_column(names)}
    return [name for name in names if name in wanted]


def _read_parquet(path: Path, columns: EventColumns) -> Iterator[EventPart]:
    import pyarrow as pa
    import pyarrow.dataset as ds

    files = [path] if path.is_file() else sorted(_parquet_files(path))
    if not files:
        raise DataError("The folder holds no Parquet files.")
    dataset = ds.dataset([str(file) for file in files], format="parquet")
    _require(dataset.schema.names, columns)
    names = _needed(dataset.schema.names, columns)
    # Text that repeats is decoded once a batch, not once a row.
    ids = {columns.user_id, columns.item_id}
    text = [f.name for f in dataset.schema if f.name in ids and pa.types.is_string(f.type)]
    options = ds.ParquetReadOptions(dictionary_columns=text)
    dataset = ds.dataset(
        [str(file) for file in files], format=ds.ParquetFileFormat(read_options=options)
    )
    for batch in dataset.to_batches(columns=names, batch_size=_CHUNK_ROWS):
        if batch.num_rows:
            yield read_part(batch.to_pandas(), columns)


def _parquet_files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.name.endswith(_PARQUET))
