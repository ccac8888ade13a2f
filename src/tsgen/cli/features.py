"""Words of the verbs about static categories and features that change in time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import SettingsError

from .inputs import read_table

__all__ = [
    "Dynamic",
    "DynamicChanges",
    "PastDynamic",
    "Static",
    "changes_of",
    "choices_of",
    "statics_of",
]

Dynamic = Annotated[
    list[str] | None,
    typer.Option(
        help="Column that changes in time and is known ahead (price, promo), repeatable: samples "
        "follow it."
    ),
]
PastDynamic = Annotated[
    list[str] | None,
    typer.Option(help="Column that changes in time and is known up to now, repeatable."),
]
DynamicChanges = Annotated[
    list[str] | None,
    typer.Option(
        "--dynamic",
        help="What if: NAME=VALUE for every step, repeatable, or a table with timestamp, the "
        "columns to change and perhaps item_id.",
    ),
]
Static = Annotated[
    list[str] | None,
    typer.Option("--static", help="Kind of series to draw: COLUMN=CATEGORY, repeatable."),
]


def choices_of(
    read: list[str] | None, dynamic: Sequence[str] | None, past: Sequence[str] | None
) -> list[str]:
    """Return `--read` texts with the columns of features among them."""
    named = [f"dynamic={name}" for name in dynamic or ()]
    return [*(read or ()), *named, *(f"past_dynamic={name}" for name in past or ())]


def statics_of(texts: list[str] | None) -> dict[str, str] | None:
    """Return what `--static` texts ask for, by column.

    Raises:
        SettingsError: A text is not COLUMN=CATEGORY, or a column is named twice.
    """
    return _pairs(texts, "--static", "COLUMN=CATEGORY") if texts else None


def changes_of(texts: list[str] | None) -> Any:
    """Return what `--dynamic` texts say, as `sample` takes it: a mapping, or a table.

    Raises:
        SettingsError: A text is neither NAME=VALUE nor a table, or both are given.
        DataError: The table cannot be read.
    """
    if not texts:
        return None
    if len(texts) == 1 and Path(texts[0]).is_file():
        return read_table(Path(texts[0]), "item_id")
    pairs = _pairs(texts, "--dynamic", "NAME=VALUE, or one table")
    return {name: _number(value) for name, value in pairs.items()}


def _pairs(texts: list[str], option: str, form: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name or name in pairs:
            reason = "is given twice" if name in pairs else f"is not {form}"
            raise SettingsError(f"{option} {text} {reason}; write {form}.")
        pairs[name] = value
    return pairs


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
