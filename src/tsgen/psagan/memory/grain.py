"""What a series looks like from near: its grid, its bounds, what repeats, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Integers, Mask
from tsgen.data import SeriesDataset
from tsgen.data.series import split_freq
from tsgen.grids import find_grid

from .closures import CLOSED, RESTING, kinds_at, phases_of, uncontradicted
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
        phases: (n, P), what each phase of the week (or day, or year) is: 0 varies, 1 is closed (a
            value is always missing), and 2 + k rests at a level (a value is always `low`, `high` or
            one of `mode`, in this order). Shares are of the values at other phases.
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
    phases: AnyArray

    @classmethod
    def of(cls, dataset: SeriesDataset) -> Self:
        """Read the grain of each series; nothing is calibrated yet."""
        values, begins, lengths = dataset.values, dataset.offsets[:-1], dataset.lengths
        low, high = np.fmin.reduceat(values, begins), np.fmax.reduceat(values, begins)
        series = [dataset.series(i) for i in range(len(dataset))]
        grids = np.array([find_grid(part) for part in series]).reshape(-1, 3)
        modes = [inner_pile_ups(p, g[0] / g[2]) for p, g in zip(series, grids, strict=True)]
        mode = np.array(modes).reshape(-1, 2, MOST_PILE_UPS)[:, 0]
        phases = phases_of(dataset, np.column_stack([low, high, mode]))
        kinds = _kinds(dataset, phases)
        counted = np.isfinite(values) & (kinds == 0)
        count = np.maximum(np.add.reduceat(counted, begins, dtype=np.float64), 1)
        rate, mean = _gaps(dataset, kinds)

        def share(which: Mask, least: int = 1) -> Array:
            number = np.add.reduceat(which & counted, begins, dtype=np.float64)
            return np.where(number >= least, number, 0.0) / count

        repeats = np.concatenate([[False], values[1:] == values[:-1]])
        repeats[begins] = False
        unset = np.full(len(dataset), np.nan)
        return cls(
            **dict(zip(_GRID, grids.T, strict=True)),
            low=np.where(np.isnan(low), -np.inf, low),
            high=np.where(np.isnan(high), np.inf, high),
            low_share=share(values == np.repeat(low, lengths), 3),
            high_share=share(values == np.repeat(high, lengths), 3),
            mode=mode,
            mode_share=np.column_stack([share(values == np.repeat(m, lengths)) for m in mode.T]),
            repeat_share=share(repeats),
            gap_rate=rate,
            gap_length=mean,
            low_reach=unset,
            high_reach=unset,
            mode_reach=np.full_like(mode, np.nan),
            hold=unset,
            phases=phases,
        )

    @classmethod
    def unknown(cls, count: int) -> Self:
        """Return the grain of n series of which nothing is remembered: it changes no value."""
        values: dict[str, Any] = {f.name: np.zeros(count) for f in fields(cls)}
        values |= {name: np.full(count, np.nan) for name in _CALIBRATED}
        values |= {n: np.full((count, MOST_PILE_UPS), empty) for n, empty in _MODES.items()}
        values |= {"divisor": np.ones(count)}
        values |= {"low": np.full(count, -np.inf), "high": np.full(count, np.inf)}
        return cls(**(values | {"phases": np.zeros((count, 0), np.int8)}))

    def __len__(self) -> int:
        return len(self.step)

    @property
    def present(self) -> bool:
        """Whether anything is remembered; models of format 1 remember no grain."""
        return bool(np.isfinite(self.low).any())

    @property
    def piles_low(self) -> Mask:
        """Whose values pile up at `low`, (n,); a constant series has nothing that could."""
        return (self.low_share >= PILE_UP) & (self.low < self.high) | self._rests(0)

    @property
    def piles_high(self) -> Mask:
        """Whose values pile up at `high`, (n,)."""
        return (self.high_share >= PILE_UP) & (self.low < self.high) | self._rests(1)

    @property
    def piles_inside(self) -> Mask:
        """Whose values pile up at a `mode`, between the bounds, (n,)."""
        return np.asarray(np.isfinite(self.mode).any(axis=1))

    @property
    def closed(self) -> Mask:
        """Which phases are closed, (n, P)."""
        return np.asarray(self.phases == CLOSED)

    def _rests(self, level: int) -> Mask:
        """Return which series rest at a level, (n,)."""
        return np.asarray((self.phases == RESTING + level).any(axis=1))

    def closed_at(self, rows: Integers, starts: Integers, length: int, stride: int) -> Mask:
        """Return at which of `length` steps from `starts` the series `rows` are closed, (R, T)."""
        return np.asarray(kinds_at(self.phases, rows, starts, length, stride) == CLOSED)

    def closed_in(self, dataset: SeriesDataset) -> Mask:
        """Return which values of n series, one after another, are at a closed phase, (N,)."""
        return np.asarray(_kinds(dataset, self.phases) == CLOSED)

    def seen_in(self, dataset: SeriesDataset) -> Self:
        """Return the grain of n series that rest no more where they have another value now."""
        return replace(self, phases=uncontradicted(self.phases, self._levels, dataset))

    @property
    def _levels(self) -> Array:
        return np.column_stack([self.low, self.high, self.mode])

    def varies_at(self, rows: Integers, starts: Integers, length: int, stride: int) -> Mask:
        """Return at which of such steps series vary, (R, T)."""
        return np.asarray(kinds_at(self.phases, rows, starts, length, stride) == 0)

    def rest_at(self, rows: Integers, starts: Integers, length: int, stride: int) -> Array:
        """Return the values that series always have at such steps, (R, T); NaN where they vary."""
        levels = self._levels[rows]
        kinds = kinds_at(self.phases, rows, starts, length, stride)
        values = np.take_along_axis(levels, np.maximum(kinds - RESTING, 0), axis=1)
        return np.where(kinds >= RESTING, values, np.nan)

    def passed_by(self, low: Array, high: Array) -> tuple[Mask, Mask]:
        """Return which bounds others (n,), least and greatest values, lie beyond, below and above.

        By more than the rounding of float32 entries; what is not finite passes none.
        """
        below = np.isfinite(low) & (self.low - low > _ROUNDING * np.abs(low))
        above = np.isfinite(high) & (high - self.high > _ROUNDING * np.abs(high))
        return below, above

    def reaching(self, dataset: SeriesDataset) -> Self:
        """Return the grain with bounds that take in all that n series hold.

        Where a bound moves, nothing piles up or rests at it any more.
        """
        low = np.fmin.reduceat(dataset.values, dataset.offsets[:-1])
        high = np.fmax.reduceat(dataset.values, dataset.offsets[:-1])
        below, above = self.passed_by(low, high)
        return replace(
            self.unbounded(below, above), low=np.fmin(self.low, low), high=np.fmax(self.high, high)
        )

    def unbounded(self, below: Mask, above: Mask) -> Self:
        """Return the grain without a bound below, or above, for some of the series (n,)."""
        moved = np.stack([below, above], axis=1)[:, None] & (
            self.phases[..., None] == RESTING + np.arange(2)
        )
        return replace(
            self,
            low=np.where(below, -np.inf, self.low),
            high=np.where(above, np.inf, self.high),
            low_reach=np.where(below, np.nan, self.low_reach),
            high_reach=np.where(above, np.nan, self.high_reach),
            phases=np.where(moved.any(axis=2), 0, self.phases),
        )

    def rows(self, chosen: Integers) -> Self:
        """Return the grain of the chosen rows, repeats allowed."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def stacked(self, other: Grain) -> Self:
        """Return the rows of this, then those of `other`."""
        phases = max(self.phases.shape[1], other.phases.shape[1])
        pair = (self._with_phases(phases), other._with_phases(phases))
        return replace(
            self,
            **{f.name: np.concatenate([getattr(g, f.name) for g in pair]) for f in fields(self)},
        )

    def _with_phases(self, phases: int) -> Grain:
        """Return this grain with so many phases, all of which vary if it had another number."""
        if self.phases.shape[1] == phases:
            return self
        return replace(self, phases=np.zeros((len(self), phases), np.int8))

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
        """Return columns of a table; the kinds of phases as text of digits."""
        columns = {f"grain_{f.name}": getattr(self, f.name) for f in fields(self)}
        for name in _MODES:
            columns |= dict(zip(_mode_columns(name), columns[f"grain_{name}"].T, strict=True))
        marks = columns.pop("grain_phases").astype(np.uint8) + ord("0")
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
        names = [f.name for f in fields(cls) if f.name not in {*_MODES, "phases"}]
        values: dict[str, Array] = {name: table[f"grain_{name}"].to_numpy() for name in names}
        for name, empty in _MODES.items():
            values[name] = table.reindex(columns=_mode_columns(name), fill_value=empty).to_numpy()
        for name, column in values.items():
            if column.dtype.kind not in "biuf":
                raise ValueError(f"the column 'grain_{name}' of its series holds no numbers")
        if not (values["divisor"] > 0).all():
            raise ValueError("a grid has no divisor above 0")
        marks = np.frombuffer("".join(table["grain_closed"]).encode(), np.uint8) - ord("0")
        if (marks >= RESTING + 2 + MOST_PILE_UPS).any():
            raise ValueError("the column 'grain_closed' holds something else than kinds of phases")
        return cls(**values, phases=marks.astype(np.int8).reshape(len(table), -1))


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


def _kinds(dataset: SeriesDataset, phases: AnyArray) -> AnyArray:
    """Return of which kind every step of the dataset is, one series after another."""
    stride = split_freq(dataset.freq)[1]
    kinds = np.zeros(len(dataset.values), np.int8)
    for row in np.flatnonzero(phases.any(axis=1)):
        here = slice(*dataset.offsets[row : row + 2])
        one = np.array([row])
        length = int(dataset.lengths[row])
        kinds[here] = kinds_at(phases, one, dataset.starts[one], length, stride)[0]
    return kinds


def _gaps(dataset: SeriesDataset, kinds: AnyArray) -> tuple[Array, Array]:
    """Return the gaps that begin a step, and their mean length, closed steps left out."""
    rate, mean = np.zeros(len(dataset)), np.zeros(len(dataset))
    missing = np.isnan(dataset.values)
    for row in np.flatnonzero(np.logical_or.reduceat(missing, dataset.offsets[:-1])):
        here = slice(*dataset.offsets[row : row + 2])
        gap = missing[here][kinds[here] != CLOSED]
        begun = int(np.diff(gap.astype(np.int8), prepend=0).clip(0).sum())
        if begun:
            rate[row] = begun / max(int((~gap).sum()), 1)
            mean[row] = gap.sum() / begun
    return rate, mean
