"""What a series looks like from near: its grid, its bounds, what repeats, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers, Mask
from tsgen.data import SeriesDataset
from tsgen.data.series import split_freq
from tsgen.grids import find_grid

from .closures import closed_at, closed_phases
from .pile_ups import MOST_PILE_UPS, PILE_UP, inner_pile_ups

__all__ = ["Grain"]


_GRID = ("step", "offset", "divisor")
_CALIBRATED = {
    "low_reach": "low_share",
    "high_reach": "high_share",
    "mode_reach": "mode_share",
    "hold": "repeat_share",
}
"""What is found after training -> the share of values that it gives back."""
_ROUNDING = 1e-6
_GROUPS = 16
"""Groups of calibrated series, by that share, whose medians are typical."""
_MODES = {"mode": np.nan, "mode_share": 0.0, "mode_reach": np.nan}
"""Of several pile-ups, in a column each, and what stands in for what earlier versions lack."""


@dataclass(frozen=True)
class Grain:
    """The grain of n series, in arrays of n rows.

    Attributes:
        step: Of the grid of the latest values; 0 is none. See `tsgen.grids`.
        offset: Of the grid.
        divisor: Of the grid.
        low: Least observed value; minus infinity if there is none.
        high: Greatest observed value; infinity if there is none.
        low_share: Share of the values that are `low`; 0 if fewer than three are.
        high_share: The same of `high`.
        mode: (n, M) values between the bounds at which values pile up; NaN where there is none.
        mode_share: (n, M) shares of the values that are so.
        repeat_share: Share of the values that equal the one before.
        gap_rate: Gaps that begin, for each step that is not closed.
        gap_length: Mean steps of a gap, closed ones left out.
        low_reach: Drawn values up to so many scales above `low` become `low`. Found after training;
            NaN where values do not pile up there, or nothing was found.
        high_reach: The same below `high`.
        mode_reach: (n, M) drawn values so near to a `mode` become it; NaN likewise.
        hold: A drawn value less than so many scales from the one before repeats it; NaN likewise.
        closed: (n, P) phases of the week (or day, or year) at which a value is always missing.
    """

    step: Array
    offset: Array
    divisor: Array
    low: Array
    high: Array
    low_share: Array
    high_share: Array
    mode: Array
    mode_share: Array
    repeat_share: Array
    gap_rate: Array
    gap_length: Array
    low_reach: Array
    high_reach: Array
    mode_reach: Array
    hold: Array
    closed: Mask

    @classmethod
    def of(cls, dataset: SeriesDataset) -> Self:
        """Read the grain of each series; nothing is calibrated yet."""
        values, begins, lengths = dataset.values, dataset.offsets[:-1], dataset.lengths
        observed = np.isfinite(values)
        count = np.maximum(np.add.reduceat(observed, begins, dtype=np.float64), 1)
        low, high = np.fmin.reduceat(values, begins), np.fmax.reduceat(values, begins)
        repeats = np.concatenate([[False], values[1:] == values[:-1]])
        repeats[begins] = False
        series = [dataset.series(i) for i in range(len(dataset))]
        grids = np.array([find_grid(part) for part in series]).reshape(-1, 3)
        modes = [inner_pile_ups(p, g[0] / g[2]) for p, g in zip(series, grids, strict=True)]
        mode, mode_share = np.array(modes).reshape(-1, 2, MOST_PILE_UPS).swapaxes(0, 1)
        closed = closed_phases(dataset)
        rate, mean = _gaps(dataset, closed)

        def share(which: Mask, least: int = 1) -> Array:
            number = np.add.reduceat(which, begins, dtype=np.float64)
            return np.where(number >= least, number, 0.0) / count

        unset = np.full(len(dataset), np.nan)
        return cls(
            **dict(zip(_GRID, grids.T, strict=True)),
            low=np.where(np.isnan(low), -np.inf, low),
            high=np.where(np.isnan(high), np.inf, high),
            low_share=share(values == np.repeat(low, lengths), 3),
            high_share=share(values == np.repeat(high, lengths), 3),
            mode=mode,
            mode_share=mode_share,
            repeat_share=share(repeats),
            gap_rate=rate,
            gap_length=mean,
            low_reach=unset,
            high_reach=unset,
            mode_reach=np.full_like(mode, np.nan),
            hold=unset,
            closed=closed,
        )

    @classmethod
    def unknown(cls, count: int) -> Self:
        """Return the grain of n series of which nothing is remembered: it changes no value."""
        values: dict[str, Any] = {f.name: np.zeros(count) for f in fields(cls)}
        values |= {name: np.full(count, np.nan) for name in _CALIBRATED}
        values |= {n: np.full((count, MOST_PILE_UPS), empty) for n, empty in _MODES.items()}
        values |= {"divisor": np.ones(count)}
        values |= {"low": np.full(count, -np.inf), "high": np.full(count, np.inf)}
        return cls(**(values | {"closed": np.zeros((count, 0), bool)}))

    def __len__(self) -> int:
        return len(self.step)

    @property
    def present(self) -> bool:
        """Whether anything is remembered; models of format 1 remember no grain."""
        return bool(np.isfinite(self.low).any())

    @property
    def piles_low(self) -> Mask:
        """Whose values pile up at `low`, (n,); a constant series has nothing that could."""
        return (self.low_share >= PILE_UP) & (self.low < self.high)

    @property
    def piles_high(self) -> Mask:
        """Whose values pile up at `high`, (n,)."""
        return (self.high_share >= PILE_UP) & (self.low < self.high)

    @property
    def piles_inside(self) -> Mask:
        """Whose values pile up at a `mode`, between the bounds, (n,)."""
        return np.asarray(np.isfinite(self.mode).any(axis=1))

    def passed_by(self, low: Array, high: Array) -> tuple[Mask, Mask]:
        """Return which bounds others (n,), least and greatest values, lie beyond, below and above.

        By more than the rounding of float32 entries; what is not finite passes none.
        """
        below = np.isfinite(low) & (self.low - low > _ROUNDING * np.abs(low))
        above = np.isfinite(high) & (high - self.high > _ROUNDING * np.abs(high))
        return below, above

    def reaching(self, dataset: SeriesDataset) -> Self:
        """Return the grain with bounds that take in all that n series hold.

        Where a bound moves, nothing piles up at it any more.
        """
        low = np.fmin.reduceat(dataset.values, dataset.offsets[:-1])
        high = np.fmax.reduceat(dataset.values, dataset.offsets[:-1])
        below, above = self.passed_by(low, high)
        return replace(
            self,
            low=np.fmin(self.low, low),
            high=np.fmax(self.high, high),
            low_reach=np.where(below, np.nan, self.low_reach),
            high_reach=np.where(above, np.nan, self.high_reach),
        )

    def rows(self, chosen: Integers) -> Self:
        """Return the grain of the chosen rows, repeats allowed."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def stacked(self, other: Grain) -> Self:
        """Return the rows of this, then those of `other`."""
        phases = max(self.closed.shape[1], other.closed.shape[1])
        pair = (self._with_phases(phases), other._with_phases(phases))
        return replace(
            self,
            **{f.name: np.concatenate([getattr(g, f.name) for g in pair]) for f in fields(self)},
        )

    def _with_phases(self, phases: int) -> Grain:
        """Return this grain with so many phases, none closed if it had another number."""
        if self.closed.shape[1] == phases:
            return self
        return replace(self, closed=np.zeros((len(self), phases), bool))

    def overlaid(self, where: Integers, rows: Grain) -> Self:
        """Return this grain with that of `rows` in the places `where`; grids of its own stay."""
        order = np.arange(len(self))
        order[where] = len(self) + np.arange(len(where))
        result = self.stacked(rows).rows(order)
        own = self.step > 0
        grids = {n: np.where(own, getattr(self, n), getattr(result, n)) for n in _GRID}
        return replace(result, **grids)

    def calibrated_as(self, other: Grain) -> Self:
        """Return this grain with what is typical of `other` where nothing was calibrated.

        Typical is what series have of which as many values pile up, or repeat.
        """
        needed = (self.piles_low, self.piles_high, np.isfinite(self.mode), self.repeat_share > 0)
        changes = {}
        for (name, share), where in zip(_CALIBRATED.items(), needed, strict=True):
            mine, theirs = getattr(self, name), getattr(other, name)
            usual = _typical(theirs, getattr(other, share), getattr(self, share))
            changes[name] = np.where(where & np.isnan(mine), usual, mine)
        return replace(self, **changes)

    def to_columns(self) -> dict[str, Any]:
        """Return columns of a table; the closed phases as text of 0 and 1."""
        columns = {f"grain_{f.name}": getattr(self, f.name) for f in fields(self)}
        for name in _MODES:
            columns |= dict(zip(_mode_columns(name), columns[f"grain_{name}"].T, strict=True))
        marks = self.closed.astype(np.uint8) + ord("0")
        columns["grain_closed"] = [row.tobytes().decode() if row.size else "" for row in marks]
        return columns

    @classmethod
    def from_columns(cls, table: pd.DataFrame) -> Self:
        """Read what `to_columns` returned; of a table without it, nothing is remembered.

        Raises:
            ValueError: A grid has no divisor, or a column holds something else than numbers.
        """
        if "grain_step" not in table:
            return cls.unknown(len(table))
        names = [f.name for f in fields(cls) if f.name not in _MODES]
        values: dict[str, Array] = {name: table[f"grain_{name}"].to_numpy() for name in names}
        for name, empty in _MODES.items():
            values[name] = table.reindex(columns=_mode_columns(name), fill_value=empty).to_numpy()
        for name, column in values.items():
            if name != "closed" and column.dtype.kind not in "biuf":
                raise ValueError(f"the column 'grain_{name}' of its series holds no numbers")
        if not (values["divisor"] > 0).all():
            raise ValueError("a grid has no divisor above 0")
        marks = np.frombuffer("".join(values["closed"]).encode(), np.uint8) == ord("1")
        return cls(**(values | {"closed": marks.reshape(len(table), -1)}))


def _typical(calibrated: Array, shares: Array, wanted: Array) -> Array:
    """Return what series of the wanted shares would have: between the medians of groups of others.

    Args:
        calibrated: What others have; NaN where nothing was calibrated.
        shares: Theirs, of the same shape.
        wanted: Shares of the series asked for, of any shape.

    Returns:
        As many as wanted; 0 if nothing was calibrated.
    """
    usable = np.isfinite(calibrated)
    if not usable.any():
        return np.zeros(wanted.shape)
    order = np.argsort(shares[usable], kind="stable")
    pairs = np.array([shares[usable][order], calibrated[usable][order]])
    groups = np.array_split(pairs, min(_GROUPS, len(order)), axis=1)
    middles = np.array([np.median(group, axis=1) for group in groups]).T
    return np.asarray(np.interp(wanted, *middles))


def _mode_columns(name: str) -> list[str]:
    """Return one name a pile-up; the first is that of versions which knew one."""
    return [f"grain_{name}", *(f"grain_{name}_{k}" for k in range(2, MOST_PILE_UPS + 1))]


def _gaps(dataset: SeriesDataset, closed: Mask) -> tuple[Array, Array]:
    """Return the gaps that begin a step, and their mean length, closed phases left out."""
    stride = split_freq(dataset.freq)[1]
    rate, mean = np.zeros(len(dataset)), np.zeros(len(dataset))
    missing = np.isnan(dataset.values)
    for row in np.flatnonzero(np.logical_or.reduceat(missing, dataset.offsets[:-1])):
        here = missing[dataset.offsets[row] : dataset.offsets[row + 1]]
        rows = np.array([row])
        shut = closed_at(closed, rows, dataset.starts[rows], len(here), stride)[0]
        gap = here[~shut]
        begun = int(np.diff(gap.astype(np.int8), prepend=0).clip(0).sum())
        if begun:
            rate[row] = begun / max(int((~gap).sum()), 1)
            mean[row] = gap.sum() / begun
    return rate, mean
