"""Lists of ids in files: one a line, or a column of a table, with or without a heading."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsgen.errors import DataError, nearest

from ..outputs import say

if TYPE_CHECKING:
    from tsgen.data import Vocabulary

__all__ = ["read_id_file"]

_CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_PARQUET = (".parquet", ".pq")
_HEADINGS = {
    "user": {"id", "user", "userid", "customer", "customerid", "account", "email", "emailaddress"},
    "item": {"id", "item", "itemid", "product", "productid", "article", "sku"},
}


def read_id_file(path: Path, column: str, vocabulary: Vocabulary) -> list[Any]:
    """Read ids as they are written: one a line, or a column of a CSV or Parquet file.

    A table of one column may have any heading, or none; a first line that is no id in
    `vocabulary` and looks like a heading is one.

    Args:
        path: The file.
        column: The name of the column.
        vocabulary: The ids of the log in use.

    Raises:
        DataError: The file is empty without a heading, cannot be read, or has no such column.
    """
    from tsgen.data import check_exists

    check_exists(path)
    if path.name.endswith(_PARQUET):
        return _of_parquet(path, column, vocabulary)
    rows = _rows_of_text(path)
    if path.name.endswith(_CSV) and len(rows[0]) > 1:
        place = _place(path, column, rows[0], vocabulary)
        return _restored([row[place] if place < len(row) else "" for row in rows[1:]], column)
    entries = [" ".join(row) for row in rows]
    if not _is_heading(entries, column, vocabulary):
        return _restored(entries, column)
    say(f"{path}: the first line, '{entries[0]}', is read as a heading.")
    return _restored(entries[1:], column)


def _restored(entries: list[str], column: str) -> list[Any]:
    """Return ids without the apostrophe that keeps spreadsheets from running them."""
    import pandas as pd

    from tsgen.data import restored

    return restored(pd.Series(entries, name=column, dtype=object)).tolist()


def _rows_of_text(path: Path) -> list[list[str]]:
    """Return the lines that are not empty, those of a CSV in their cells."""
    import gzip

    from tsgen.data import reading

    with reading(path):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = raw.decode("utf-8-sig")
        if "\0" in text:
            raise DataError(
                f"{path} has a NUL byte, which no text has; write it again, or remove it."
            )
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise DataError(
            f"{path} is empty; a list that names nobody has a heading, or leave the option out."
        )
    if not path.name.endswith(_CSV):
        return [[line.strip()] for line in lines]
    separator = next((mark for mark in ",;\t" if mark in lines[0]), ",")
    return list(csv.reader(lines, delimiter=separator))


def _of_parquet(path: Path, column: str, vocabulary: Vocabulary) -> list[Any]:
    from tsgen.data import read_parquet, reading

    with reading(path):
        table = read_parquet(path)
    names = [str(name) for name in table.columns]
    values = table.iloc[:, 0 if len(names) == 1 else _place(path, column, names, vocabulary)]
    return list(values.astype(object).where(values.notna(), None))


def _place(path: Path, column: str, names: list[str], vocabulary: Vocabulary) -> int:
    usual = f"{vocabulary.what}_id"
    for name in (column, usual):
        if name in names:
            return names.index(name)
    raise DataError(
        f"{path} has no column '{column}'.{nearest(column, names)} It has: {', '.join(names)}; "
        f"name the column of the ids by --read {usual}=...."
    )


def _is_heading(entries: list[str], column: str, vocabulary: Vocabulary) -> bool:
    """Return whether the first line names the column: no id, and unlike the others."""
    first, others = entries[0], entries[1:]
    if len(vocabulary.spellings.codes([first])[0]):
        return False
    if _word(first) in {_word(column), *_HEADINGS[vocabulary.what]}:
        return True
    return bool(others) and any(
        not re.search(mark, first) and all(re.search(mark, other) for other in others)
        for mark in (r"\d", "@")
    )


def _word(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())
