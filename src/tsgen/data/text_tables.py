"""Tables of text (CSV) whose lines have as many cells as the header, or else say so."""

from __future__ import annotations

import csv
import gzip
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pandas as pd

from tsgen.errors import DataError, DataWarning

from .reading import check_text

__all__ = ["read_text_table"]


def read_text_table(path: Path, separator: str, **options: Any) -> pd.DataFrame:
    """Read a table of text by pandas, which alone would pass over lines of another length.

    Args:
        path: The file, in UTF-8.
        separator: What stands between cells.
        **options: Of `pandas.read_csv`.

    Raises:
        DataError: Lines have more cells than the header, or there is a NUL byte.

    Warns:
        DataWarning: Lines have fewer; what they lack is missing.
    """
    check_text(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:  # without index_col, the first column would become the index of longer lines
            table: pd.DataFrame = pd.read_csv(path, sep=separator, index_col=False, **options)
        except pd.errors.ParserWarning:
            raise DataError(
                "The lines have more cells than the header; name every column, or put quotation "
                "marks around cells that hold the separator."
            ) from None
    if table.shape[1] > 1 and table.iloc[:, -1].isna().any():
        _warn_of_short_lines(path, separator, table.shape[1])
    return table


def _warn_of_short_lines(path: Path, separator: str, width: int) -> None:
    last, short = 0, []
    with _opened(path) as file:
        for last, cells in _lines(file, separator):
            if len(cells) < width:
                short.append((last, len(cells)))
    if not short:
        return
    number, cells_there = short[0]
    cut = " The last line is one, as if the file were cut off." if short[-1][0] == last else ""
    warnings.warn(
        f"{len(short)} lines of {path} have fewer than the {width} cells of the header (the first: "
        f"line {number}, with {cells_there}); what they lack counts as missing.{cut}",
        DataWarning,
        stacklevel=4,
    )


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _lines(file: IO[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of every line that is not blank, which pandas passes over."""
    reader = csv.reader(file, delimiter=separator)
    for cells in reader:
        if len(cells) > 1 or (cells and cells[0].strip()):
            yield reader.line_num, cells
