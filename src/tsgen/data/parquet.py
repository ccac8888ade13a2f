"""Parquet tables: how large they become, and whether the files of a folder agree."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsgen.errors import DataError, DataWarning
from tsgen.memory import check_memory

from .reading import check_exists, reading

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "PARQUET",
    "check_agreement",
    "check_rows",
    "parquet_files",
    "read_parquet",
    "read_parquet_files",
]

_ADVICE = "Give fewer rows or columns, or allow more with memory_limit(...) or TSGEN_MAX_MEMORY."
_CELL = 8
"""Bytes of a number, a time, or a place in a dictionary of texts."""

PARQUET = (".parquet", ".pq")
"""How Parquet files end."""

_OTHER_DATA = (".csv", ".tsv", ".jsonl", ".arrow", ".feather", ".parquet", ".xlsx", ".orc", ".avro")
"""How files end that hold data too, and are no part of a table in Parquet files."""

_MOST_FILES = 100_000
_HIDDEN = (".", "_")

_NUMBERS = {"whole numbers", "decimal numbers"}


def parquet_files(folder: Path) -> list[Path]:
    """Return the Parquet files below a folder, in order.

    Files and folders whose names begin with "." or "_" are left out: other programs keep there what
    is no part of the table, such as `_temporary`.

    Raises:
        DataError: The folder holds so much else that it cannot be a table in parts, or a pipe or a
            device under the name of a Parquet file.

    Warns:
        DataWarning: Data of other kinds lie beside the Parquet files.
    """
    files: list[Path] = []
    others: list[str] = []
    seen = 0
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(_HIDDEN)]
        seen += len(names) + 1
        if seen > _MOST_FILES:
            raise DataError(
                f"{folder} holds more than {_MOST_FILES:,} files and folders; give the folder of "
                "the data alone."
            )
        shown = [name for name in names if not name.startswith(_HIDDEN)]
        files += [Path(place, name) for name in shown if name.endswith(PARQUET)]
        others += sorted(name for name in shown if _is_other_data(name))
    for path in files:
        check_exists(path)
    if files and others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        warnings.warn(
            f"{folder} holds {others[0]}{more} beside Parquet files, which alone are read.",
            DataWarning,
            stacklevel=3,
        )
    return sorted(files)


def _is_other_data(name: str) -> bool:
    return not name.endswith(PARQUET) and name.lower().removesuffix(".gz").endswith(_OTHER_DATA)


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a table, unless it would become larger than memory.

    Texts that repeat are held once until their size is known: a small file can be a very large
    table.

    Raises:
        DataError: Two columns have one name.
        TooLargeError: It would.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    schema = file.schema_arrow
    if twice := [name for name in schema.names if schema.names.count(name) > 1]:
        raise DataError(f"The file has two columns '{twice[0]}'; rename one.", field=twice[0])
    check_rows(path, file.metadata.num_rows, len(schema.names))
    text = [field.name for field in schema if _kind(field.type) == "text"]
    table = pq.ParquetFile(path, read_dictionary=text).read()
    for name in text:
        place = table.schema.get_field_index(name)
        column = table.column(place)
        size = sum(
            pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0
            for chunk in column.chunks
            if hasattr(chunk, "dictionary")
        )
        check_memory(2 * size, f"{path}, column '{name}',", _ADVICE)
        table = table.set_column(place, schema.field(name), column.cast(schema.field(name).type))
    frame: pd.DataFrame = table.to_pandas()
    return frame


def check_rows(path: Path, num_rows: int, num_columns: int) -> None:
    """Refuse a table whose rows alone take more than there is memory.

    Raises:
        TooLargeError: They do.
    """
    check_memory(_CELL * num_rows * num_columns, f"{path}, with {num_rows:,} rows,", _ADVICE)


def read_parquet_files(
    files: Sequence[Path], wanted: Iterable[str], numbers: Collection[str]
) -> pd.DataFrame:
    """Read the tables of several files as one, whose columns must agree.

    Args:
        files: Parquet files, one or more.
        wanted: The columns that are read, where the files have them.
        numbers: Those that may hold whole numbers in one file and others in the next.

    Raises:
        DataError: The files differ in a column that is wanted.
        TooLargeError: The table would become larger than memory.
    """
    import pandas as pd
    import pyarrow.parquet as pq

    check_agreement(files, wanted, numbers)
    heads = [pq.read_metadata(file) for file in files]
    check_rows(files[0].parent, sum(head.num_rows for head in heads), heads[0].num_columns)
    tables = [read_parquet(file) for file in files]
    filled = [table for table in tables if len(table)] or tables[:1]
    return pd.concat(filled, ignore_index=True)


def check_agreement(files: Sequence[Path], wanted: Iterable[str], numbers: Collection[str]) -> None:
    """Refuse a folder whose files differ in the columns that are wanted; empty files may differ.

    Args:
        files: Parquet files.
        wanted: Names of columns.
        numbers: Columns that may hold whole numbers in one file and others in the next.

    Raises:
        DataError: A file cannot be read, lacks a column of the first, has one more, or one of
            another type; the message names both files, the column and the types.
    """
    import pyarrow.parquet as pq

    first: tuple[Path, dict[str, Any]] | None = None
    names = set(wanted)
    for path in files:
        with reading(path):
            schema, rows = pq.read_schema(path), pq.read_metadata(path).num_rows
        kinds = {field.name: _kind(field.type) for field in schema if field.name in names}
        if first is None or not rows:
            first = first or ((path, kinds) if rows else None)
            continue
        _compare(first, (path, kinds), numbers)


def _compare(
    one: tuple[Path, dict[str, str]], other: tuple[Path, dict[str, str]], numbers: Collection[str]
) -> None:
    for name in sorted({*one[1], *other[1]}):
        has, got = one[1].get(name), other[1].get(name)
        if has == got or (name in numbers and {has, got} <= _NUMBERS):
            continue
        raise DataError(
            f"the files differ in the column '{name}': {other[0].name} has "
            f"{got or 'no such column'}, {one[0].name} has {has or 'none'}. Write all files of the "
            "folder with the same columns and types.",
            field=name,
        )


def _kind(dtype: Any) -> str:
    """Return what a column holds, in words; types of one kind are read alike."""
    import pyarrow.types as pt

    if pt.is_dictionary(dtype):
        return _kind(dtype.value_type)
    if pt.is_string(dtype) or pt.is_large_string(dtype) or pt.is_string_view(dtype):
        return "text"
    if pt.is_integer(dtype):
        return "whole numbers"
    if pt.is_floating(dtype) or pt.is_decimal(dtype):
        return "decimal numbers"
    if pt.is_timestamp(dtype):
        return f"times in {dtype.tz}" if dtype.tz else "times without a zone"
    return str(dtype)
