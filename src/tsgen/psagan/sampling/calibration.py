"""How near to a pile-up, or to the value before, a draw counts as the same: set after training.

Windows are drawn of the training series whose values pile up, at a bound or inside, or repeat; the
reach is chosen for each so that as many samples as real values do so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import Array, Integers, Mask
from tsgen.data.series import parts_of
from tsgen.rng import numpy_stream

from ..memory import Grain, SeriesTable
from .constraints import Constraints
from .zero_threshold import zero_threshold

if TYPE_CHECKING:
    from ..synthesizer import PSAGANSynthesizer

__all__ = ["DRAWN_WINDOWS", "MOST_SERIES", "calibrate", "calibrated", "needing"]

DRAWN_WINDOWS = 2048
"""Windows that are drawn, of all series together."""
MOST_SERIES = 2048
"""Series that are calibrated one by one, at most, drawn at random; others take what is typical of
such as pile up or repeat as often."""
_ROUNDS = 10
_REPEATING = 0.05
"""Series in which fewer values repeat the one before are not held."""


def calibrate(model: PSAGANSynthesizer) -> None:
    """Set what a trained model needs to give back zeros, pile-ups and repeats."""
    model.zero_below = zero_threshold(model)
    model.tables = _calibrated_tables(model)
    model.table = model.tables[0]


def _calibrated_tables(model: PSAGANSynthesizer) -> tuple[SeriesTable, ...]:
    """Return what the model remembers of each channel, with reaches that suit its draws."""
    needed = [needing(table) for table in model.tables]
    rows = np.flatnonzero(np.logical_or.reduce(needed))
    if not len(rows):
        return model.tables
    rows = np.sort(numpy_stream(model.seed, "calibration").permutation(rows)[:MOST_SERIES])
    items = [model.table.item_ids[i] for i in rows]
    draws = max(DRAWN_WINDOWS // len(rows), 4)
    drawn = model.sample(draws, items=items, constraints=None, missing="none", seed=model.seed)
    whose, stride = np.repeat(rows, draws), model.conditions.calendar.stride
    tables = []
    for table, part in zip(model.tables, parts_of(drawn), strict=True):
        values = part.values.reshape(len(whose), -1)
        varies = table.grain.varies_at(whose, part.starts, values.shape[1], stride)
        free = np.where(varies, values, np.nan).reshape(len(rows), draws, -1)
        tables.append(calibrated(table, rows, free, model.zero_below))
    return tuple(tables)


def needing(table: SeriesTable) -> Mask:
    """Return of which series something is to be found, (n,)."""
    grain = table.grain
    trained = (table.index > 0) & (table.scaler.scale > 0)
    piled = grain.piles_low | grain.piles_high | grain.piles_inside
    affected = piled | (grain.repeat_share >= _REPEATING)
    chosen: Mask = trained & affected
    return chosen


def calibrated(table: SeriesTable, rows: Integers, drawn: Array, zero_below: float) -> SeriesTable:
    """Return the table with the reaches of `rows`, of which `drawn` (R, K, L) were drawn.

    NaN in `drawn` is missing, or at a phase at which the series does not vary.
    """
    grain, scale = table.grain.rows(rows), table.scaler.scale[rows]
    steady = np.where(scale > 0, scale, 1.0)
    flat = drawn.reshape(len(rows), -1)
    below = _quantiles(flat, grain.low_share)
    above = _quantiles(flat, 1 - grain.high_share)
    low_reach = np.maximum((below - grain.low) / steady, 0.0)
    high_reach = np.maximum((grain.high - above) / steady, 0.0)
    away = (np.abs(flat - mode[:, None]) for mode in grain.mode.T)  # NaN where there is none
    reaches = [_quantiles(a, s) / steady for a, s in zip(away, grain.mode_share.T, strict=True)]
    full = replace(
        table.grain,
        mode_reach=_set(table.grain.mode_reach, rows, np.array(reaches).T),
        low_reach=_set(table.grain.low_reach, rows, np.where(grain.piles_low, low_reach, np.nan)),
        high_reach=_set(
            table.grain.high_reach, rows, np.where(grain.piles_high, high_reach, np.nan)
        ),
    )
    table = replace(table, grain=full)
    held = _held(table, rows, drawn, zero_below)
    return replace(table, grain=held.calibrated_as(held))


def _held(table: SeriesTable, rows: Integers, drawn: Array, zero_below: float) -> Grain:
    """Return the grain with the width below which a step is none, found by halving."""
    wanted = table.grain.repeat_share[rows]
    few, many = np.zeros(len(rows)), np.full(len(rows), 4.0)
    for _ in range(_ROUNDS):
        middle = (few + many) / 2
        short = _repeats(table, rows, drawn, middle, zero_below) < wanted
        few, many = np.where(short, middle, few), np.where(short, many, middle)
    enough = _repeats(table, rows, drawn, np.zeros(len(rows)), zero_below) >= wanted - 0.02
    width = np.where(enough | (wanted < _REPEATING), 0.0, few)
    return replace(table.grain, hold=_set(table.grain.hold, rows, width))


def _repeats(
    table: SeriesTable, rows: Integers, drawn: Array, width: Array, zero_below: float
) -> Array:
    """Return the share of repeats (R,) with this width of each series."""
    grain = replace(table.grain, hold=_set(table.grain.hold, rows, width))
    held = Constraints.resolve("infer", replace(table, grain=grain), zero_below)
    whose = np.repeat(rows, drawn.shape[1])
    values = held.apply(drawn.reshape(len(whose), -1), table.scaler.scale, whose)
    same = np.diff(values, axis=1) == 0
    there = ~np.isnan(values[:, 1:])
    counts = [which.reshape(len(rows), -1).sum(axis=1) for which in (same, there)]
    return np.asarray(counts[0] / np.maximum(counts[1], 1))


def _quantiles(values: Array, levels: Array) -> Array:
    """Return the quantile of each row of `values` (R, N) at its own level (R,)."""
    pairs = zip(values, levels, strict=True)
    return np.array([_quantile(row[~np.isnan(row)], level) for row, level in pairs])


def _quantile(values: Array, level: float) -> float:
    """Return a quantile; NaN of nothing."""
    return float(np.quantile(values, min(max(level, 0.0), 1.0))) if len(values) else np.nan


def _set(values: Array, rows: Integers, new: Array) -> Array:
    """Return `values` with `new` in the given rows."""
    changed = values.copy()
    changed[rows] = new
    return changed
