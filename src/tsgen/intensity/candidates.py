"""Who and what may be listed at a time: the users' states, what they expect, all attributes."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from tsgen.data import Vocabulary
from tsgen.data.columns import plain_value
from tsgen.errors import DataError, DataWarning

from .cold_items import ItemPart
from .eligibility import Filter, allowed_users
from .scores import ScoreMatrix
from .user_states import UserStates

__all__ = ["Candidates", "filled"]


@dataclass(frozen=True, eq=False)
class Candidates:
    """n users at a time and the m items of a model.

    Attributes:
        states: The users.
        activity: (n,) events that the activity model expects.
        items: The items.
        item_part: Their factors and biases.
        user_table: Attributes, (n, columns), or None.
        item_table: Attributes, (m, columns), or None.
        listed: (n,) whether a table says that the user exists.
    """

    states: UserStates
    activity: npt.NDArray[np.float64]
    items: Vocabulary
    item_part: ItemPart
    user_table: pd.DataFrame | None
    item_table: pd.DataFrame | None
    listed: npt.NDArray[np.bool_]

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """Who is known to exist: who did nothing yet may not, unless a table says so, (n,)."""
        return np.asarray(self.listed | (np.diff(sp.csr_array(self.states.seen).indptr) > 0))

    def scores(self, *, recur: bool = True) -> ScoreMatrix:
        """Return the intensities.

        Args:
            recur: Whether pairs that have occurred have a score.
        """
        states, (factors, item_bias) = self.states, self.item_part
        with np.errstate(divide="ignore"):
            bias = states.bias + np.log(self.activity)
        pairs = sp.csr_array(states.pairs.multiply(self.activity[:, None]))
        pairs.eliminate_zeros()
        return ScoreMatrix(
            states.users.ids,
            self.items.ids,
            states.factors,
            factors,
            bias,
            item_bias,
            pairs=pairs if pairs.nnz else None,
            excluded=None if recur else states.seen,
        )

    def columns(self, items: list[Any]) -> npt.NDArray[np.intp]:
        """Return the columns of these items, each once.

        Raises:
            DataError: There are none, or one has neither events nor attributes to score it by.
            UnknownIdError: There is no such item.
        """
        if not items:
            raise DataError("The list of items is empty; name at least one.")
        columns = self.items.find(items)
        columns = columns[np.sort(np.unique(columns, return_index=True)[1])]
        cold = columns[np.isneginf(self.item_part[1][columns])]
        if len(cold):
            stranger = plain_value(self.items.ids[cold[0]])
            raise DataError(
                f"Item {stranger!r} has no event before the training cut-off and shares no "
                "attribute with an item that has; give it attributes (items=...) and train again.",
                item_id=stranger,
            )
        return columns

    def allowed(
        self,
        exclude: Iterable[Any] | None,
        where: Filter | None,
        exclude_where: Filter | None,
    ) -> npt.NDArray[np.bool_]:
        """Return who may be listed, (n,); see `allowed_users`."""
        table, users = self.user_table, self.states.users
        if (where or exclude_where) and table is not None and not self.listed.all():
            stranger = plain_value(users.ids[int((~self.listed).argmax())])
            warnings.warn(
                f"{int((~self.listed).sum())} of {len(users)} users are in no table of users (the "
                f"first: {stranger!r}), so no attribute applies to them; give the newer log one "
                "(users=...).",
                DataWarning,
                stacklevel=3,
            )
        return allowed_users(users, table, exclude, where, exclude_where) & self.present


def filled(
    newer: pd.DataFrame | None, older: pd.DataFrame | None, rows: npt.NDArray[np.integer]
) -> pd.DataFrame | None:
    """Return newer attributes, and the older ones that they do not tell.

    Args:
        newer: (n, columns), or None.
        older: Attributes, or None.
        rows: (n,) row of `older` for each row of `newer`, -1 where there is none.
    """
    if older is not None:
        older = older.reset_index(drop=True).reindex(rows).reset_index(drop=True)
    if newer is None or older is None:
        return older if newer is None else newer
    columns: dict[Any, Any] = {}
    for name in dict.fromkeys([*newer.columns, *older.columns]):
        if name in newer and name in older:
            told, before = newer[name], older[name]
            if told.dtype != before.dtype:
                told, before = told.astype(object), before.astype(object)
            columns[name] = told.where(told.notna(), before)
        else:
            columns[name] = newer[name] if name in newer else older[name]
    return pd.DataFrame(columns)
