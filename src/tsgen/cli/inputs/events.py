"""Event logs, and tables of their users or items, are read as the options say."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import DataError, SettingsError

from .read_texts import advising_options, read_choices

if TYPE_CHECKING:
    import pandas as pd

    from tsgen.data import Interactions
    from tsgen.data.events import ReadOptions, UserSample

__all__ = [
    "EventLog",
    "ReadEither",
    "ReadEvents",
    "check_read",
    "column_of",
    "is_log",
    "read_conditions",
    "read_events",
    "read_salt",
    "read_sample",
    "read_table",
]

EventLog = Annotated[Path, typer.Argument(help="Event log: CSV, Parquet, a folder of Parquet.")]
ReadEvents = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        metavar="KEY=VALUE",
        help="How to read the events, repeatable: user_id, item_id, timestamp, value name the "
        "columns (value= leaves the values out); unit, timezone, date_format (%d/%m/%Y) say what "
        "times are; returns (cancel, drop, keep; quantity names their column), on_duplicate, "
        "on_missing_id, on_bad_time, on_stray, on_machine (drop, keep, error) say what becomes of "
        "doubtful rows; users, items are files of attributes; hash_users is a file with a salt, "
        "and ids of users become digests.",
    ),
]

ReadEither = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        metavar="KEY=VALUE",
        help="How to read the data, repeatable, as the other verbs take it; user_id=COLUMN says "
        "that it is an event log.",
    ),
]

_KEYS = (
    "user_id", "item_id", "timestamp", "value", "unit", "timezone", "date_format", "quantity",
    "returns", "on_duplicate", "on_missing_id", "on_bad_time", "on_stray", "on_machine",
    "users", "items", "hash_users",
)  # fmt: skip


def check_read(
    choices: list[str] | None,
    *,
    log: Path | None,
    lists: Iterable[Path | None] = (),
    log_option: str = "--events",
) -> None:
    """Refuse `--read` texts about events where no log is read; lists of ids have a column too.

    Args:
        choices: The texts.
        log: The log, if one is given.
        lists: Files of ids.
        log_option: What gives a log.

    Raises:
        SettingsError: A text has no effect.
    """
    if log is not None:
        return
    named = any(path is not None for path in lists)
    columns = {"user_id", "item_id"} if named else set()
    for key, value in read_choices(choices, _KEYS).items():
        if key not in columns:
            raise SettingsError(
                f"--read {key}={value} has no effect without {log_option}; leave it out."
            )


def is_log(path: Path, read_as: list[str] | None) -> bool:
    """Return whether a table is about users; what cannot be read is left to the readers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tsgen.data import parquet_files
    from tsgen.data.series import csv_header

    if any(choice.startswith("user_id=") for choice in read_as or []):
        return True
    try:
        files = parquet_files(path) if path.is_dir() else [path]
        if not files:
            return False
        if files[0].suffix in {".parquet", ".pq"}:
            names = list(pq.read_schema(files[0]).names)
        else:
            names = csv_header(path, set())[1]
    except (OSError, ValueError, pa.ArrowException):
        return False
    return "user_id" in names


def read_events(
    path: Path, choices: list[str] | None, defaults: ReadOptions | None = None
) -> Interactions:
    """Read the events at `path`, as the `--read` texts say.

    Args:
        path: The file or folder.
        choices: The texts.
        defaults: How the log that a model was trained on was read; it holds where the texts say
            nothing.
    """
    from tsgen.data import hash_users, read_interactions
    from tsgen.data.events import column_names

    options: dict[str, Any] = read_choices(choices, _KEYS)
    if defaults is not None and defaults.to_json():
        options = defaults.within(column_names(path)).to_json() | options
    for key, role in (("users", "user_id"), ("items", "item_id")):
        if key in options:
            options[key] = _read_attributes(Path(options[key]), options.get(role, role), key[:-1])
    salt_file = options.pop("hash_users", None)
    log = advising_options(_KEYS, lambda: read_interactions(path, **options))
    return log if salt_file is None else hash_users(log, read_salt(Path(salt_file)))


def read_sample(
    path: Path, choices: list[str] | None, num_users: int, seed: int | None
) -> UserSample:
    """Read a sample of users of the events at `path`, as the `--read` texts say."""
    from tsgen.data.events import sample_users

    options: dict[str, Any] = read_choices(choices, _KEYS)
    for key in ("users", "items", "hash_users"):
        if key in options:
            raise SettingsError(
                f"--read {key}=... is not possible with --sample-users; leave one of them out."
            )
    sample: UserSample = advising_options(
        _KEYS, lambda: sample_users(path, num_users, seed=seed, **options)
    )
    return sample


def read_salt(path: Path) -> str:
    """Read the salt of digests of ids, a file of one line.

    Raises:
        DataError: It cannot be read.
    """
    from tsgen.data import check_exists

    try:
        check_exists(path)
        return path.read_text(encoding="utf-8").strip()
    except DataError as error:
        raise DataError(f"The salt in {path} cannot be read: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The salt in {path} cannot be read: {error}.") from error


def _read_attributes(path: Path, ids: str, what: str) -> pd.DataFrame:
    """Read a table of users or items; its faults are told with its own name."""
    from tsgen.data.events import table_ids

    table = read_table(path, ids)
    try:
        table_ids(table, ids, what)
    except DataError as error:
        raise DataError(f"{path}: {error}", field=error.field, row=error.row) from error
    return table


def read_table(path: Path, ids: str) -> pd.DataFrame:
    """Read a CSV or Parquet table; in a CSV the ids are read as those of events are."""
    from tsgen.data import PARQUET, check_exists, read_parquet, read_text_table, reading, restored
    from tsgen.data.series import CSV, csv_header, whole_numbers

    check_exists(path)
    with reading(path):
        if path.name.endswith(PARQUET):
            return read_parquet(path)
        if not path.name.endswith(CSV):
            raise DataError(f"The file is of an unknown kind; give {', '.join((*CSV, *PARQUET))}.")
        separator, _ = csv_header(path, {ids})
        table = read_text_table(
            path, separator, dtype={ids: str}, keep_default_na=False, na_values=[""]
        )
    if ids in table:
        table[ids] = whole_numbers(restored(table[ids]))
    return table


def column_of(choices: list[str] | None, role: str, defaults: ReadOptions | None = None) -> str:
    """Return how the `--read` texts name a column of the log, in every file beside it as well.

    Args:
        choices: The texts.
        role: user_id or item_id.
        defaults: As in `read_events`.
    """
    return read_choices(choices, _KEYS).get(
        role, role if defaults is None else getattr(defaults, role)
    )


def read_conditions(choices: list[str] | None, option: str) -> dict[str, list[str]] | None:
    """Read attribute=value texts; several values of one attribute are alternatives.

    Raises:
        SettingsError: A text has no "=".
    """
    conditions: dict[str, list[str]] = {}
    for choice in choices or []:
        name, separator, text = choice.partition("=")
        if not separator:
            raise SettingsError(f"{option} {choice} has no '='; write {option} attribute=value.")
        conditions.setdefault(name, []).append(text)
    return conditions or None
