"""Which users may be in an audience: lists to leave out, and conditions on attributes."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen.data import Vocabulary
from tsgen.errors import DataWarning, SettingsError, nearest

__all__ = ["Filter", "allowed_users", "having"]

Filter = Mapping[str, Any]
"""Attribute -> the value, or a list of the values, that it must have."""


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
            f"{unknown} of {len(asked)} users to exclude are not known (the first: {stranger!r}).",
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
    """
    names = [] if table is None else list(table.columns)
    matches = np.ones(num, bool)
    for name, wanted in conditions.items():
        if table is None or name not in names:
            raise SettingsError(
                f"{what} have no attribute '{name}'.{nearest(name, names)} They have: "
                f"{', '.join(names) or 'none'}."
            )
        values = wanted if isinstance(wanted, list | tuple | set) else [wanted]
        matches &= table[name].isin(list(values)).to_numpy()
    return matches
