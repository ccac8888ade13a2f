"""Tables of events, read: columns, ids as codes, times and values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Codes, Integers
from tsgen.errors import DataError

from ...columns import pick, read_numbers, warn_of_truths
from ...frames import as_pandas, conversion_of
from ...odd_ids import check_texts
from ..ids import Vocabulary
from .bad_rows import read_stamps, without_bad_rows
from .read_options import ReadOptions

__all__ = ["EventPart", "as_table", "read_part", "unread_quantities"]

_QUANTITIES = {
    *("quantity", "qty", "pieces", "units", "pcs", "menge", "anzahl", "stück", "stueck"),
    *("amount", "sales", "revenue", "total", "betrag", "umsatz"),
}
"""What columns of numbers of pieces, or of money, are called."""

_DIGITS = r"[\d.,]*[1-9][\d.,]*"
_BELOW = rf"\s*(?:[-\u2212]\s*{_DIGITS}|\({_DIGITS}\)|{_DIGITS}-)\s*"
"""Texts of numbers below 0, as programs and bookkeepers write them: -1, (1), 1-."""

_AMOUNT = rf"{_BELOW}|\s*\+?[\d.,]*\d[\d.,]*\s*"


@dataclass(frozen=True)
class EventPart:
    """Some rows of an event table, ids as codes of their own vocabularies."""

    users: Vocabulary
    items: Vocabulary
    user: Codes
    item: Codes
    time: Integers
    value: Array | None
    quantity: Array | None
    timezone: str | None
    unread: Mapping[str, int] = field(default_factory=dict)
    """Columns of quantities that are not read -> rows with a return."""


def read_part(table: pd.DataFrame, options: ReadOptions) -> EventPart:
    """Read the rows of a table; see `Interactions.from_frame` for the rules."""
    table = as_table(table, "events", "user_id, item_id and timestamp")
    table = without_bad_rows(table, options)
    user, users = _coded(table, options.user_id, "user")
    item, items = _coded(table, options.item_id, "item")
    time, zone = read_stamps(table, options)
    name = options.value_column(table.columns)
    value = None if name is None else _read_value(pick(table, name, "value"))
    pieces = options.quantity
    quantity = None if pieces is None else _read_value(pick(table, pieces, "quantity"))
    unread = _unread_returns(table, options)
    return EventPart(users, items, user, item, time, value, quantity, zone, unread)


def unread_quantities(names: Iterable[Any], options: ReadOptions) -> list[str]:
    """Return the columns of quantities, by their names, that would tell returns were they named.

    Args:
        names: Columns of the table.
        options: How it is read; none are sought where it names them, or keeps returns.
    """
    if options.quantity is not None or options.returns == "keep":
        return []
    names = [str(name) for name in names]
    read = {options.value_column(names), *options.named().values()}
    return [name for name in names if name.casefold() in _QUANTITIES and name not in read]


def _unread_returns(table: pd.DataFrame, options: ReadOptions) -> dict[str, int]:
    """Return how many rows are below 0 in each column of quantities that is not read."""
    returned = {}
    for name in unread_quantities(table.columns, options):
        column: Any = table[name]
        if column.ndim == 1:
            returned[name] = _number_below_zero(column)
    return {name: count for name, count in returned.items() if count}


def _number_below_zero(column: pd.Series[Any]) -> int:
    """Return how many numbers are below 0, or texts of numbers where most texts are such."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return int((column < 0).sum())
    codes, distinct = pd.factorize(column)
    texts = pd.Series([str(one) for one in distinct], dtype=object)
    numbers = np.append(texts.str.fullmatch(_AMOUNT).to_numpy(bool), False)[codes]
    below = np.append(texts.str.fullmatch(_BELOW).to_numpy(bool), False)[codes]
    return int(below.sum()) if 2 * numbers.sum() > len(codes) else 0


def _coded(table: pd.DataFrame, name: str, what: str) -> tuple[Codes, Vocabulary]:
    """Return the ids of a column as codes; of a missing one, it is said how to go on."""
    column = pick(table, name, f"{what}_id")
    _refuse_truths(column, what)
    try:
        codes, vocabulary = Vocabulary.of(column, what, ordered=False)
    except DataError as error:
        if error.row is None:
            raise
        raise DataError(
            f"{error} Or pass on_missing_id='drop' to leave out rows without an id.",
            field=error.field,
            row=error.row,
        ) from error
    _check_ids(vocabulary, name)
    return codes, vocabulary


def _refuse_truths(column: pd.Series[Any], what: str) -> None:
    """Refuse true and false among ids of other kinds: they would be taken for 1 and 0."""
    if column.dtype != object or not pd.api.types.infer_dtype(column).startswith("mixed"):
        return
    truths = column.map(lambda one: isinstance(one, bool))
    if truths.any() and not truths.all():
        row = int(truths.to_numpy().argmax())
        raise DataError(
            f"Column '{column.name}' has the {what} id {column.iloc[row]} in row {row} beside ids "
            "of other kinds; make all of them text or numbers.",
            field=str(column.name),
            row=row,
        )


def _check_ids(vocabulary: Vocabulary, name: str) -> None:
    """Refuse ids of bytes, ids that no file holds, and two that are one text, such as 1 and "1"."""
    ids = vocabulary.ids
    if ids.dtype != object:
        return
    if binary := [one for one in ids if isinstance(one, bytes)]:
        raise DataError(
            f"Column '{name}' has {vocabulary.what} ids of bytes (the first is {binary[0]!r}); "
            "decode them to text first.",
            field=name,
        )
    if all(type(one) is str for one in ids):
        ids = ids[np.array(["\0" in one or not one.isascii() for one in ids], bool)]
    check_texts(ids, name, f"{vocabulary.what} id")


def as_table(given: Any, what: str, columns: str) -> pd.DataFrame:
    """Return a frame of any library as a pandas table.

    Args:
        given: The frame.
        what: What it holds, for messages.
        columns: Those that it needs, for messages.

    Raises:
        DataError: It is something else than a frame; the message says what converts it. Or two
            attributes have one name.
    """
    table = as_pandas(given)
    if isinstance(table, pd.DataFrame):
        if "attributes" in what and not table.columns.is_unique:
            twice = table.columns[table.columns.duplicated()][0]
            raise DataError(
                f"The table of {what} has two columns '{twice}'; rename one, or leave it out.",
                field=str(twice),
            )
        return table
    line = _column_as_frame(given, table) or conversion_of(given, "table")
    if not line and "attributes" not in what:
        line = _rows_as_frame(given)
    reader = "pandas.read_parquet" if "attributes" in what else "tsgen.read_interactions"
    raise DataError(
        f"The {what} are given as {type(given).__name__}; give a data frame with the columns "
        f"{columns}{f': {line}' if line else ''} ({reader} reads files)."
    )


def _column_as_frame(given: Any, table: Any) -> str:
    """Return what makes a frame of a Series, of whichever library; "" of anything else."""
    if not isinstance(table, pd.Series):
        return ""
    return "table.reset_index()" if given is table else "table.to_frame()"


def _rows_as_frame(given: Any) -> str:
    """Return what makes events of rows without names, or of a matrix of users by items."""
    if isinstance(given, list | np.ndarray):
        return 'pandas.DataFrame(table, columns=["user_id", "item_id", "timestamp"])'
    if callable(getattr(given, "nonzero", None)) and callable(getattr(given, "tocoo", None)):
        return (
            'pandas.DataFrame(dict(zip(["user_id", "item_id"], table.nonzero()))).assign('
            "timestamp=times), with the times of the events, which a matrix has not"
        )
    return ""


def _read_value(column: pd.Series[Any]) -> Array:
    warn_of_truths(column)
    values = read_numbers(column, "or pass value='' to leave the column out")
    wrong = ~np.isfinite(values)
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"Column '{column.name}' has no finite value in row {row} ({column.iloc[row]}); fill "
            "it in, drop the row, or pass value='' to leave the column out.",
            field=str(column.name),
            row=row,
        )
    return values
