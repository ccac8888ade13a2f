"""Filling gaps with draws that agree with what is observed on both sides.

A window is laid over each gap, the generator is told every observed value in it, before it and
after it, and draws what is missing; observed values are never touched. A gap longer than the
window is filled from left to right: each window goes on from the draws of the one before, and sees
the far side as soon as it lies within the context.

Shape legend: n series, S samples of each, D steps of the longest series, P and A steps of context,
L window length, T = P + L + A.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers, Mask
from tsgen.data import SeriesDataset, as_pandas
from tsgen.data.series import SeriesScaler, to_series
from tsgen.errors import DataError, DataWarning
from tsgen.rng import KeyedStreams, entry_keys

from ..memory import DataFacts, Grain, SeriesTable, closed_at, say_without_statics
from ..sampling import check_request, series_facts, within_bounds
from .drawing import ContextDrawing, FrameRows

__all__ = ["Imputation", "plan_windows"]

_VALUES = 4_000_000
"""Values of series and samples that are worked on at a time."""


@dataclass(frozen=True)
class Imputation:
    """Fills gaps with a trained generator.

    Attributes:
        drawing: Draws windows in their contexts.
        data: What the model knows of its training data.
        table: What it remembers of each training series.
        scaling: How series are scaled.
        hold_non_negative: Whether series without negative values get none.
        infer: Whether fills have the grid and the bounds of their series, and closed hours stay.
    """

    drawing: ContextDrawing
    data: DataFacts
    table: SeriesTable
    scaling: Any
    hold_non_negative: bool
    infer: bool = True

    def completed(self, dataset: Any, num_samples: int, seed: int) -> SeriesDataset:
        """Return completed copies; see `PSAGANPredictor.impute`."""
        check_request(num_samples, None, None, None)
        dataset = self.data.with_features(_read(self.data, dataset), required=True)
        self.data.refuse_other_grid(dataset)
        trained = self.table.places(list(dataset.item_ids)) >= 0
        say_without_statics(dataset, self.data.static_names, trained)
        absent = np.isnan(dataset.values)
        _refuse_unobserved(dataset, np.add.reduceat(absent, dataset.offsets[:-1], dtype=np.int64))
        missing = absent & ~self._closed(dataset)
        count = np.add.reduceat(missing, dataset.offsets[:-1], dtype=np.int64)
        if closed := int(absent.sum() - count.sum()):
            warnings.warn(
                f"{closed} missing values are at times of the day, week or year at which their "
                "series never has one; they stay missing. constraints=None fills them too.",
                DataWarning,
                stacklevel=3,
            )
        if not count.any():
            warnings.warn(
                "Nothing is missing in these series; the copies are the series themselves.",
                DataWarning,
                stacklevel=3,
            )
        copies = np.repeat(np.arange(len(dataset)), num_samples)
        lengths = dataset.lengths[copies]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        source = np.repeat(dataset.offsets[copies] - offsets[:-1], lengths)
        values = dataset.values[source + np.arange(offsets[-1])]
        todo = np.flatnonzero(count)
        for rows in _groups(dataset.lengths, todo, num_samples):
            part = dataset.subset(rows)
            drawn = self._fill(part, self._closed(part), num_samples, seed)
            for row, paths in zip(rows, drawn, strict=True):
                first, length = offsets[row * num_samples], dataset.lengths[row]
                here = values[first : first + num_samples * length].reshape(num_samples, length)
                gap = missing[dataset.offsets[row] : dataset.offsets[row + 1]]
                here[:, gap] = paths[:, :length][:, gap]
        return _copies_of(dataset, values, offsets, count, num_samples, seed)

    def _closed(self, dataset: SeriesDataset) -> Mask:
        """Return which values are at a phase that is always missing, (N,)."""
        closed = self._facts(dataset).grain.closed
        if not self.infer or not closed.any():
            return np.zeros(len(dataset.values), bool)
        stride = self.drawing.conditions.calendar.stride
        rows = np.arange(len(dataset))
        return np.concatenate([
            closed_at(closed, rows[i : i + 1], dataset.starts[i : i + 1], int(length), stride)[0]
            for i, length in enumerate(dataset.lengths)
        ])  # fmt: skip

    def _fill(self, dataset: SeriesDataset, closed: Mask, num_samples: int, seed: int) -> Array:
        """Return the series of one group, complete, in original units: (n, S, D)."""
        table, stride = self._facts(dataset), self.drawing.conditions.calendar.stride
        steps = np.arange(dataset.lengths.max())
        inside = steps < dataset.lengths[:, None]
        place = np.minimum(dataset.offsets[:-1, None] + steps, dataset.values.size - 1)
        values = np.where(inside, dataset.values[place], np.nan)
        rest = np.isnan(values) & inside & ~closed[place]
        work = np.repeat(
            table.scaler.apply(values, np.arange(len(values)))[:, None], num_samples, 1
        )
        positions = (dataset.starts - table.starts) // stride
        entries, places = np.arange(len(dataset)), np.zeros(len(dataset), np.int64)
        whose = FrameRows(table.index, table.static, dataset.starts, positions, entries, places)
        covariates = self.drawing.covariates(self.data.dynamic, dataset.dynamic)
        keys = entry_keys(dataset.item_ids, dataset.starts, dataset.lengths)
        streams = KeyedStreams.of(seed, "gaps", keys).repeated(num_samples)
        done = 0
        while rest.any():
            active = np.flatnonzero(rest.any(axis=1))
            begin, filled = plan_windows(rest[active], dataset.lengths[active], self.drawing.length)
            frames = self._frames(work[active], begin, dataset.lengths[active])
            rows = whose.rows(active).later(begin, stride).repeat(num_samples)
            whose_draws = (active[:, None] * num_samples + np.arange(num_samples)).reshape(-1)
            mine = streams.rows(whose_draws)
            drawn = self.drawing.windows(frames, rows, mine, done, covariates)
            _put(work, active, begin, filled, drawn.reshape(len(active), num_samples, -1))
            rest[active] &= ~filled
            done += 1
        full = table.scaler.invert(work, np.arange(len(work)))
        if self.hold_non_negative:
            full = np.where(table.non_negative[:, None, None], np.maximum(full, 0.0), full)
        if not self.infer:
            return full
        grain = _reaching(table.grain, dataset).rows(np.repeat(np.arange(len(full)), num_samples))
        return within_bounds(full.reshape(-1, full.shape[2]), grain).reshape(full.shape)

    def _facts(self, dataset: SeriesDataset) -> SeriesTable:
        """Return facts of the series; one remembered as constant counts by its own values."""
        table = series_facts(dataset, self.table, self.data, self.scaling)
        own = SeriesScaler.fit(dataset.values, dataset.offsets, self.scaling)
        flat = table.scaler.scale == 0
        scaler = SeriesScaler(
            np.where(flat, own.location, table.scaler.location),
            np.where(flat, own.scale, table.scaler.scale),
        )
        return replace(table, scaler=scaler)

    def _frames(self, work: Array, begin: Integers, lengths: Integers) -> Array:
        """Return the frames (n S, T) of the windows that begin at `begin`."""
        context = self.drawing.context
        around = np.arange(-context.before, self.drawing.length + context.after)
        place = begin[:, None] + around
        outside = (place < 0) | (place >= lengths[:, None])
        place = np.clip(place, 0, work.shape[2] - 1)
        frames = np.take_along_axis(work, np.broadcast_to(
            place[:, None], (len(work), work.shape[1], place.shape[1])
        ), axis=2)  # fmt: skip
        frames = np.where(outside[:, None], np.nan, frames)
        return frames.reshape(-1, frames.shape[2])


def _reaching(grain: Grain, dataset: SeriesDataset) -> Grain:
    """Return the grain with bounds that take in what is observed, newer than training or not."""
    low = np.fmin.reduceat(dataset.values, dataset.offsets[:-1])
    high = np.fmax.reduceat(dataset.values, dataset.offsets[:-1])
    return replace(grain, low=np.fmin(grain.low, low), high=np.fmax(grain.high, high))


def plan_windows(rest: Mask, lengths: Integers, window: int) -> tuple[Integers, Mask]:
    """Lay a window over the first gap of each series.

    Returns:
        Where the windows begin (n,), and which steps (n, D) they fill: all that is missing in them,
        but for a later gap that they would cut.
    """
    steps = np.arange(rest.shape[1])
    first = rest.argmax(axis=1)
    after_gap = ~rest & (steps > first[:, None])
    end = np.where(after_gap.any(axis=1), after_gap.argmax(axis=1), rest.shape[1])
    span = end - first
    begin = np.where(span <= window, first - (window - span) // 2, first)
    begin = np.clip(begin, 0, np.maximum(lengths - window, 0))
    stop = np.minimum(begin + window, rest.shape[1])
    last_known = np.maximum.accumulate(np.where(rest, -1, steps), axis=1)
    run = np.take_along_axis(last_known, stop[:, None] - 1, axis=1)[:, 0] + 1
    beyond = np.take_along_axis(rest, np.minimum(stop, rest.shape[1] - 1)[:, None], axis=1)[:, 0]
    cut = beyond & (stop < rest.shape[1]) & (run > first)
    stop = np.where(cut, np.minimum(run, stop), stop)
    return begin, rest & (steps >= begin[:, None]) & (steps < stop[:, None])


def _put(work: Array, active: Integers, begin: Integers, filled: Mask, drawn: Array) -> None:
    """Write the drawn windows (n, S, L) into the steps that they fill."""
    row, step = np.nonzero(filled)
    work[active[row], :, step] = drawn[row, :, step - begin[row]]


def _groups(lengths: Integers, rows: Integers, num_samples: int) -> Iterator[Integers]:
    """Split series into groups of bounded size, those of like lengths together."""
    if not len(rows):
        return
    ordered = rows[np.argsort(lengths[rows], kind="stable")]
    size = max(int(_VALUES // (num_samples * lengths[rows].max())), 1)
    for first in range(0, len(ordered), size):
        yield ordered[first : first + size]


def _refuse_unobserved(dataset: SeriesDataset, missing: Integers) -> None:
    empty = missing == dataset.lengths
    if empty.any():
        item_id = dataset.item_ids[int(np.argmax(empty))]
        raise DataError(
            f"Series {item_id!r} has no observed value ({int(empty.sum())} such series): there is "
            "nothing for its fill to agree with. Leave it out, or forecast it from its past.",
            item_id=item_id,
        )


def _copies_of(
    dataset: SeriesDataset,
    values: Array,
    offsets: Integers,
    missing: Integers,
    num_samples: int,
    seed: int,
) -> SeriesDataset:
    """Return the completed copies as a dataset whose entries say what was filled."""
    copies = np.repeat(np.arange(len(dataset)), num_samples)
    features = dataset.dynamic
    if features is not None:
        features = features.cut(copies, np.zeros_like(copies), features.lengths[copies])
    item_ids = [f"imputed/{source}/{k}" for source in _names(dataset) for k in range(num_samples)]
    return replace(
        dataset,
        values=values,
        offsets=offsets,
        starts=dataset.starts[copies],
        item_ids=tuple(item_ids),
        static_cat=dataset.static_cat[copies],
        static_real=dataset.static_real[copies],
        dynamic=features,
        info=tuple(
            {
                "synthetic": bool(missing[i]),
                "source_item_id": dataset.item_ids[i],
                "model": "psa-gan-c",
                "seed": seed,
                "imputed_steps": int(missing[i]),
            }
            for i in copies
        ),
    )


def _read(facts: DataFacts, dataset: Any) -> SeriesDataset:
    """Return univariate series of a dataset or table, with the features of the model."""
    dataset = as_pandas(dataset)
    if isinstance(dataset, pd.DataFrame) and facts.dynamic is not None:
        return to_series(dataset, **facts.dynamic.columns_in(dataset.columns))
    return to_series(dataset)


def _names(dataset: SeriesDataset) -> list[str]:
    """Return the ids as distinct texts: 1 and "1" may both be series."""
    texts = [str(item_id) for item_id in dataset.item_ids]
    if len(set(texts)) == len(texts):
        return texts
    return [repr(item_id) for item_id in dataset.item_ids]
