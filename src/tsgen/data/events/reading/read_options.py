"""How an event table is read: names of columns, what times are, what becomes of doubtful rows."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from tsgen.errors import DataWarning, SettingsError

from ...columns import check_roles
from .returns import OnReturn

__all__ = ["OnDoubt", "OnDuplicateEvent", "OnFault", "ReadOptions"]

OnDuplicateEvent = Literal["warn", "keep", "drop", "error"]
OnFault = Literal["error", "drop"]
OnDoubt = Literal["warn", "keep", "drop", "error"]

_CHOICES = {
    "returns": OnReturn,
    "on_duplicate": OnDuplicateEvent,
    "on_missing_id": OnFault,
    "on_bad_time": OnFault,
    "on_stray": OnDoubt,
    "on_machine": OnDoubt,
}
_ROLES = ("user_id", "item_id", "timestamp", "value")


@dataclass(frozen=True)
class ReadOptions:
    """How the columns of an event table are called and read; kept with the log and with models.

    Attributes:
        user_id: Column of the users.
        item_id: Column of the items.
        timestamp: Column of the times.
        value: Column of the values (ratings, amounts); None takes "value" if there is one that has
            no other role, "" none.
        unit: What numeric times count, since 1970 UTC (see `read_times`).
        timezone: The zone whose wall clock naive time stamps are; None means UTC.
        date_format: How times are written where that is not plain, such as "%d/%m/%Y" or "%Y%m%d".
        quantity: Column of numbers of pieces, below 0 for returns; used by `returns` alone.
        returns: What becomes of events with a quantity, or a value, below 0: "warn" and "keep" take
            them as events; "drop" leaves them out; "cancel" takes back the pair's nearest earlier
            purchases as well (see `shares_left`).
        on_duplicate: See `Interactions.from_frame`.
        on_missing_id: Rows without a user or an item, or with an empty text, are refused ("error")
            or left out and counted ("drop").
        on_bad_time: The same for rows whose time is missing or cannot be read.
        on_stray: A few events far before or after all others, and many at a default date such as
            1970-01-01, are named in training ("warn"), refused ("error"), left out and counted
            ("drop"), or taken without a word ("keep").
        on_machine: The same for users who are plainly machines (see `find_machines`).

    Raises:
        SettingsError: One column has two roles, or a choice is not possible.
    """

    user_id: str = "user_id"
    item_id: str = "item_id"
    timestamp: str = "timestamp"
    value: str | None = None
    unit: str | None = None
    timezone: str | None = None
    date_format: str | None = None
    quantity: str | None = None
    returns: OnReturn = "warn"
    on_duplicate: OnDuplicateEvent = "warn"
    on_missing_id: OnFault = "error"
    on_bad_time: OnFault = "error"
    on_stray: OnDoubt = "warn"
    on_machine: OnDoubt = "warn"

    def __post_init__(self) -> None:
        check_roles({name: getattr(self, name) for name in (*_ROLES, "quantity")})
        for name, kind in _CHOICES.items():
            if getattr(self, name) not in get_args(kind):
                raise SettingsError(
                    f"{name}={getattr(self, name)!r} is not possible: use "
                    f"{', '.join(get_args(kind)[:-1])} or {get_args(kind)[-1]}."
                )

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
        for role in ("value", "quantity"):
            if getattr(self, role) and getattr(self, role) not in there:
                usual[role] = None
        return replace(self, **usual)

    def named(self) -> dict[str, str]:
        """Return the columns that every table of events has, by role."""
        return {role: getattr(self, role) for role in _ROLES[:3]}

    def value_column(self, names: Iterable[Any]) -> str | None:
        """Return the column of the values in a table with these columns."""
        if self.value is not None:
            return self.value or None
        others = {*self.named().values(), self.quantity}
        return "value" if "value" in names and "value" not in others else None
