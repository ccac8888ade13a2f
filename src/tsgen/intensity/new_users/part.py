"""Users without events as their attributes describe them: how active, and for which items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Indices, Mask, Singles
from tsgen.contracts import TableDescription, table_describer

from ..scoring import Candidates
from .lifts import lifts

__all__ = ["AttributeUsers", "Standardised", "any_attribute"]

_ITEMS = 100
"""Items of a user whose intensities are the user's own; all others share what is left."""
_NUMBERS = 10_000_000


def any_attribute(table: pd.DataFrame) -> Mask:
    """Return which rows have a value other than missing, (n,)."""
    return np.asarray(table.notna().any(axis=1))


@dataclass(frozen=True, eq=False)
class Standardised:
    """A description whose numbers have mean 0 and, all together, a mean square of 1.

    Attributes:
        name: In `TABLE_DESCRIBERS`.
        description: It.
        columns: Of the table, those that it reads.
        mean: (d,). scale: (d,).
    """

    name: str
    description: TableDescription
    columns: tuple[str, ...]
    mean: Array
    scale: Array

    @classmethod
    def learnt(
        cls, name: str, table: pd.DataFrame, seed: int, encoder: TableDescription | None = None
    ) -> Self:
        """Learn from attributes; columns that name each row by itself are left out.

        `encoder` has learnt from another table, and reads whatever columns it knows.
        """
        columns = tuple(str(c) for c in table if encoder or not _names_rows(table[c]))
        read = table[list(columns)]
        description = encoder or table_describer(name).learnt(read, seed)
        numbers = description.transform(read).astype(np.float64)
        varied = np.maximum(numbers.std(axis=0), 1e-6)
        return cls(name, description, columns, numbers.mean(axis=0), varied * len(varied) ** 0.5)

    def __call__(self, table: pd.DataFrame) -> Array:
        """Return the numbers, (n, d)."""
        read = table[list(self.columns)] if set(self.columns) <= {*table} else table
        return np.asarray((self.description.transform(read) - self.mean) / self.scale)


@dataclass(frozen=True, eq=False)
class AttributeUsers:
    """What attributes say of users without events.

    Activity and intensities of such a user are those of any user without events, times lifts of the
    attributes; what the user expects of all items together is kept.

    Attributes:
        numbers: From attributes to numbers.
        activity: (d, 1) slopes of the lift of the activity.
        items: (d, items) slopes of the lifts of the items.
        facts: rule, users (that it is learnt from), gain_activity and gain_items (see
            `share_gain`; of users held out).
    """

    numbers: Standardised
    activity: Singles
    items: Singles
    facts: dict[str, Any] = field(default_factory=dict)

    def extend(self, candidates: Candidates) -> Candidates:
        """Return candidates in which users without events are as their attributes say."""
        table = candidates.user_table
        if table is None:
            return candidates
        fresh = candidates.without_past & candidates.listed & any_attribute(table)
        rows = np.flatnonzero(fresh)
        if not len(rows):
            return candidates
        numbers = self.numbers(table.iloc[rows])
        activity = candidates.activity.copy()
        activity[rows] *= lifts(numbers, self.activity)[:, 0]
        shift, pairs = self._preferences(candidates, rows, numbers)
        bias = candidates.states.bias.copy()
        bias[rows] += shift
        states = replace(candidates.states.with_pairs(pairs), bias=bias)
        return replace(candidates, states=states, activity=activity, users_on_attributes=rows)

    def arrays(self) -> dict[str, AnyArray]:
        """Return arrays by name, for saving."""
        own: dict[str, AnyArray] = {"mean": self.numbers.mean, "scale": self.numbers.scale}
        own |= {"activity": self.activity, "items": self.items}
        described = self.numbers.description.arrays()
        return own | {f"description.{name}": array for name, array in described.items()}

    def to_json(self) -> dict[str, Any]:
        """Return JSON values, for saving."""
        numbers = self.numbers
        return {
            "describer": numbers.name,
            "columns": list(numbers.columns),
            "description": numbers.description.to_json(),
            "facts": self.facts,
        }

    @classmethod
    def from_arrays(cls, saved: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> Self:
        """Return what `to_json` and `arrays` came from."""
        start = "description."
        own = {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
        description = table_describer(saved["describer"]).restored(saved["description"], own)
        columns = tuple(saved["columns"])
        place = arrays["mean"], arrays["scale"]
        numbers = Standardised(saved["describer"], description, columns, *place)
        return cls(numbers, arrays["activity"], arrays["items"], saved["facts"])

    def _preferences(
        self, candidates: Candidates, rows: Indices, numbers: Array
    ) -> tuple[Array, sp.csr_array]:
        """Return what to add to the bias of the rows, and the pairs (users, items) of their own."""
        shares = candidates.parts().shares.select_users(rows)
        step = max(_NUMBERS // max(shares.shape[1], 1), 1)
        shifts, parts = [], []
        for begin in range(0, len(rows), step):
            part = slice(begin, begin + step)
            base = shares.block(part, slice(0, shares.shape[1])).astype(np.float64)
            later = base.shape[1] - self.items.shape[1]  # items that came later have no lift
            slopes = np.pad(self.items, ((0, 0), (0, max(later, 0))))[:, : base.shape[1]]
            shift, own = _own_pairs(base, lifts(numbers[part], slopes))
            shifts.append(shift)
            parts.append(own)
        own = sp.csr_array(sp.vstack(parts), dtype=np.float32)
        begins = np.zeros(len(candidates.states) + 1, np.int64)
        begins[rows + 1] = np.diff(own.indptr)
        shape = len(candidates.states), own.shape[1]
        placed = sp.csr_array((own.data, own.indices, np.cumsum(begins)), shape=shape)
        return np.concatenate(shifts), placed


def _own_pairs(base: Array, lift: Array) -> tuple[Array, sp.csr_array]:
    """Return a shift of the logarithms of `base`, (r,), and what comes on top of it, (r, m) sparse.

    Together they have the sums of `base`. The items that the lifts raise most get base times lift,
    brought to that sum; the others keep their odds.
    """
    mass = base.sum(axis=1, keepdims=True)
    wanted = base * lift
    wanted *= mass / np.maximum(wanted.sum(axis=1, keepdims=True), 1e-300)
    raised = wanted - base
    if base.shape[1] > _ITEMS:
        least = -np.partition(-raised, _ITEMS, axis=1)[:, _ITEMS : _ITEMS + 1]
        raised = np.where(raised > least, raised, 0.0)
    own = raised > 0
    rest = np.maximum((mass - (wanted * own).sum(axis=1, keepdims=True)), 1e-12 * mass)
    left = np.where(own, 0.0, base).sum(axis=1, keepdims=True)
    factor = np.minimum(rest / np.maximum(left, 1e-300), 1.0)
    on_top = np.where(own, wanted - factor * base, 0.0)
    return np.log(np.maximum(factor[:, 0], 1e-30)), sp.csr_array(on_top)


def _names_rows(column: pd.Series[Any]) -> bool:
    """Return whether most values are of one row each, as names and addresses are."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return False
    given = column.dropna()
    return bool(len(given) > 20 and given.astype(str).nunique() > len(given) / 2)
