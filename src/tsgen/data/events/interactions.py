"""`Interactions`: an event log (user, item, time) in a few arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import Array, Codes, Integers, Mask
from tsgen.displays import html_facts
from tsgen.errors import noted_warnings

from ..notes import with_notes
from .content_digest import content_digest
from .ids import Vocabulary
from .plausibility import without_doubts
from .reading import (
    OnDoubt,
    OnDuplicateEvent,
    OnFault,
    OnReturn,
    ReadOptions,
    as_table,
    assemble,
    read_part,
)
from .selection import events_of_items, without_idle
from .times import read_time, to_stamps

if TYPE_CHECKING:
    from ..series import SeriesDataset

__all__ = ["Interactions"]


@dataclass(frozen=True, eq=False, repr=False)
class Interactions:
    """Events sorted by user and time, stored column-wise. The arrays are read-only.

    Made by `Interactions.from_frame` or `read_interactions`. Events of one user at the same time
    keep the order of the table they came from.

    Args:
        users: Ids of the users; a user of the user table may have no events.
        items: Ids of the items; an item of the item table may have no events.
        offsets: User i has the events `offsets[i]` to `offsets[i + 1]`, shape (users + 1,).
        item: Item code of each event, shape (events,), int32.
        time: Microseconds since 1970 UTC of each event, shape (events,), int64.
        value: Value of each event, shape (events,), float64, or None.
        timezone: The zone that times are shown in; None is UTC.
        user_table: Attributes, one row a user in code order, or None.
        item_table: Attributes, one row an item in code order, or None.
        read_options: How the table was read: what it called its columns, what its times are.
        notes: What reading the table warned of; no part of the content.

    Example:
        >>> import pandas as pd
        >>> from tsgen.data import Interactions
        >>> days = pd.date_range("2024-01-01", periods=3, freq="D")
        >>> table = pd.DataFrame({"user_id": ["b", "a", "a"], "item_id": [7, 8, 7]})
        >>> (events := Interactions.from_frame(table.assign(timestamp=days)))
        Interactions(3 events, 2 users, 2 items, 2024-01-01 00:00:00 to 2024-01-03 00:00:00)
        >>> events.history("a")["item_id"].tolist()
        [8, 7]
    """

    users: Vocabulary
    items: Vocabulary
    offsets: Integers
    item: Codes
    time: Integers
    value: Array | None = None
    timezone: str | None = None
    user_table: pd.DataFrame | None = None
    item_table: pd.DataFrame | None = None
    read_options: ReadOptions = field(default_factory=ReadOptions)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("offsets", "item", "time", "value"):
            array = getattr(self, name)
            if array is not None:
                view = array.view()
                view.setflags(write=False)
                object.__setattr__(self, name, view)

    @classmethod
    def from_frame(
        cls,
        table: pd.DataFrame,
        *,
        user_id: str = "user_id",
        item_id: str = "item_id",
        timestamp: str = "timestamp",
        value: str | None = None,
        unit: str | None = None,
        timezone: str | None = None,
        users: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
        date_format: str | None = None,
        quantity: str | None = None,
        returns: OnReturn = "warn",
        on_duplicate: OnDuplicateEvent = "warn",
        on_missing_id: OnFault = "error",
        on_bad_time: OnFault = "error",
        on_stray: OnDoubt = "warn",
        on_machine: OnDoubt = "warn",
    ) -> Interactions:
        """Read a table with one row an event, in any order.

        Args:
            table: The events, a frame of pandas, polars, pyarrow or any library that keeps to the
                Arrow or interchange protocol; so are `users` and `items`. Ids may be of any
                hashable kind and come back as they are.
            user_id: Column of the users.
            item_id: Column of the items.
            timestamp: Column of the times: datetimes with or without zone, text, or numbers.
            value: Column of the values; None takes "value" if there is one, "" takes none.
            unit: What numeric times count, since 1970 UTC: "D", "h", "min", "s", "ms", "us", "ns".
                None is seconds, with a warning where another unit fits better.
            timezone: Whose wall clock naive time stamps are (None is UTC); times are shown in it.
            users: Attributes of users, with the column `user_id`, each user once.
            items: Attributes of items, with the column `item_id`, each item once.
            date_format: How times are written, "%d/%m/%Y" for text or "%Y%m%d" for numbers such as
                20241231; None reads ISO dates, and others whose day and month are plain.
            quantity: Column of numbers of pieces, below 0 for returns; for `returns` alone.
            returns: What becomes of returns, events with a quantity, or a value, below 0: "warn"
                counts them as events and says how many, "keep" says nothing, "drop" leaves them
                out, "cancel" takes back the pair's nearest earlier purchases, too, up to what the
                return is of (value and quantity of a purchase that is taken back in part shrink).
            on_duplicate: Events that repeat another: "warn" keeps them and says how many, "keep"
                keeps them, "drop" keeps one of each and says how many went, "error" refuses them.
            on_missing_id: Rows without user or item, or with an empty text: "error" refuses them,
                "drop" leaves them out and says how many.
            on_bad_time: The same for rows whose time is missing or unreadable.
            on_stray: Few events far from all others in time, or many at a default date such as
                1970-01-01: "warn" names them when a model is trained, "keep" does not, "drop"
                leaves them out and "error" refuses them, here.
            on_machine: The same for users who are plainly machines (see `find_machines`).

        Raises:
            DataError: A column is missing, an id or a time is missing or unreadable, or the table
                is empty.
            SettingsError: An argument is impossible.

        Warns:
            DataWarning: Events repeat another exactly, or a table lacks users or items of events.
        """
        options = ReadOptions(
            user_id, item_id, timestamp, value, unit, timezone, date_format, quantity, returns,
            on_duplicate, on_missing_id, on_bad_time, on_stray, on_machine,
        )  # fmt: skip
        with noted_warnings() as notes:
            arrays = assemble([read_part(table, options)], options, users=users, items=items)
            return with_notes(without_doubts(cls(**vars(arrays))), notes)

    def __len__(self) -> int:
        return len(self.item)

    def __repr__(self) -> str:
        counts = f"{len(self)} events, {self.num_users} users, {self.num_items} items"
        times = self.time[:1] if not len(self) else [self.time.min(), self.time.max()]
        ends = " to ".join(map(str, to_stamps(np.array(times, np.int64), self.timezone)))
        return f"Interactions({counts}, {ends})" if ends else f"Interactions({counts})"

    def _repr_html_(self) -> str:
        return html_facts(repr(self), self.facts() if len(self) else {})

    @classmethod
    def like(cls, table: pd.DataFrame | Interactions, options: ReadOptions) -> Interactions:
        """Read a table that calls its columns as another one does, or by the usual names.

        Args:
            table: The events, as in `from_frame`; events that are read already stay as they are.
            options: Of the other table.

        Warns:
            DataWarning: The usual names are there in the place of the other table's.
        """
        if isinstance(table, Interactions):
            return table
        table = as_table(table, "events", ", ".join(options.named().values()))
        named: dict[str, Any] = options.within(table.columns).to_json()
        return cls.from_frame(table, **named)

    @property
    def num_users(self) -> int:
        """Number of users, those without events included."""
        return len(self.users)

    @property
    def num_items(self) -> int:
        """Number of items, those without events included."""
        return len(self.items)

    @property
    def lengths(self) -> Integers:
        """Number of events of each user, shape (users,)."""
        return np.diff(self.offsets)

    @property
    def user(self) -> Codes:
        """User code of each event, shape (events,)."""
        return np.repeat(np.arange(self.num_users, dtype=np.int32), self.lengths)

    def item_counts(self) -> Integers:
        """Return the number of events of each item, shape (items,)."""
        return np.bincount(self.item, minlength=self.num_items)

    def pair_counts(self) -> sp.csr_array:
        """Return the number of events of each pair, a sparse array of shape (users, items)."""
        ones = np.ones(len(self), np.float64)
        shape = (self.num_users, self.num_items)
        counts = sp.csr_array((ones, self.item.copy(), self.offsets.copy()), shape=shape)
        counts.sum_duplicates()
        return counts

    def activity_dataset(self, freq: Any = "D", **options: Any) -> SeriesDataset:
        """Return the number of events of each user in each period, as a GluonTS dataset.

        Args:
            freq: A pandas frequency, "D" or "h" or "W-SUN".
            **options: start, until, incomplete, target, static: see `tsgen.data.count_series`.
        """
        from .counts import count_series  # which knows SeriesDataset, and with it GluonTS

        return count_series(self, "user", freq, **options)

    def demand_dataset(self, freq: Any = "D", **options: Any) -> SeriesDataset:
        """Return the number of events of each item in each period; see `activity_dataset`."""
        from .counts import count_series

        return count_series(self, "item", freq, **options)

    def history(self, user: Any) -> pd.DataFrame:
        """Return the events of one user, in time order: item_id, timestamp and, if any, value.

        Raises:
            UnknownIdError: There is no such user.
        """
        code = self.users.find([user])[0]
        chosen = slice(*self.offsets[code : code + 2])
        return self._table(chosen)

    def to_frame(self) -> pd.DataFrame:
        """Return the events as a table: user_id, item_id, timestamp and, if any, value."""
        frame = self._table(slice(None))
        frame.insert(0, "user_id", self.users.ids.take(self.user))
        return frame

    def _table(self, chosen: slice) -> pd.DataFrame:
        columns: dict[str, Any] = {
            "item_id": self.items.ids.take(self.item[chosen]),
            "timestamp": to_stamps(self.time[chosen].copy(), self.timezone),
        }
        if self.value is not None:
            columns["value"] = self.value[chosen]
        return pd.DataFrame(columns, copy=True)

    def read_time(self, at: Any) -> int:
        """Return `at` in microseconds since 1970 UTC; a naive time is in the zone of the events.

        Raises:
            SettingsError: It means no time.
        """
        return read_time(at, self.timezone)

    def where(self, kept: Mask) -> Self:
        """Return the events that `kept` (events,) marks; users and items stay known."""
        counts = np.concatenate([[0], np.cumsum(kept)])
        return replace(
            self,
            offsets=counts[self.offsets],
            item=self.item[kept],
            time=self.time[kept],
            value=None if self.value is None else self.value[kept],
        )

    def before(self, at: Any) -> Self:
        """Return the events strictly before `at`; users and items stay known."""
        return self.where(self.time < self.read_time(at))

    def keep_items(self, items: Sequence[Any]) -> Self:
        """Return the events of these items alone; the others are forgotten.

        Raises:
            UnknownIdError: There is no such item.
        """
        kept, changes = events_of_items(self, items)
        return replace(kept, **changes)

    def present(self) -> Self:
        """Return the same events, with users and items that have none forgotten."""
        return replace(self, **without_idle(self))

    def facts(self) -> dict[str, Any]:
        """Return what there is to know at a glance, as plain JSON values."""
        ends = to_stamps(np.array([self.time.min(), self.time.max()]), self.timezone)
        pairs = self.pair_counts()
        return {
            "num_events": len(self),
            "num_users": self.num_users,
            "num_items": self.num_items,
            "first": str(ends[0]),
            "last": str(ends[1]),
            "timezone": self.timezone,
            "longest_history": int(self.lengths.max()),
            "repeat_share": 1.0 - pairs.nnz / len(self),
            "has_value": self.value is not None,
            "user_attributes": _names(self.user_table),
            "item_attributes": _names(self.item_table),
            "read_options": self.read_options.to_json(),
            **({"warnings": list(self.notes)} if self.notes else {}),
        }

    def fingerprint(self) -> str:
        """Return the SHA-256 of content and attributes, whatever the order of columns."""
        return content_digest(self)


def _names(table: pd.DataFrame | None) -> list[str]:
    return [] if table is None else [str(name) for name in table.columns]
