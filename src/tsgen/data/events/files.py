"""Event logs on disk: CSV, Parquet, and folders of Parquet read in chunks."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from tsgen.errors import DataError, nearest, noted_warnings

from ..columns import pick
from ..notes import with_notes
from ..parquet import PARQUET, check_agreement, check_rows, parquet_files
from ..reading import check_exists, check_text, named_path, reading
from ..series import (
    CSV,
    csv_header,
    utc_offsets,
    wall_clock,
    whole_numbers,
)
from ..spreadsheets import restored
from .interactions import Interactions
from .plausibility import without_doubts
from .reading import (
    EventPart,
    ReadOptions,
    assemble,
    read_part,
    table_ids,
    unread_quantities,
)

__all__ = ["column_names", "read_interactions", "stream_interactions"]

_CHUNK_ROWS = 1 << 20
_READ = [f.name for f in fields(ReadOptions)]


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
    path = named_path(path)
    arguments = list(inspect.signature(Interactions.from_frame).parameters)[1:]
    _check_arguments("read_interactions", options, arguments)
    check_exists(path)
    columns = ReadOptions(**{k: v for k, v in options.items() if k in _READ})
    rest: dict[str, Any] = {"users": None, "items": None}
    rest |= {k: v for k, v in options.items() if k not in _READ}
    for what, ids in (("user", columns.user_id), ("item", columns.item_id)):
        table_ids(rest[f"{what}s"], ids, what)  # before reading: no fault of the log's
    with reading(path), noted_warnings() as notes:
        log = Interactions(**vars(assemble(_parts(path, columns), columns, **rest)))
        return with_notes(without_doubts(log), notes)


def stream_interactions(path: str | Path, **options: Any) -> Iterator[Interactions]:
    """Read an event log in blocks of about a million rows, so that it may be larger than memory.

    What is asked of a whole log waits for who puts blocks together: repeated events, returns,
    strays and machines stay in the blocks. A CSV is one block.

    Args:
        path: The file or folder, as for `read_interactions`.
        **options: The fields of `ReadOptions`.

    Raises:
        DataError: Nothing readable is at `path`, or its content breaks a rule of `from_frame`.
        SettingsError: An option is impossible.
    """
    path = Path(path)
    _check_arguments("stream_interactions", options, _READ)
    check_exists(path)
    columns = ReadOptions(**options)
    as_it_is = replace(columns, on_duplicate="keep", returns="keep")
    with reading(path):
        for part in _parts(path, columns, whole=False):
            if len(part.time):
                yield Interactions(**vars(assemble([part], as_it_is, users=None, items=None)))


def _check_arguments(asked: str, options: dict[str, Any], arguments: list[str]) -> None:
    for name in options:
        if name not in arguments:
            raise TypeError(f"{asked} has no argument '{name}'.{nearest(name, arguments)}")


def column_names(path: str | Path) -> list[str]:
    """Return the columns of a log on disk; those of its first file if it is a folder.

    Raises:
        DataError: Nothing readable is at `path`.
    """
    import pyarrow.parquet as pq

    path = Path(path)
    check_exists(path)
    with reading(path):
        if path.name.endswith(CSV):
            return csv_header(path, set())[1]
        files = _files_of(path)
        return [str(name) for name in pq.read_schema(files[0]).names]


def _parts(path: Path, columns: ReadOptions, *, whole: bool = True) -> Iterator[EventPart]:
    """Yield a log's parts; `whole` says that they will be in memory together."""
    if path.name.endswith(CSV):
        yield read_part(_read_csv(path, columns), columns)
    elif path.is_dir() or path.name.endswith(PARQUET):
        yield from _read_parquet(path, columns, whole)
    else:
        raise DataError(
            "The file is of an unknown kind; give .csv, .csv.gz, .tsv, .parquet or a folder."
        )


def _read_csv(path: Path, columns: ReadOptions) -> pd.DataFrame:
    """Read the needed columns of a CSV without guessing at ids ('007', 'NA')."""
    import pyarrow as pa
    from pyarrow import csv

    separator, names = csv_header(path, {columns.user_id, columns.item_id, columns.timestamp})
    check_text(path)
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

    unread = unread_quantities(names, columns)
    types = dict.fromkeys(ids, text) | dict.fromkeys(unread, pa.string())
    frame = read(_needed(names, columns), types)
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
    categories = whole_numbers(
        restored(pd.Series(column.cat.categories.astype(object), name=column.name))
    )
    return column.cat.rename_categories(categories.tolist())


def _require(names: list[str], columns: ReadOptions) -> None:
    """Refuse a table without the columns that events need."""
    empty = pd.DataFrame(columns=pd.Index(names))
    for role in ("user_id", "item_id", "timestamp"):
        pick(empty, getattr(columns, role), role)
    for role in ("value", "quantity"):
        if name := getattr(columns, role):
            pick(empty, name, role)


def _needed(names: list[str], columns: ReadOptions) -> list[str]:
    wanted = {*columns.named().values(), columns.value_column(names), columns.quantity}
    wanted |= set(unread_quantities(names, columns))
    return [name for name in names if name in wanted]


def _read_parquet(path: Path, columns: ReadOptions, whole: bool) -> Iterator[EventPart]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = _files_of(path)
    names = _names_in(files[0])
    _require(names, columns)
    wanted = {*columns.named().values(), columns.value_column(names), columns.quantity}
    wanted |= {name for file in files[1:] if (name := _value_of(file, columns))}
    roles = {str(name) for name in wanted if name is not None}
    check_agreement(files, roles, {str(columns.value_column(roles))})
    rows = sum(pq.read_metadata(file).num_rows for file in files)
    if whole:
        check_rows(path, rows, len(roles))
    for file in files:  # each by its own schema: the dataset of all would take that of the first
        yield from _read_parquet_file(file, columns)
    pa.default_memory_pool().release_unused()


def _files_of(path: Path) -> list[Path]:
    files = [path] if path.is_file() else parquet_files(path)
    if not files:
        raise DataError("The folder holds no Parquet files.")
    return files


def _value_of(file: Path, columns: ReadOptions) -> str | None:
    return columns.value_column(_names_in(file))


def _names_in(file: Path) -> list[str]:
    import pyarrow.parquet as pq

    with reading(file):
        return list(pq.read_schema(file).names)


def _read_parquet_file(file: Path, columns: ReadOptions) -> Iterator[EventPart]:
    import pyarrow as pa
    import pyarrow.dataset as ds

    ids = {columns.user_id, columns.item_id}
    with reading(file):
        schema = ds.dataset(str(file), format="parquet").schema
        # Text that repeats is decoded once a batch, not once a row.
        text = [f.name for f in schema if f.name in ids and pa.types.is_string(f.type)]
        options = ds.ParquetReadOptions(dictionary_columns=text)
        dataset = ds.dataset(str(file), format=ds.ParquetFileFormat(read_options=options))
        wanted = _needed(schema.names, columns)
        for batch in dataset.to_batches(columns=wanted, batch_size=_CHUNK_ROWS):
            if batch.num_rows:
                yield read_part(_whole_ids(batch.to_pandas(), ids), columns)


def _whole_ids(frame: pd.DataFrame, ids: set[str]) -> pd.DataFrame:
    """Return ids that are whole numbers in one width, so that all files agree."""
    narrow = [
        n for n in ids if n in frame and frame[n].dtype.kind in "iu" and frame[n].dtype != "uint64"
    ]
    return frame.astype(dict.fromkeys(narrow, "int64"))
