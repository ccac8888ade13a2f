"""Who and what may be in a list: ids to leave out, attributes, and what users have seen already."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from tsgen.data import Vocabulary, plain_value
from tsgen.errors import DataWarning, SettingsError, nearest

__all__ = [
    "ExcludeSeen",
    "Filter",
    "akin_items",
    "allowed_users",
    "check_size",
    "having",
    "seen_pairs",
]

Filter = Mapping[str, Any]
"""Attribute -> the value, or a list of the values, that it must have."""

ExcludeSeen = bool | str | Sequence[str]
"""Whether users are kept from what they have seen; an attribute of items, or several, means from
everything that equals a seen item in it as well."""

_NAMED = 10


def allowed_users(
    users: Vocabulary,
    table: pd.DataFrame | None,
    exclude: Iterable[Any] | None,
    where: Filter | None,
    exclude_where: Filter | None,
) -> npt.NDArray[np.bool_]:
    """Return which users may be chosen, shape (users,).

    Args:
        users: All users.
        table: Their attributes, (users, columns) in code order; None if there are none.
        exclude: Ids to leave out.
        where: Attributes that users must have.
        exclude_where: Attributes of users to leave out.

    Raises:
        SettingsError: `exclude` is not a list, or users have no such attribute.
    """
    allowed = np.ones(len(users), bool)
    if exclude is not None:
        allowed[_excluded(users, exclude)] = False
    if where:
        allowed &= having(table, len(users), where, "Users")
    if exclude_where:
        allowed &= ~having(table, len(users), exclude_where, "Users")
    return allowed


def _excluded(users: Vocabulary, exclude: Iterable[Any]) -> npt.NDArray[np.intp]:
    if isinstance(exclude, str | pd.DataFrame):
        raise SettingsError(
            f"exclude is a {type(exclude).__name__}; give a list of user ids, such as "
            "table['user_id']."
        )
    asked = list(exclude)
    codes = users.codes(asked)
    if unknown := int((codes < 0).sum()):
        stranger = asked[int((codes < 0).argmax())]
        warnings.warn(
            f"{unknown} of {len(asked)} users to exclude are not known (the first: "
            f"{plain_value(stranger)!r}).",
            DataWarning,
            stacklevel=5,
        )
    return np.asarray(codes[codes >= 0])


def having(
    table: pd.DataFrame | None, num: int, conditions: Filter, what: str
) -> npt.NDArray[np.bool_]:
    """Return which rows of an attribute table have all of these attributes, shape (num,).

    Args:
        table: Attributes, or None.
        num: Rows.
        conditions: Attribute -> value or values.
        what: "Users" or "Items", for the message.

    Raises:
        SettingsError: There is no such attribute.
    """
    names = [] if table is None else list(table.columns)
    matches = np.ones(num, bool)
    for name, wanted in conditions.items():
        if table is None or name not in names:
            raise _no_attribute(what, name, names)
        values = wanted if isinstance(wanted, list | tuple | set) else [wanted]
        found = table[name].isin(list(values)).to_numpy()
        if not found.any():
            _warn_of_nothing(table[name], list(values), what)
        matches &= found
    return matches


def _warn_of_nothing(column: pd.Series[Any], wanted: list[Any], what: str) -> None:
    known = column.dropna().unique()
    some = ", ".join(repr(plain_value(value)) for value in known[:_NAMED])
    warnings.warn(
        f"{what} with {column.name} = {', '.join(map(repr, wanted))} do not exist; its values are "
        f"{some or 'all missing'}{', ...' if len(known) > _NAMED else ''}.",
        DataWarning,
        stacklevel=5,
    )


def akin_items(
    items: npt.NDArray[np.integer], num: int, table: pd.DataFrame | None, like: ExcludeSeen
) -> npt.NDArray[np.bool_]:
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
    items: npt.NDArray[np.integer],
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
    found = seen[:, items]
    for codes in _attribute_codes(table, like):
        known = np.flatnonzero(codes >= 0)
        shape = (len(codes), int(codes.max(initial=-1)) + 1)
        has = sp.csr_array((np.ones(len(known), np.int32), (known, codes[known])), shape=shape)
        found = found + (seen @ has) @ has[items].T
    return sp.csr_array(found)


def _attribute_codes(table: pd.DataFrame | None, like: ExcludeSeen) -> list[npt.NDArray[Any]]:
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


def check_size(size: int | None, threshold: float | None) -> None:
    """Refuse a list without an end: neither `size` nor `threshold`, or an impossible one."""
    if size is None and threshold is None:
        raise SettingsError("An audience needs size=USERS, threshold=PROBABILITY, or both.")
    whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
    if size is not None and (not whole or size < 1):
        raise SettingsError(f"size={size!r} is not possible: use a whole number from 1.")
    number = isinstance(threshold, int | float | np.number)
    if threshold is not None and not (number and 0 <= threshold <= 1):
        raise SettingsError(f"threshold={threshold!r} is not possible: use a probability, 0 to 1.")
