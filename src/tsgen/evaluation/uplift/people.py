"""Users of tables beside a log, in whatever spelling."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen.arrays import Indices
from tsgen.data import Vocabulary, plain_value
from tsgen.data.events import spelling
from tsgen.errors import DataError, DataWarning

__all__ = ["People"]


class People:
    """The users of a log, and how entries of other tables name them.

    An entry that is an id as it stands is that user; another one is the user whose id has the same
    `spelling` (7, "007" and 7.0 are one).

    Args:
        users: Of the log.
    """

    def __init__(self, users: Vocabulary) -> None:
        self._users = users

    def codes(self, ids: pd.Series[Any], table: str) -> Indices:
        """Return the code of the user of each row, -1 where the log has none, (rows,).

        Args:
            ids: Entries.
            table: What the table is called, for messages.

        Raises:
            DataError: An entry may be several users.
        """
        codes = self._users.codes(ids)
        strange = np.flatnonzero(codes < 0)
        rows, fitting = self._users.spellings.rows(ids.iloc[strange])
        several = np.flatnonzero(np.bincount(rows, minlength=len(strange)) > 1)
        if len(several):
            row = int(strange[several[0]])
            one, two = (plain_value(self._users.ids[k]) for k in fitting[rows == several[0]][:2])
            raise DataError(
                f"The table of {table} has {len(several)} users who may be several of the log's "
                f"(the first: {plain_value(ids.iloc[row])!r} in row {row} may be {one!r} or "
                f"{two!r}); write them as the log does.",
                field="user_id",
                row=row,
            )
        codes[strange[rows]] = fitting
        return codes

    def keys(self, ids: pd.Series[Any], codes: Indices) -> npt.NDArray[np.object_]:
        """Return what is equal for rows of one user, be it unknown to the log, (rows,)."""
        keys = codes.astype(object)
        strange = np.flatnonzero(codes < 0)
        keys[strange] = [spelling(one) for one in ids.iloc[strange]]
        return keys

    def check(self, ids: pd.Series[Any], codes: Indices, table: str) -> int:
        """Return how many users are not in the log.

        Raises:
            DataError: None is.

        Warns:
            DataWarning: Some are not.
        """
        unknown = codes < 0
        if not unknown.any():
            return 0
        distinct = len({spelling(one) for one in ids[unknown]})
        first = plain_value(ids.iloc[int(unknown.argmax())])
        if unknown.all():
            raise DataError(
                f"None of the {distinct} users of {table} is in the log (the first: {first!r}); "
                "are the ids written as there?",
                field="user_id",
            )
        warnings.warn(
            f"{distinct} users of {table} have no event in the log (the first: {first!r}) and "
            "count as users who did nothing; are their ids written as there?",
            DataWarning,
            stacklevel=4,
        )
        return distinct
