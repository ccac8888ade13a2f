"""Who and what may be in a list: ids to leave out, attributes, and what users have seen already."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, AnyIntegers, Mask
from tsgen.data import Vocabulary, plain_value, read_id_list
from tsgen.data.events import OnUnknown, Spellings
from tsgen.errors import DataError, DataWarning, SettingsError, nearest

__all__ = [
    "Eligibility",
    "ExcludeSeen",
    "Filter",
    "akin_items",
    "eligible_users",
    "having",
    "seen_pairs",
]

Filter = Mapping[str, Any]
"""Attribute -> the value, or a list of the values, that it must have."""

ExcludeSeen = bool | str | Sequence[str]
"""Whether users are kept from what they have seen; an attribute of items, or several, means from
everything that equals a seen item in it as well."""

_NAMED = 10


@dataclass(frozen=True, eq=False)
class Eligibility:
    """Who may be listed, and what came of the list of ids to leave out.

    Attributes:
        allowed: (users,) who may be.
        excluded: Users that the list leaves out.
        unknown: Its entries that nobody fits.
    """

    allowed: Mask
    excluded: int = 0
    unknown: int = 0


def eligible_users(
    users: Vocabulary,
    table: pd.DataFrame | None,
    exclude: Iterable[Any] | None,
    where: Filter | None,
    exclude_where: Filter | None,
    on_unknown: OnUnknown = "error",
) -> Eligibility:
    """Return which users may be chosen.

    Args:
        users: All users.
        table: Their attributes, (users, columns) in code order; None if there are none.
        exclude: Ids to leave out, in any spelling (see `read_id_list`).
        where: Attributes that users must have.
        exclude_where: Attributes of users to leave out.
        on_unknown: Whether ids, or values of `exclude_where`, that leave nobody out are refused.

    Raises:
        SettingsError: `exclude` is not a list, or users have no such attribute.
        DataError: `exclude` or `exclude_where` leaves nobody out, and `on_unknown` is "error".
    """
    allowed = np.ones(len(users), bool)
    excluded = unknown = 0
    if exclude is not None:
        listed = read_id_list(exclude, users, on_unknown=on_unknown)
        allowed[listed.codes] = False
        excluded, unknown = len(listed.codes), len(listed.unknown)
    if where:
        allowed &= having(table, len(users), where, "Users")
    if exclude_where:
        strict = on_unknown == "error"
        allowed &= ~having(table, len(users), exclude_where, "Users", strict=strict, widely=True)
    return Eligibility(allowed, excluded, unknown)


def having(
    table: pd.DataFrame | None,
    num: int,
    conditions: Filter,
    what: str,
    *,
    strict: bool = False,
    widely: bool = False,
) -> Mask:
    """Return which rows of an attribute table have all of these attributes, shape (num,).

    A value that no row has as it stands means those that are spelt so ("3" for 3.0, "de" for "DE").

    Args:
        table: Attributes, or None.
        num: Rows.
        conditions: Attribute -> value or values.
        what: "Users" or "Items", for the message.
        strict: Whether a value that no row has is refused, not only named.
        widely: Whether a value means all that are spelt so even where a row has it as it stands,
            those that differ by case or wrappings, too.

    Raises:
        SettingsError: There is no such attribute.
        DataError: No row has a value, and `strict` is True.
    """
    names = [] if table is None else list(table.columns)
    matches = np.ones(num, bool)
    for name, wanted in conditions.items():
        if table is None or name not in names:
            raise _no_attribute(what, name, names)
        several = pd.api.types.is_list_like(wanted) and not isinstance(wanted, dict)
        values = list(wanted) if several else [wanted]
        matches &= _having_one_of(table[name], values, what, strict=strict, widely=widely)
    return matches


def _having_one_of(
    column: pd.Series[Any], values: list[Any], what: str, *, strict: bool, widely: bool
) -> Mask:
    codes, distinct = pd.factorize(column)
    values_present: pd.Index[Any] = pd.Index(np.asarray(distinct, object), dtype=object)
    exact = [values_present.isin([value]) for value in values]
    loose = Spellings(values_present).codes(values, widely=widely)
    meant = np.zeros(len(values_present), bool)
    absent = []
    for value, same, fitting in zip(values, exact, loose, strict=True):
        meant |= same
        if widely and same.any() and len(fitting) > same.sum():
            _say_alike(column, value, values_present[fitting])
        if widely or not same.any():
            meant[fitting] = True
        if not same.any() and not len(fitting):
            absent.append(value)
    if absent:
        _say_absent(column, values_present, absent, what, strict=strict)
    return np.asarray(np.append(meant, False)[codes])  # -1, a missing attribute, is nothing


def _say_alike(column: pd.Series[Any], value: Any, fitting: pd.Index[Any]) -> None:
    others = [repr(plain_value(one)) for one in fitting if plain_value(one) != value]
    warnings.warn(
        f"exclude_where {column.name} = {value!r} leaves out {', '.join(others[:_NAMED])} as well, "
        "which is the same but for the way of writing.",
        DataWarning,
        stacklevel=6,
    )


def _say_absent(
    column: pd.Series[Any], present: pd.Index[Any], absent: list[Any], what: str, *, strict: bool
) -> None:
    examples = ", ".join(repr(plain_value(value)) for value in present[:_NAMED])
    message = (
        f"{what} with {column.name} = {', '.join(map(repr, absent))} do not exist; its values are "
        f"{examples or 'all missing'}{', ...' if len(present) > _NAMED else ''}."
        f"{nearest(absent[0], present)}"
    )
    if strict:
        raise DataError(
            f"{message} Nobody would be left out by it: correct it, or pass on_unknown='warn'."
        )
    warnings.warn(message, DataWarning, stacklevel=6)


def akin_items(items: AnyIntegers, num: int, table: pd.DataFrame | None, like: ExcludeSeen) -> Mask:
    """Return which items are one of `items`, or equal one in an attribute, shape (num,).

    Missing attributes equal nothing.

    Args:
        items: Item codes.
        num: Number of items.
        table: Their attributes, (num, columns) in code order, or None.
        like: True, or attributes.

    Raises:
        SettingsError: Items have no such attribute.
    """
    akin = np.zeros(num, bool)
    akin[items] = True
    for codes in _attribute_codes(table, like):
        akin |= np.isin(codes, codes[items]) & (codes >= 0)
    return akin


def seen_pairs(
    seen: sp.csr_array,
    items: AnyIntegers,
    table: pd.DataFrame | None,
    like: ExcludeSeen,
) -> sp.csr_array:
    """Return who has seen which of `items`, or an item that equals it in an attribute.

    Args:
        seen: (n, num) sparse, 1 where a user has seen an item.
        items: (m,) item codes.
        table: See `akin_items`.
        like: See `akin_items`.

    Returns:
        (n, m) sparse, greater than 0 for these pairs.
    """
    pairs = seen[:, items]
    for codes in _attribute_codes(table, like):
        labelled = np.flatnonzero(codes >= 0)
        shape = (len(codes), int(codes.max(initial=-1)) + 1)
        has = sp.csr_array(
            (np.ones(len(labelled), np.int32), (labelled, codes[labelled])), shape=shape
        )
        pairs = pairs + (seen @ has) @ has[items].T
    return sp.csr_array(pairs)


def _attribute_codes(table: pd.DataFrame | None, like: ExcludeSeen) -> list[AnyArray]:
    """Return each attribute as codes, -1 where it is missing."""
    if isinstance(like, bool):
        return []
    names = [] if table is None else list(table.columns)
    codes = []
    for name in [like] if isinstance(like, str) else like:
        if table is None or name not in names:
            raise _no_attribute("Items", name, names)
        codes.append(pd.factorize(table[name])[0])
    return codes


def _no_attribute(what: str, name: str, names: list[Any]) -> SettingsError:
    return SettingsError(
        f"{what} have no attribute '{name}'.{nearest(name, names)} They have: "
        f"{', '.join(map(str, names)) or 'none'}."
    )
