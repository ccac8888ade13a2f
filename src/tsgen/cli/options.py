"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import SettingsError

__all__ = [
    "AsJson",
    "CampaignsFile",
    "Debug",
    "Device",
    "Exclude",
    "MaxMemory",
    "Overwrite",
    "Panel",
    "Read",
    "Seed",
    "SpreadsheetSafe",
    "Target",
    "Trust",
    "UnknownUsers",
    "UserTable",
    "WrittenLayout",
    "csv_only",
    "without_effect",
]

WrittenLayout = Annotated[
    str,
    typer.Option(
        "--layout",
        help="Of a table: long (item_id, timestamp, target), nixtla (unique_id, ds, y), wide (a "
        "column a series), or gluonts.",
    ),
]

Read = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        metavar="KEY=VALUE",
        help="How to read the data, repeatable: item_id, timestamp, target name the columns "
        "(unique_id, ds, y are known); layout (long, wide) says what the table is; "
        "static and static_numbers name columns with one category, or number, a series (comma "
        "between, or repeated); freq; start dates the first of step numbers; "
        "dynamic and past_dynamic name features that change in time; "
        "timezone, on_duplicate, on_infinite, on_unobserved, on_irregular, dynamic_features.",
    ),
]


Seed = Annotated[int | None, typer.Option(help="Same seed, same numbers. Drawn if absent.")]


Target = Annotated[
    list[str] | None,
    typer.Option(
        help="Column of values; repeated, the columns are channels observed together.",
    ),
]


Panel = Annotated[
    bool,
    typer.Option("--panel", help="The series were observed together: channels of one entry."),
]


Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an output that exists.")]


Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 ...")]


UserTable = Annotated[
    Path | None,
    typer.Option(help="Table of user_id and attributes; those that the model knows if absent."),
]


CampaignsFile = Annotated[Path, typer.Argument(help="TOML file of campaigns.")]


Exclude = Annotated[
    Path | None,
    typer.Option(help="Users to leave out: one a line, or the column user_id of a table."),
]


UnknownUsers = Annotated[
    str,
    typer.Option(
        help="A list of users to leave out of whom none is known: error, or warn and go on."
    ),
]


SpreadsheetSafe = Annotated[
    bool,
    typer.Option(
        "--spreadsheet-safe",
        help="In a CSV, put ' before texts that a spreadsheet would run; they are read back.",
    ),
]


Trust = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Import classes that a model or study names, though not of GluonTS or tsgen.",
    ),
]


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


MaxMemory = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE", help="Refuse what would take more memory (8GB); what is free if absent."
    ),
]


AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def without_effect(options: Mapping[str, Any], where: str, *, given: bool) -> None:
    """Refuse options that were set where they change nothing.

    Raises:
        SettingsError: One was; say where, such as "without --like".
    """
    idle = [name for name, value in options.items() if value is not None and value is not False]
    if given and (idle := [name for name in idle if options[name] not in ([], ())]):
        raise SettingsError(f"{idle[0]} has no effect {where}; leave it out.")


def csv_only(spreadsheet_safe: bool, *outputs: Path | None) -> None:
    """Refuse --spreadsheet-safe where nothing is written as CSV.

    Args:
        spreadsheet_safe: Whether it was given.
        *outputs: Where tables go; None is a CSV on stdout.

    Raises:
        SettingsError: It was, and none is a CSV.
    """
    written = any(path is None or path.name.endswith((".csv", ".csv.gz")) for path in outputs)
    where = "where no CSV is written"
    without_effect({"--spreadsheet-safe": spreadsheet_safe}, where, given=not written)
