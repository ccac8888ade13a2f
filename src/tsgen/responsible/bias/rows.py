"""Measures of a facet, and parts of its gap, under draws of users; and as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tsgen.arrays import Array
from tsgen.metrics import percentile_interval

from ..facets import Facet
from .counts import GroupSums, Selection, divide
from .measures import FEWEST, GroupMeasure
from .split import PARTS

__all__ = ["TOO_FEW", "MeasureDraws", "SplitDraws", "measure_rows", "split_rows"]

TOO_FEW = "too few to say"


@dataclass(frozen=True, eq=False)
class MeasureDraws:
    """Measures of all compared groups of a facet as one function of the users' weights.

    Attributes:
        sums: Sums of the groups.
        measures: What is measured.
    """

    sums: GroupSums
    measures: Sequence[GroupMeasure]

    def __call__(self, weights: Array | None) -> Array:
        """Return the values under each row of weights (b, n), (b, groups, measures)."""
        a, d = self.sums.pairs(weights)
        return np.stack([measure(a, d) for measure in self.measures], axis=-1)

    @cached_property
    def support(self) -> Array:
        """(groups, measures) users that carry each value: not more than there are users."""
        a, d = self.sums.pairs()
        users = np.minimum(*(c.n.sum(axis=-1) for c in (a, d))) / self.sums.selection.places
        carried = np.stack([m.support_of(a, d) for m in self.measures], axis=-1)
        return np.asarray(np.minimum(carried, users[..., None])[0])

    @property
    def groups(self) -> list[str]:
        """Names of the compared groups."""
        return [self.sums.facet.groups[code] for code in self.sums.compared]


@dataclass(frozen=True, eq=False)
class SplitDraws:
    """The parts of the gap of all compared groups as a function of the users' weights.

    Attributes:
        facet: The groups.
        places: Lists that a user could be in.
        split: (3, n) what each part adds to a user's places.
        selected: (n,) places taken.
    """

    facet: Facet
    places: int
    split: Array
    selected: Array

    def __call__(self, weights: Array | None) -> Array:
        """Return the gaps p_a - p_d of each part, (b, groups, 3)."""
        return np.stack([self._gap(part, weights) for part in self._sums], axis=-1)

    @cached_property
    def _sums(self) -> list[GroupSums]:
        none = np.full(len(self.selected), np.nan)
        one = np.zeros(len(self.selected), np.int64)
        return [GroupSums(self.facet, Selection(self.places, part, none, none), one)
                for part in self.split]  # fmt: skip

    @staticmethod
    def _gap(sums: GroupSums, weights: Array | None) -> Array:
        a, d = (counts.over_strata() for counts in sums.pairs(weights))
        return divide(a.selected, a.n) - divide(d.selected, d.n)


def measure_rows(measured: MeasureDraws, drawn: Array) -> list[dict[str, Any]]:
    """Return a row for each group and measure.

    Args:
        measured: The measures.
        drawn: (draws, groups, measures) their values under draws of users.
    """
    values = measured(None)[0]
    rows = []
    for place, group in enumerate(measured.groups):
        for column, measure in enumerate(measured.measures):
            support = float(measured.support[place, column])
            row = _row(measured.sums.facet.name, group, measure.name, support)
            row |= _numbers(values[place, column], drawn[:, place, column], support)
            rows.append(row | {"better": "one" if measure.even == 1 else "lower"})
    return rows


def split_rows(
    parts: SplitDraws, drawn: Array, measures: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return a row for each group and part of DPPL; they are as sure as DPPL itself.

    Args:
        parts: The parts.
        drawn: (draws, groups, 3) their values under draws of users.
        measures: Rows of `measure_rows`.
    """
    whole = [row for row in measures if row["metric"] == "DPPL"]
    values = parts(None)[0]
    rows = []
    for place, gap in enumerate(whole):
        for column, part in enumerate(PARTS):
            row = _row(gap["facet"], gap["group"], f"DPPL from {part}", gap["support"])
            row |= _numbers(values[place, column], drawn[:, place, column], gap["support"])
            rows.append(row | {"better": "lower"})
    return rows


def _row(facet: str, group: str, metric: str, support: float) -> dict[str, Any]:
    return {"facet": facet, "group": group, "metric": metric, "support": support}


def _numbers(value: float, drawn: Array, support: float) -> dict[str, Any]:
    """Return value, spread and interval; none of them where too few users carry it."""
    if support < FEWEST:
        return dict.fromkeys(("value", "spread", "low", "high"), np.nan) | {"note": TOO_FEW}
    low, high = percentile_interval(drawn, "nearest")  # a ratio may be infinite
    finite = drawn[np.isfinite(drawn)]
    spread = float(finite.std(ddof=1)) if len(finite) > 1 else np.nan
    return {"value": float(value), "spread": spread, "low": low, "high": high,
            "note": ""}  # fmt: skip
