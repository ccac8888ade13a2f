"""Tables are written by the kind that their name says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsgen.errors import OutputError
from tsgen.storage import write_atomically

if TYPE_CHECKING:
    import pandas as pd


__all__ = ["check_table", "csv_text", "write_table"]

_SUFFIXES = (".csv", ".csv.gz", ".parquet", ".jsonl")


def check_table(path: Path | None) -> None:
    """Refuse an output of unknown kind before any work is done."""
    if path is not None and not path.name.endswith(_SUFFIXES):
        raise OutputError(f"{path} is of an unknown kind; use {', '.join(_SUFFIXES)}.")


def write_table(
    table: pd.DataFrame, path: Path, *, overwrite: bool, spreadsheet_safe: bool = False
) -> None:
    """Write a table by the suffix of `path`, whole or not at all."""
    from tsgen.data.series import csv_safe

    check_table(path)
    if path.suffix not in {".parquet", ".jsonl"}:
        table = csv_safe(table, path, spreadsheet_safe)
    with write_atomically(path, overwrite=overwrite) as fresh:
        if path.suffix == ".parquet":
            table.to_parquet(fresh, index=False, compression="zstd")
        elif path.suffix == ".jsonl":
            table.to_json(fresh, orient="records", lines=True)
        else:
            packing: Any = {"method": "gzip", "mtime": 0} if path.suffix == ".gz" else None
            table.to_csv(fresh, index=False, compression=packing)


def csv_text(table: pd.DataFrame, spreadsheet_safe: bool) -> str:
    """Return a table as the CSV that is printed."""
    from tsgen.data.series import csv_safe

    return csv_safe(table, "stdout", spreadsheet_safe).to_csv(index=False).rstrip("\n")
