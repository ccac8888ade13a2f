"""How an event table is read: the names of its columns, and what its times are."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from tsgen.errors import DataWarning

from ..columns import check_roles

__all__ = ["ReadOptions"]

_ROLES = ("user_id", "item_id", "timestamp", "value")


@dataclass(frozen=True)
class ReadOptions:
    """How the columns of an event table are called and read; kept with the log and with models.

    Attributes:
        user_id: Column of the users.
        item_id: Column of the items.
        timestamp: Column of the times.
        value: Column of the values (ratings, amounts); None takes "value" if there is one, ""
            none.
        unit: What numeric times count, since 1970 UTC (see `read_times`).
        timezone: The zone whose wall clock naive time stamps are; None means UTC.

    Raises:
        SettingsError: One column has two roles.
    """

    user_id: str = "user_id"
    item_id: str = "item_id"
    timestamp: str = "timestamp"
    value: str | None = None
    unit: str | None = None
    timezone: str | None = None

    def __post_init__(self) -> None:
        check_roles({name: getattr(self, name) for name in _ROLES})

    def to_json(self) -> dict[str, str]:
        """Return what differs from the defaults, by name."""
        return {f.name: text for f in fields(self) if (text := getattr(self, f.name)) != f.default}

    def within(self, names: Iterable[Any]) -> ReadOptions:
        """Return the same for a table that may call its columns by the usual names instead.

        Args:
            names: Columns of the table. A role whose column is not among them has its usual name,
                if that is; values are left out where they are not.

        Warns:
            DataWarning: A role has its usual name.
        """
        there, named = set(names), self.named()
        usual: dict[str, Any] = {
            role: default
            for role, default in ReadOptions().named().items()
            if named[role] not in there and default in there
        }
        if usual:
            absent = ", ".join(f"'{named[role]}'" for role in usual)
            warnings.warn(
                f"The table has no column {absent}, as the training log had; "
                f"{', '.join(usual.values())} is read in its place.",
                DataWarning,
                stacklevel=4,
            )
        if self.value and self.value not in there:
            usual["value"] = None
        return replace(self, **usual)

    def named(self) -> dict[str, str]:
        """Return the columns that every table of events has, by role."""
        return {role: getattr(self, role) for role in _ROLES[:3]}

    def value_column(self, names: Iterable[Any]) -> str | None:
        """Return the column of the values in a table with these columns."""
        if self.value is not None:
            return self.value or None
        return "value" if "value" in names else None
