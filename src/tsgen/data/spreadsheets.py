"""Text that a spreadsheet would run as a formula when it opens a CSV, and how it is kept from it.

A neutralised value has one apostrophe more in front, which spreadsheets hide; so has a value that
would look neutralised otherwise, and reading takes one apostrophe away from each.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

import pandas as pd

from tsgen.errors import DataWarning

__all__ = ["neutralised", "restored", "warn_of_formulas"]

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_MARKED = re.compile(r"'+[=+\-@\t\r]")


def _runs(value: Any) -> bool:
    """Return whether a spreadsheet would run a value."""
    return isinstance(value, str) and bool(_FORMULA.match(value)) and not _NUMBER.fullmatch(value)


def _marked(value: Any) -> bool:
    return isinstance(value, str) and bool(_MARKED.match(value))


def _text_columns(table: pd.DataFrame) -> list[Any]:
    return [name for name, dtype in table.dtypes.items() if dtype.kind == "O"]


def warn_of_formulas(table: pd.DataFrame, path: Any) -> None:
    """Warn if a spreadsheet would run values of a table that is written as CSV.

    Warns:
        DataWarning: It would; how many, in which column, and what to do.
    """
    for name in _text_columns(table):
        risky = [value for value in table[name].unique() if _runs(value)]
        if risky:
            warnings.warn(
                f"{path}: {len(risky)} values of the column '{name}' begin with = + - or @ (the "
                f"first is {risky[0]!r}); a spreadsheet that opens the file may run them. "
                "Neutralise them with spreadsheet_safe=True, which is read back, or write Parquet.",
                DataWarning,
                stacklevel=2,
            )


def neutralised(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with an apostrophe before each text that a spreadsheet would run."""
    table = table.copy()
    for name in _text_columns(table):
        table[name] = [f"'{v}" if _runs(v) or _marked(v) else v for v in table[name]]
    return table


def restored(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of ids as it was before `neutralised`.

    It is left alone where some value would run as it stands: then nothing was neutralised.

    Warns:
        DataWarning: Apostrophes were taken away; from how many ids.
    """
    distinct = column.dropna().unique()
    marked = {value: value[1:] for value in distinct if _marked(value)}
    if not marked or any(_runs(value) for value in distinct):
        return column
    warnings.warn(
        f"{len(marked)} ids of the column '{column.name}' were neutralised for spreadsheets (the "
        f"first is {next(iter(marked))!r}); they are read without the apostrophe.",
        DataWarning,
        stacklevel=2,
    )
    return column.replace(marked)
