"""Items that rest on attributes alone: what they get of each user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import AnyArray, AnyIntegers, Array
from tsgen.data import Vocabulary
from tsgen.data.events import Spend

from ..relevance import ItemPart
from ..scoring import Candidates, UserStates

__all__ = ["AttributeItems", "NewItemLevels", "user_columns"]

_LEAST = 1e-12
_USERS = 2_000


def user_columns(activity: Array, width: Array) -> Array:
    """Return the logarithms of the activity and of 1 + the items seen, (users, 2)."""
    return np.column_stack([np.log(np.maximum(activity, _LEAST)), np.log1p(width)])


@dataclass(frozen=True, eq=False)
class NewItemLevels:
    """What first purchases rest on. Attributes: slopes (5,), see `PRIOR`; offset, of affinities."""

    slopes: Array
    offset: float

    def of_items(self, weights: sp.csr_array, shares: Array) -> Array:
        """Return the items' part of the logarithm, (c,), by the neighbours' shares."""
        near = np.where(np.diff(weights.indptr) > 0, weights @ shares, shares.mean())
        return np.asarray(self.slopes[0] + self.slopes[2] * np.log(near))

    def of_users(self, activity: Array, width: Array) -> Array:
        """Return the users' part of the logarithm, (users,)."""
        return np.asarray(user_columns(activity, width) @ self.slopes[[1, 3]])

    def lift(self, affinity: sp.csr_array) -> sp.csr_array:
        """Return what the affinity multiplies the intensity by, less 1, sparse."""
        lifted = affinity.copy()
        lifted.data = np.expm1(self.slopes[4] * np.log1p(affinity.data / self.offset))
        return lifted


@dataclass(frozen=True, eq=False)
class AttributeItems:
    """c items without events, by the items with events that they go with.

    The intensity of a user u and such an item i is exp(user(u) + level(i)) times a power of (1 +
    affinity / offset), where the affinity is the weight of the neighbours of i that u has seen. The
    intensities of a user, with those of all other items, add up to the activity at most.

    Attributes:
        ids: Items that training did not know; the others were known without an event.
        table: Attributes of `ids`.
        columns: (c,) codes of all, those of `ids` after those of training.
        weights: (c, items) sparse, of the items with events, each row adding up to 1 or 0.
        level: (c,) logarithms.
        levels: What they rest on.
        facts: rule, items, first_purchases (that the slopes are learnt from), contribution (of what
            events tell of items the share that attributes tell; None where that is unknown) and
            doubts, in sentences.
    """

    ids: Vocabulary
    table: pd.DataFrame
    columns: AnyIntegers
    weights: sp.csr_array
    level: Array
    levels: NewItemLevels
    facts: dict[str, Any] = field(default_factory=dict)

    def extend(self, candidates: Candidates, seen_share: float) -> Candidates:
        """Return the candidates with these items.

        Args:
            candidates: Of the items of training.
            seen_share: Share of the activity that goes to items with events; what new items take
                beyond the rest is taken from all alike.
        """
        states, num_new = candidates.states, len(self.ids)
        total = self.weights.shape[1] + num_new
        lowest, lift, mass = self._parts(candidates)
        part = candidates.item_part
        bias = np.append(part.bias, np.full(num_new, -np.inf))
        bias[self.columns] = self.level
        factors = np.zeros((total, part.factors.shape[1] + 1), np.float32)
        factors[: len(part.factors), :-1] = part.factors
        factors[self.columns] = 0.0
        factors[self.columns, -1] = 1.0
        return replace(
            candidates,
            states=_with_pairs(states, lowest, lift, self.columns, total),
            items=self.all_items(candidates.items),
            item_part=ItemPart(factors, bias.astype(np.float32), self.columns[:0]),
            item_table=self.all_attributes(candidates.item_table),
            spend=self._with_spend(candidates.spend),
            crowding=np.maximum(seen_share + mass, 1.0),
            on_attributes=self.columns,
            likeness=self.weights,
        )

    def all_items(self, items: Vocabulary) -> Vocabulary:
        """Return the items of training and the new ones, in this order."""
        if not len(self.ids):
            return items
        joined = [*items.ids, *self.ids.ids]
        return Vocabulary(pd.Index(joined, tupleize_cols=False), "item")

    def rescaled(self, before: float, now: float) -> Self:
        """Return the items for chances whose scale is another: they stay as likely."""
        return replace(self, level=self.level + np.log(before / now))

    def arrays(self) -> dict[str, Any]:
        """Return arrays and numbers by name, for saving."""
        w = self.weights
        return {
            "columns": self.columns.astype(np.int64),
            "weights.data": w.data.astype(np.float32),
            "weights.indices": w.indices.astype(np.int32),
            "weights.indptr": w.indptr.astype(np.int64),
            "level": self.level,
            "slopes": self.levels.slopes,
            "offset": self.levels.offset,
        }

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, AnyArray],
        ids: Vocabulary,
        table: pd.DataFrame,
        num_items: int,
        facts: dict[str, Any],
    ) -> Self:
        """Return what `arrays` came from."""
        parts = tuple(arrays[f"weights.{name}"] for name in ("data", "indices", "indptr"))
        weights = sp.csr_array(parts, shape=(len(arrays["columns"]), num_items))
        levels = NewItemLevels(arrays["slopes"], float(arrays["offset"].item()))
        return cls(ids, table, arrays["columns"], weights, arrays["level"], levels, facts)

    def _parts(self, candidates: Candidates) -> tuple[Array, sp.csr_array, Array]:
        """Return, relative to the activity: each user's logarithm, lifts (n, c), and the mass."""
        seen = sp.csr_array(candidates.states.seen, dtype=np.float64)
        width = np.asarray(seen.sum(axis=1)).ravel()
        activity = np.maximum(candidates.activity, _LEAST)
        lowest = self.levels.of_users(activity, width) - np.log(activity)
        level_rate = np.exp(self.level)
        lifts = []
        for begin in range(0, max(len(width), 1), _USERS):
            rows = slice(begin, begin + _USERS)
            lift = self.levels.lift(sp.csr_array(seen[rows] @ self.weights.T))
            lifts.append(sp.diags_array(np.exp(lowest[rows])) @ lift @ sp.diags_array(level_rate))
        lift = sp.csr_array(sp.vstack(lifts), dtype=np.float32)
        mass = np.exp(lowest) * level_rate.sum() + np.asarray(lift.sum(axis=1)).ravel()
        return lowest, lift, mass

    def all_attributes(self, table: pd.DataFrame | None) -> pd.DataFrame | None:
        """Return attributes of the items of training, and those of the new ones."""
        if table is None or not len(self.ids):
            return table
        return pd.concat([table, self.table.reindex(columns=table.columns)], ignore_index=True)

    def _with_spend(self, spend: Spend | None) -> Spend | None:
        """Return prices of the new items, too: their neighbours' mean."""
        if spend is None:
            return None
        rows = self.weights[len(self.columns) - len(self.ids) :]
        there = np.diff(rows.indptr) > 0
        prices = np.where(there, rows @ spend.prices, spend.prices.mean())
        return replace(spend, prices=np.concatenate([spend.prices, prices]))


def _with_pairs(
    states: UserStates, lowest: Array, lift: sp.csr_array, columns: AnyIntegers, total: int
) -> UserStates:
    """Return states with a factor for the new items, and pairs of them.

    A pair that has occurred since is the pair part's.
    """
    where = lift.data, columns[lift.indices], lift.indptr
    added = sp.csr_array(where, shape=(len(states), total))
    finite = np.where(np.isneginf(states.bias), 0.0, states.bias)
    factors = np.column_stack([states.factors, lowest - finite]).astype(np.float32)
    return replace(states.with_pairs(added), factors=factors)
