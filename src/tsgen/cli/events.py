"""What the verbs about events share: reading logs, id lists, and writing tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import DataError, OutputError, nearest
from tsgen.persistence import write_atomically

from .common import read_choices

if TYPE_CHECKING:
    import pandas as pd

    from tsgen.data import Interactions

__all__ = ["ReadEvents", "check_table", "read_events", "read_ids", "write_table"]

ReadEvents = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        metavar="KEY=VALUE",
        help="How to read the events, repeatable: user_id, item_id, timestamp, value name the "
        "columns; unit, timezone, on_duplicate; users, items are files of attributes.",
    ),
]

_KEYS = (
    "user_id", "item_id", "timestamp", "value", "unit", "timezone", "on_duplicate",
    "users", "items",
)  # fmt: skip
_SUFFIXES = (".csv", ".csv.gz", ".parquet", ".jsonl")


def read_events(path: Path, choices: list[str] | None) -> Interactions:
    """Read the events at `path`, as the `--read` texts say."""
    from tsgen.data import read_interactions

    options: dict[str, Any] = read_choices(choices, _KEYS)
    for name in {"users", "items"} & set(options):
        options[name] = _read_table(Path(options[name]))
    return read_interactions(path, **options)


def _read_table(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from error


def read_ids(path: Path, column: str) -> list[str]:
    """Read ids: one a line, or the column `column` of a CSV or Parquet file.

    Raises:
        DataError: The file cannot be read, or has no such column.
    """
    try:
        if path.name.endswith((".csv", ".csv.gz", ".parquet")):
            table = _read_table(path)
            if column not in table:
                raise DataError(f"{path} has no column '{column}'.{nearest(column, table.columns)}")
            return [str(known) for known in table[column]]
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def check_table(path: Path | None) -> None:
    """Refuse an output of unknown kind before any work is done."""
    if path is not None and not path.name.endswith(_SUFFIXES):
        raise OutputError(f"{path} is of an unknown kind; use {', '.join(_SUFFIXES)}.")


def write_table(table: pd.DataFrame, path: Path, *, overwrite: bool) -> None:
    """Write a table by the suffix of `path`, whole or not at all."""
    check_table(path)
    with write_atomically(path, overwrite=overwrite) as fresh:
        if path.suffix == ".parquet":
            table.to_parquet(fresh, index=False, compression="zstd")
        elif path.suffix == ".jsonl":
            table.to_json(fresh, orient="records", lines=True)
        else:
            packing: Any = {"method": "gzip", "mtime": 0} if path.suffix == ".gz" else None
            table.to_csv(fresh, index=False, compression=packing)
