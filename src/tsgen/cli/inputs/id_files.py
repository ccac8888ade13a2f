"""Lists of ids in files: one a line, or a column of a table, with or without a heading."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsgen.errors import DataError, nearest

from ..outputs import say

if TYPE_CHECKING:
    import pandas as pd

    from tsgen.data import Vocabulary

__all__ = ["read_excluded", "read_id_file"]

_CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_PARQUET = (".parquet", ".pq")
_HEADINGS = {
    "user": re.compile(
        "(?:customer|client|kunden?|user|member|mitglieds?|konto|account|benutzer|teilnehmer)"
        "(?:id|nr|no|number|nummer|key|code)?s?|ids?|nr|number|nummer"
        "|e?mails?(?:adressen?|address(?:es)?)?"
        "|.*(?:opt(?:ed)?outs?|unsubscri|suppress|exclu[ds]|blocklist|blacklist|donotcontact"
        "|donotmail|stoplist|abgemeldet|abmeldung|gesperrt|sperrliste|widerspr|gdpr|dsgvo|rgpd).*"
    ),
    "item": re.compile(
        "(?:item|product|produkt|article|artikel)(?:id|nr|no|number|nummer|key|code)?s?"
        "|ids?|nr|number|nummer|sku|ean|asin"
    ),
}
"""Words for an id, or for a list of people to leave out; without blanks and marks."""


def read_excluded(
    path: Path | None, column: str, vocabulary: Vocabulary, *, whole: bool = True
) -> list[Any] | None:
    """Read the ids of users to leave out, if there is a file of them; see `read_id_file`."""
    return None if path is None else read_id_file(path, column, vocabulary, whole=whole)


def read_id_file(
    path: Path, column: str, vocabulary: Vocabulary, *, whole: bool = True
) -> list[Any]:
    """Read ids as they are written: one a line, or a column of a CSV or Parquet file.

    A table of one column may have any heading, or none; a first line that is no id in
    `vocabulary` and looks like a heading is one.

    Args:
        path: The file.
        column: The name of the column.
        vocabulary: The ids of the log in use.
        whole: Whether these are all ids that there are. If not, a first line may be an id that is
            not among them, and is a heading by its words alone.

    Raises:
        DataError: The file is empty without a heading, cannot be read, or has no such column.
    """
    from tsgen.data import check_exists

    check_exists(path)
    if path.name.lower().endswith(_PARQUET):
        return _of_parquet(path, column, vocabulary)
    rows = _rows_of_text(path)
    if path.name.lower().endswith(_CSV) and len(rows[0]) > 1:
        place = _place(path, column, rows[0], vocabulary)
        entries = [row[place] if place < len(row) else "" for row in rows[1:]]
        _refuse_broken(path, entries, vocabulary)
        _refuse_swallowed(path, rows[1:], place, vocabulary)
        return _restored(entries, column)
    entries = [" ".join(row) for row in rows]
    _refuse_broken(path, entries, vocabulary)
    table = path.name.lower().endswith(_CSV)
    named = _is_named(entries[0], column, vocabulary)
    if not (named or (whole and _is_unlike(entries, vocabulary, table=table))):
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
    lines = [line for line in re.split(r"\r\n|\r|\n", text) if line.strip()]
    if not lines:
        raise DataError(
            f"{path} is empty; a list that names nobody has a heading, or leave the option out."
        )
    if not path.name.lower().endswith(_CSV):
        return [[line.strip()] for line in lines]
    separator = next((mark for mark in ",;\t" if mark in lines[0]), ",")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    if any("\n" in cell for row in rows for cell in row):
        _check_quotes(path, text, separator)
    return [row for row in rows if any(cell.strip() for cell in row)]


def _check_quotes(path: Path, text: str, separator: str) -> None:
    """Refuse a table with cells of several lines whose quotation marks are not in order.

    Raises:
        DataError: They are not; at which line that shows.
    """
    cells = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for _ in cells:
            pass
    except csv.Error as error:
        raise DataError(
            f"{path}: a cell goes on over several lines, as after a quote that is never closed "
            f"(line {cells.line_num}, or before: {error}); correct it, so that nobody in it is "
            "missed."
        ) from None


def _refuse_broken(path: Path, entries: list[str], vocabulary: Vocabulary) -> None:
    """Refuse cells of several lines that are no ids: all lines after a quote that is never closed.

    Raises:
        DataError: There is one.
    """
    broken = [one for one in entries if "\n" in one.strip() or "\r" in one.strip()]
    fitting = vocabulary.spellings.codes(broken) if broken else []
    for one, codes in zip(broken, fitting, strict=True):
        if not len(codes):
            first = one.strip().splitlines()[0]
            raise DataError(
                f"{path}: the cell that begins with {first!r} goes on over several lines, as after "
                "a quote that is never closed; correct it, so that nobody in it is missed."
            )


def _refuse_swallowed(
    path: Path, rows: list[list[str]], place: int, vocabulary: Vocabulary
) -> None:
    """Refuse cells of several lines one of which is a row of the table with an id.

    Raises:
        DataError: There is one.
    """
    lines = [line for row in rows for cell in row for line in cell.splitlines()[1:]]
    inner = [row for mark in ",;\t" for row in csv.reader(lines, delimiter=mark) if len(row) > 1]
    ids = [row[place] for row in inner if place < len(row)]
    for one, codes in zip(ids, vocabulary.spellings.codes(ids) if ids else [], strict=True):
        if len(codes):
            raise DataError(
                f"{path}: a cell goes on over several lines, one of which is the row of {one!r}, "
                "as after a quote that is never closed; correct it, so that nobody is missed."
            )


def _of_parquet(path: Path, column: str, vocabulary: Vocabulary) -> list[Any]:
    import numpy as np

    from tsgen.data import read_parquet, reading
    from tsgen.data.events import id_entries

    with reading(path):
        table = _with_index(read_parquet(path), {column, f"{vocabulary.what}_id"})
    names = [str(name) for name in table.columns]
    values = table.iloc[:, 0 if len(names) == 1 else _place(path, column, names, vocabulary)]
    if values.dtype in (np.float16, np.float32):  # which say less than they seem to
        return list(id_entries(values, vocabulary.what))
    return list(values.astype(object).where(values.notna(), None))


def _with_index(table: pd.DataFrame, columns: set[str]) -> pd.DataFrame:
    """Return a table with the index that pandas stored beside it: it may be the ids.

    The places of rows that were left out of a larger table are no index of that kind.
    """
    import pandas as pd

    index = table.index
    places = isinstance(index, pd.RangeIndex) or index.names == [None]
    single = len(table.columns) == 1 and str(table.columns[0]) not in columns
    if places and (isinstance(index, pd.RangeIndex) or not single):
        return table
    beside = [k for k, name in enumerate(index.names) if name not in table.columns]
    return table.reset_index(level=beside) if beside else table


def _place(path: Path, column: str, names: list[str], vocabulary: Vocabulary) -> int:
    usual = f"{vocabulary.what}_id"
    for name in (column, usual):
        if name in names:
            return names.index(name)
    raise DataError(
        f"{path} has no column '{column}'.{nearest(column, names)} It has: {', '.join(names)}; "
        f"name the column of the ids by --read {usual}=...."
    )


def _is_named(first: str, column: str, vocabulary: Vocabulary) -> bool:
    """Return whether the first line is no id but a word for one, or for such a list."""
    word = _word(first)
    if not word or len(vocabulary.spellings.codes([first])[0]):
        return False
    return word == _word(column) or _HEADINGS[vocabulary.what].fullmatch(word) is not None


def _is_unlike(entries: list[str], vocabulary: Vocabulary, *, table: bool) -> bool:
    """Return whether the first line is no id and unlike all others, which have a digit or an @.

    Alone in a table it is measured by the ids of the log: then nobody is on the list.
    """
    first, others = entries[0], entries[1:]
    if len(vocabulary.spellings.codes([first])[0]):
        return False
    if table and not others and not re.search(r"[\d@]", first):
        others = [str(one) for one in vocabulary.ids]
    return bool(others) and any(
        not re.search(mark, first) and all(re.search(mark, other) for other in others)
        for mark in (r"\d", "@")
    )


def _word(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())
