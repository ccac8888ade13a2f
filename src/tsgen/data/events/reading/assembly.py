"""Parts of an event table put together: one order, duplicates treated, attributes joined."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Codes, Indices, Integers
from tsgen.errors import DataError, DataWarning, nearest

from ...alike_ids import warn_of_alike
from ...columns import plain_value
from ...frames import as_pandas
from ..ids import Vocabulary
from ..times import to_stamps
from .parts import EventPart, as_table
from .read_options import OnDuplicateEvent, ReadOptions
from .returns import OnReturn, shares_left

__all__ = ["EventArrays", "assemble", "table_ids"]


@dataclass(frozen=True, eq=False)
class EventArrays:
    """What an `Interactions` holds, by the names of its fields."""

    users: Vocabulary
    items: Vocabulary
    offsets: Integers
    item: Codes
    time: Integers
    value: Array | None
    timezone: str | None
    user_table: pd.DataFrame | None
    item_table: pd.DataFrame | None
    read_options: ReadOptions


@dataclass(frozen=True, eq=False)
class _Rows:
    """Events as rows; shapes (events,)."""

    user: Codes
    item: Codes
    time: Integers
    value: Array | None
    quantity: Array | None

    def __getitem__(self, rows: AnyArray) -> _Rows:
        value = None if self.value is None else self.value[rows]
        quantity = None if self.quantity is None else self.quantity[rows]
        return _Rows(self.user[rows], self.item[rows], self.time[rows], value, quantity)


def assemble(
    given: Iterable[EventPart],
    options: ReadOptions,
    *,
    users: pd.DataFrame | None,
    items: pd.DataFrame | None,
) -> EventArrays:
    """Put parts together, sorted by user and time, with the tables of users and items."""
    on_duplicate = options.on_duplicate
    users, items = as_pandas(users), as_pandas(items)
    parts = list(given)
    if not sum(len(part.time) for part in parts):
        raise DataError("The table has no events; give at least one row.")
    users = _as_in_events(users, options.user_id, [part.users for part in parts])
    items = _as_in_events(items, options.item_id, [part.items for part in parts])
    extra_users, user_ids = table_ids(users, options.user_id, "user")
    extra_items, item_ids = table_ids(items, options.item_id, "item")
    user_maps, user_vocabulary = Vocabulary.union([p.users for p in parts] + extra_users, "user")
    item_maps, item_vocabulary = Vocabulary.union([p.items for p in parts] + extra_items, "item")
    for ids, column in ((user_vocabulary, options.user_id), (item_vocabulary, options.item_id)):
        if ids.ids.dtype == object:
            warn_of_alike(ids.ids, column, ids.what)
    if users is not None:
        _warn_of_strangers(user_maps, user_vocabulary)
    if items is not None:
        _warn_of_strangers(item_maps, item_vocabulary)
    zones = {part.timezone for part in parts if part.timezone}
    timezone = next(iter(zones), None) if len(zones) < 2 else "UTC"  # chunks of mixed offsets
    _say_unread_returns(parts, options.returns)
    columns = {name: [getattr(part, name) for part in parts] for name in _Rows.__annotations__}
    del parts  # each column's room is free as soon as it is put together
    rows = _in_order({
        "user": _mapped(user_maps, columns.pop("user")),
        "item": _mapped(item_maps, columns.pop("item")),
        **{name: _joined(columns.pop(name)) for name in ("time", "value", "quantity")},
    })  # fmt: skip
    if on_duplicate != "keep" and len(again := _repeats(rows)):
        first = int(again[0])
        where = (
            f"user {plain_value(user_vocabulary.ids[rows.user[first]])!r}, "
            f"item {plain_value(item_vocabulary.ids[rows.item[first]])!r}, "
            f"time {to_stamps(rows.time[[first]], timezone)[0]}"
        )
        rows = _without_repeats(rows, again, where, on_duplicate)
    rows = _after_returns(rows, options.returns)
    counts = np.bincount(rows.user, minlength=len(user_vocabulary))
    return EventArrays(
        users=user_vocabulary,
        items=item_vocabulary,
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        item=rows.item,
        time=rows.time,
        value=rows.value,
        timezone=timezone,
        user_table=_aligned(users, options.user_id, user_ids, user_vocabulary),
        item_table=_aligned(items, options.item_id, item_ids, item_vocabulary),
        read_options=options,
    )


def _say_unread_returns(parts: list[EventPart], returns: OnReturn) -> None:
    """Tell of a column of quantities that would tell returns, were it named.

    Raises:
        DataError: Returns are to be treated, and the values tell none.

    Warns:
        DataWarning: Nothing is said of returns.
    """
    treated = returns in ("cancel", "drop")
    if treated and any(part.value is not None and (part.value < 0).any() for part in parts):
        return
    for name in dict.fromkeys(name for part in parts for name in part.unread):
        back = sum(part.unread.get(name, 0) for part in parts)
        rows = sum(len(part.time) for part in parts)
        text = (
            f"Column '{name}' is below 0 in {back} of {rows} rows, as in returns, and is not read"
        )
        if treated:
            raise DataError(
                f"{text}, so that returns='{returns}' finds none; pass quantity='{name}' as well."
            )
        warnings.warn(
            f"{text}: these count as events like others. Pass quantity='{name}' with "
            "returns='cancel' to take back what was returned, 'drop' to leave returns out, or "
            "returns='keep' alone for silence.",
            DataWarning,
            stacklevel=4,
        )


def _as_in_events(
    table: pd.DataFrame | None, name: str, events: list[Vocabulary]
) -> pd.DataFrame | None:
    """Return a table whose ids are of another kind than the events', written as they are there.

    Warns:
        DataWarning: Ids are written anew: how many, and the first.
    """
    there = next((part for part in events if len(part)), None)
    if table is None or there is None or name not in table or not len(table):
        return table
    what, given = there.what, table[name]
    one, other = plain_value(given.iloc[0]), plain_value(there.ids[0])
    if given.isna().any() or type(one) is type(other):
        return table
    observed = Vocabulary.union(events, what)[1]
    if not table.columns.is_unique or (observed.codes(given) >= 0).any():
        return table
    fitting = observed.spellings.codes(given)
    meant = [
        observed.ids[codes[0]] if len(codes) == 1 else one
        for one, codes in zip(given, fitting, strict=True)
    ]
    changed = [(old, new) for old, new in zip(given, meant, strict=True) if old is not new]
    if not changed or len(set(meant)) < len(meant):
        return table
    old, new = map(plain_value, changed[0])
    warnings.warn(
        f"The {what} table writes {len(changed)} of its {len(table)} ids otherwise than the events "
        f"(the first: {old!r}, there {new!r}); they are taken as those.",
        DataWarning,
        stacklevel=4,
    )
    return table.assign(**{name: pd.Series(meant, table.index, dtype=object)})


def _mapped(maps: list[Codes], codes: list[Any]) -> Codes:
    return np.concatenate([new[old] for new, old in zip(maps[: len(codes)], codes, strict=True)])


def _joined(arrays: list[Any]) -> Any:
    """Return arrays as one, or None where a part has none."""
    if any(array is None for array in arrays):
        return None
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _in_order(columns: dict[str, Any]) -> _Rows:
    """Return rows by user, then time, of columns that are given up one by one.

    Users in order are known by their numbers of events, so that theirs goes first.
    """
    user = columns.pop("user")
    counts, kind = np.bincount(user), user.dtype
    order = _time_order(user, columns["time"])
    if order is None:
        return _Rows(user, **columns)
    del user
    for name, column in columns.items():
        columns[name] = None if column is None else column[order]
    del order
    return _Rows(np.repeat(np.arange(len(counts), dtype=kind), counts), **columns)


def _time_order(user: Codes, time: Integers) -> Indices | None:
    """Return the stable order by user, then time; None if the rows are in it already."""
    same, later = user[1:] == user[:-1], time[1:] >= time[:-1]
    if np.all((user[1:] > user[:-1]) | (same & later)):
        return None
    if later.all():
        return np.argsort(user, kind="stable")
    return np.lexsort((time, user))


def _without_repeats(
    rows: _Rows, again: Indices, where: str, on_duplicate: OnDuplicateEvent
) -> _Rows:
    """Return the rows that stay; `again` repeat an earlier one, the first of them `where`."""
    count = len(again)
    if on_duplicate == "error":
        raise DataError(
            f"{count} events repeat another exactly (the first: {where}); correct them, or pass "
            "on_duplicate='drop' or 'keep'."
        )
    if on_duplicate == "drop":
        warnings.warn(
            f"{count} events that repeat another exactly were dropped (the first: {where}).",
            DataWarning,
            stacklevel=4,
        )
        return rows[np.setdiff1d(np.arange(len(rows.time)), again)]
    warnings.warn(
        f"{count} events repeat another exactly and are kept (the first: {where}); pass "
        "on_duplicate='drop' to keep one of each, or 'keep' for silence.",
        DataWarning,
        stacklevel=4,
    )
    return rows


def _after_returns(rows: _Rows, returns: OnReturn) -> _Rows:
    """Return the rows that are left after returns, with what is left of their values."""
    amount = rows.value if rows.quantity is None else rows.quantity
    left = shares_left(rows.user, rows.item, rows.time, amount, returns)
    kept = left > 0
    if not kept.any():
        raise DataError("Nothing is left of the events after returns; look at their amounts.")
    if kept.all() and (left == 1).all():
        return rows
    value = None if rows.value is None else rows.value * left
    return replace(rows, value=value)[kept]


def _repeats(rows: _Rows) -> Indices:
    """Return the rows that equal an earlier one in user, item, time and value."""
    tie = (rows.user[1:] == rows.user[:-1]) & (rows.time[1:] == rows.time[:-1])
    tied = np.flatnonzero(np.append(False, tie) | np.append(tie, False))
    keys: list[AnyArray] = [rows.item[tied], rows.time[tied], rows.user[tied]]
    if rows.value is not None:
        keys.insert(0, rows.value[tied])
    order = np.lexsort(keys)
    equal = np.ones(max(len(order) - 1, 0), bool)
    for key in keys:
        equal &= key[order][1:] == key[order][:-1]
    return np.sort(tied[order[1:][equal]])


def table_ids(
    table: pd.DataFrame | None, name: str, what: str
) -> tuple[list[Vocabulary], Codes | None]:
    """Return the vocabulary of an attribute table (none or one), and the codes of its rows.

    Args:
        table: Attributes of users or items, or None.
        name: Its column of ids.
        what: "user" or "item", for messages.

    Raises:
        DataError: It is no table, has no such column, or an id is missing or there twice.
    """
    if table is None:
        return [], None
    table = as_table(table, f"attributes of {what}s", f"{name} and what is known")
    if name not in table.columns:
        raise DataError(
            f"The {what} table has no column '{name}'.{nearest(name, table.columns)} It has: "
            f"{', '.join(map(str, table.columns[:20]))}.",
            field=name,
        )
    codes, vocabulary = Vocabulary.of(table[name], what)
    if len(vocabulary) < len(table):
        row = int(pd.Series(codes).duplicated().to_numpy().argmax())
        raise DataError(
            f"The {what} table has {plain_value(table[name].iloc[row])!r} twice (again in row "
            f"{row}); give each {what} one row.",
            field=name,
            row=row,
        )
    return [vocabulary], codes


def _warn_of_strangers(maps: list[Codes], ids: Vocabulary) -> None:
    """Warn of a table that lacks ids of the events; of all of them if its ids are of another kind.

    Args:
        maps: The codes of the events' ids, part by part, and last of the table's.
        ids: What the codes stand for.
    """
    mapped, table = np.unique(np.concatenate(maps[:-1])), maps[-1]
    lacking, what = np.setdiff1d(mapped, table), ids.what
    if not len(lacking):
        return
    ours = plain_value(ids.ids[lacking[0]])
    text = (
        f"The {what} table lacks {len(lacking)} of the {len(mapped)} {what}s of the events (the "
        f"first: {ours!r}); they have no attributes."
    )
    if len(table) and len(lacking) == len(mapped):
        theirs = plain_value(ids.ids[table[0]])
        text = (
            f"The {what} table knows no {what} of the events: ids there are such as {ours!r} "
            f"({type(ours).__name__}), in the table {theirs!r} ({type(theirs).__name__})."
        )
    warnings.warn(text, DataWarning, stacklevel=4)


def _aligned(
    table: pd.DataFrame | None,
    name: str,
    codes: Codes | None,
    vocabulary: Vocabulary,
) -> pd.DataFrame | None:
    """Return the attributes with one row a code; ids that the table lacks get nulls."""
    if table is None or codes is None:
        return None
    place = vocabulary.codes(table[name])
    rows = np.full(len(vocabulary), -1)
    rows[place] = np.arange(len(table))
    attributes = table.drop(columns=name).reset_index(drop=True)
    return attributes.reindex(rows).reset_index(drop=True)
