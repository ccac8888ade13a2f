"""What groups' lists and outcomes add up to, under any weights of their members."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array, Integers

from ..facets import OTHER_GROUP, UNKNOWN_GROUP, Facet

__all__ = ["Counts", "GroupSums", "Selection", "divide"]


@dataclass(frozen=True, eq=False)
class Counts:
    """Sums over a group, arrays of one shape each: one number, or one a draw and stratum.

    Attributes:
        n: Places in lists that the members could have had (one list: the members).
        selected: Of these, taken.
        acted: Of these, with an outcome.
        hits: Of these, taken and with an outcome.
    """

    n: Array
    selected: Array
    acted: Array
    hits: Array

    @property
    def false_alarms(self) -> Array:
        """Taken, without an outcome."""
        return self.selected - self.hits

    @property
    def missed(self) -> Array:
        """Not taken, with an outcome."""
        return self.acted - self.hits

    @property
    def passed(self) -> Array:
        """Not taken, without an outcome."""
        return self.n - self.selected - self.missed

    def over_strata(self) -> Counts:
        """Return the sums over the last axis."""
        return Counts(*(part.sum(axis=-1) for part in self.parts))

    @property
    def parts(self) -> tuple[Array, Array, Array, Array]:
        """The four sums."""
        return self.n, self.selected, self.acted, self.hits


@dataclass(frozen=True, eq=False)
class Selection:
    """Who of n users was taken in how many of some lists, and what they did later.

    Attributes:
        places: Lists that each user could be in.
        selected: (n,) lists that each is in; a fraction where equal scores share a place.
        acted: (n,) lists about something that each engaged with later; NaN if not known.
        hits: (n,) lists that each is in and engaged with; NaN if not known.
    """

    places: int
    selected: Array
    acted: Array
    hits: Array

    @classmethod
    def of_list(cls, selected: Any, acted: Any = None) -> Selection:
        """Return the selection of one list: (n,) who was taken, and who acted if known."""
        taken = np.asarray(selected, np.float64)
        outcome = np.full(len(taken), np.nan) if acted is None else np.asarray(acted, np.float64)
        return cls(1, taken, outcome, taken * outcome)

    def __len__(self) -> int:
        return len(self.selected)

    @property
    def columns(self) -> Array:
        """What is summed, (n, 4)."""
        places = np.full(len(self), float(self.places))
        return np.column_stack([places, self.selected, self.acted, self.hits])


@dataclass(frozen=True, eq=False)
class GroupSums:
    """The sums of every group and stratum of a facet.

    Attributes:
        facet: The groups.
        selection: Who was taken.
        strata: (n,) stratum of each user; all 0 is one stratum.
    """

    facet: Facet
    selection: Selection
    strata: Integers

    @cached_property
    def compared(self) -> list[int]:
        """Codes of the groups that are compared with others."""
        observed = [group != UNKNOWN_GROUP for group in self.facet.groups]
        peopled = self.facet.sizes > 0
        rest = {code: sum(peopled[k] for k in range(len(observed)) if observed[k] and k != code)
                for code in range(len(observed))}  # fmt: skip
        return [
            code
            for code, group in enumerate(self.facet.groups)
            if group != OTHER_GROUP and peopled[code] and rest[code]
        ]

    def pairs(self, weights: Array | None = None) -> tuple[Counts, Counts]:
        """Return the sums of those compared with (a), and of the groups (d).

        Args:
            weights: (b, n) how often each user counts, a row a draw; None counts each once.

        Returns:
            Counts of shape (b, compared groups, strata) each.
        """
        sums = self._sums(np.ones((1, len(self.selection))) if weights is None else weights)
        observed = np.array([group != UNKNOWN_GROUP for group in self.facet.groups])
        mine = sums[:, self.compared]
        rest = (
            sums[:, observed].sum(axis=1, keepdims=True)
            - mine * observed[self.compared][:, None, None]
        )
        return Counts(*np.moveaxis(rest, -1, 0)), Counts(*np.moveaxis(mine, -1, 0))

    def _sums(self, weights: Array) -> Array:
        """Return the sums by draw, group, stratum and column, (b, G, S, 4)."""
        size = len(self.facet.groups), int(self.strata.max(initial=0)) + 1, 4
        return np.asarray(weights @ self._cells).reshape(len(weights), *size)

    @cached_property
    def _cells(self) -> sp.csr_array:
        """What each user adds to each cell, (n, G * S * 4)."""
        groups, strata = len(self.facet.groups), int(self.strata.max(initial=0)) + 1
        n = len(self.selection)
        first = (self.facet.codes * strata + self.strata) * 4
        columns = (first[:, None] + np.arange(4)).ravel()
        values = self.selection.columns.ravel()
        offsets = np.arange(n + 1) * 4
        return sp.csr_array((values, columns, offsets), shape=(n, groups * strata * 4))


def divide(top: Any, bottom: Any) -> Array:
    """Return top / bottom; 0 / 0 is 0, and anything else over 0 is infinite."""
    top, bottom = np.broadcast_arrays(np.asarray(top, float), np.asarray(bottom, float))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where((top == 0) & (bottom == 0), 0.0, top / bottom))
