"""Options that the verbs of `tsgen batch` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "EVENT_KEYS",
    "SERIES_KEYS",
    "BatchMemory",
    "EngineName",
    "HorizonStart",
    "Item",
    "Items",
    "Jobs",
    "Log",
    "Model",
    "Output",
    "Partitions",
    "SeriesInput",
]  # fmt: skip

Model = Annotated[Path, typer.Argument(help="Model folder.")]
Log = Annotated[
    str,
    typer.Argument(
        metavar="LOG",
        help="Event log of whole histories: a folder of Parquet, or an address (s3://...).",
    ),
]
SeriesInput = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        help="Long table (Parquet, a folder of Parquet, CSV), GluonTS entries (JSON lines, "
        "Arrow, a folder of them), or an address (s3://...).",
    ),
]
Output = Annotated[
    str,
    typer.Option(
        "--output", "-o", metavar="PATH", help="Table to write: .parquet or .csv; or an address."
    ),
]
Item = Annotated[list[str] | None, typer.Option(help="Item; a list each. Repeatable.")]
Items = Annotated[Path | None, typer.Option(help="File of items, one a line.")]
HorizonStart = Annotated[
    str | None, typer.Option(help="When the horizon begins; the log's end if absent.")
]
EngineName = Annotated[
    str,
    typer.Option(
        help="Where: local (processes), ray, or spark; all read and write one file system."
    ),
]
Jobs = Annotated[
    int | None, typer.Option(help="Partitions at a time; one a core if absent.", min=1)
]
BatchMemory = Annotated[
    str | None,
    typer.Option(help="What they may take together, such as 2GB; half of what is free if absent."),
]
Partitions = Annotated[
    int | None, typer.Option(help="How many; as many as --memory asks for if absent.", min=1)
]

EVENT_KEYS = (
    "user_id", "item_id", "timestamp", "value", "unit", "timezone", "date_format", "returns",
    "on_duplicate", "on_missing_id", "on_bad_time",
)  # fmt: skip
SERIES_KEYS = (
    "item_id", "timestamp", "target", "freq", "timezone", "on_duplicate", "static",
    "static_numbers",
)  # fmt: skip
