"""Filling gaps with draws that agree with what is observed on both sides.

A window is laid over each gap, the generator is told every observed value in it, before it and
after it, and draws what is missing; observed values are never touched. A gap longer than the
window is filled from left to right: each window goes on from the draws of the one before, and sees
the far side as soon as it lies within the context.

Of several channels, a window is laid over the first gap of any, and what is missing in each of them
is drawn together.

Shape legend: n series, C channels, S samples of each, D steps of the longest series, P and A steps
of context, L window length, T = P + L + A.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers, Mask
from tsgen.data import MultivariateDataset, SeriesDataset, as_dataset, as_pandas, as_series
from tsgen.data.series import SeriesScaler, joined, parts_of
from tsgen.errors import DataError, DataWarning
from tsgen.memory import check_steps
from tsgen.rng import KeyedStreams, entry_keys

from ..memory import (
    DataFacts,
    SeriesTable,
    say_new_series,
    say_without_statics,
)
from ..sampling import Constraints, check_request, series_facts
from .drawing import ContextDrawing, FrameRows

__all__ = ["MEDIAN_OF", "Imputation", "plan_windows"]

Dataset = SeriesDataset | MultivariateDataset

MEDIAN_OF = 19
"""Draws of a median: of an odd number it is one of them at each step, on the grid of its series."""
_VALUES = 4_000_000
"""Values of series and samples that are worked on at a time."""


@dataclass(frozen=True)
class Imputation:
    """Fills gaps with a trained generator.

    Attributes:
        drawing: Draws windows in their contexts.
        data: What the model knows of its training data.
        tables: What it remembers of each training series, by channel.
        scaling: How series are scaled.
        hold_non_negative: Whether series without negative values get none.
        infer: Whether fills have the grid and the bounds of their series, and closed hours stay.
        median: Whether the one copy of each series has the median of several draws.
    """

    drawing: ContextDrawing
    data: DataFacts
    tables: Sequence[SeriesTable]
    scaling: Any
    hold_non_negative: bool
    infer: bool = True
    median: bool = False

    def completed(self, dataset: Any, num_samples: int, seed: int) -> Dataset:
        """Return completed copies; see `PSAGANPredictor.impute`."""
        check_request(num_samples, None, None, None)
        dataset = self.data.with_features(_read(self.data, dataset), required=True)
        self.data.refuse_other_grid(dataset)
        trained = self.tables[0].places(list(dataset.item_ids)) >= 0
        say_new_series(dataset.item_ids, trained, self.tables[0].item_ids)
        say_without_statics(parts_of(dataset)[0], self.data.static_names, trained)
        parts = parts_of(dataset)
        values = np.stack([part.values for part in parts])  # (C, steps)
        check_steps(num_samples * values.size, f"num_samples={num_samples}")
        absent = np.isnan(values)
        absences = np.add.reduceat(absent, dataset.offsets[:-1], axis=1, dtype=int)
        _refuse_unobserved(parts, absences, self.data.channels)
        missing = absent & ~np.stack(self._closed(parts))
        count = np.add.reduceat(missing.sum(axis=0), dataset.offsets[:-1], dtype=np.int64)
        _say_closed(int(absent.sum() - count.sum()), left=int(count.sum()))
        copies = np.repeat(np.arange(len(dataset)), num_samples)
        lengths = dataset.lengths[copies]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        source = np.repeat(dataset.offsets[copies] - offsets[:-1], lengths)
        values = values[:, source + np.arange(offsets[-1])]
        draws = MEDIAN_OF if self.median else num_samples
        for rows in _groups(dataset.lengths, np.flatnonzero(count), draws * len(parts)):
            drawn = self._fill(parts_of(dataset.subset(rows)), draws, seed)
            drawn = np.median(drawn, axis=2, keepdims=True) if self.median else drawn
            for row, paths in zip(rows, drawn, strict=True):  # (C, S, D)
                first, length = offsets[row * num_samples], dataset.lengths[row]
                here = values[:, first : first + num_samples * length]
                here = here.reshape(len(parts), num_samples, length)
                gap = missing[:, None, dataset.offsets[row] : dataset.offsets[row + 1]]
                np.copyto(here, paths[:, :, :length], where=gap)
        filled = [_copies_of(part, v, offsets, count, num_samples, seed)
                  for part, v in zip(parts, values, strict=True)]  # fmt: skip
        return joined(filled, self.data.channels)

    def _closed(self, parts: Sequence[SeriesDataset]) -> list[Mask]:
        """Return which values of each channel are at a phase that is always missing, (N,)."""
        return [
            table.grain.closed_in(part) if self.infer else np.zeros(len(part.values), bool)
            for part, table in zip(parts, self._facts(parts), strict=True)
        ]

    def _fill(self, parts: Sequence[SeriesDataset], num_samples: int, seed: int) -> Array:
        """Return the series of one group, complete, in original units: (n, C, S, D)."""
        tables, head = self._facts(parts), parts[0]
        stride = self.drawing.conditions.calendar.stride
        steps = np.arange(head.lengths.max())
        inside = steps < head.lengths[:, None]
        place = np.minimum(head.offsets[:-1, None] + steps, head.values.size - 1)
        rows = np.arange(len(head))
        scaled, absent = [], []
        lacks = np.zeros((len(head), len(steps)), bool)
        for part, table, closed in zip(parts, tables, self._closed(parts), strict=True):
            values = np.where(inside, part.values[place], np.nan)
            absent.append(np.isnan(values) & inside & ~closed[place])
            lacks |= absent[-1]
            scaled.append(table.scaler.apply(values, rows))
        work = np.repeat(np.stack(scaled, axis=1)[:, None], num_samples, 1)  # (n, S, C, D)
        positions = (head.starts - tables[0].starts) // stride
        places = np.zeros(len(head), np.int64)
        whose = FrameRows(tables[0].index, tables[0].static, head.starts, positions, rows, places)
        self._draw(work, lacks, head, whose, num_samples, seed)
        full = [
            self._in_units(work[:, :, c], part, table, absent[c])
            for c, (part, table) in enumerate(zip(parts, tables, strict=True))
        ]
        return np.stack(full, axis=1)

    def _draw(
        self,
        work: Array,
        lacks: Mask,
        head: SeriesDataset,
        whose: FrameRows,
        num_samples: int,
        seed: int,
    ) -> None:
        """Draw what is missing in `work` (n, S, C, D), at the steps (n, D) where anything is."""
        stride = self.drawing.conditions.calendar.stride
        covariates = self.drawing.covariates(self.data.dynamic, head.dynamic)
        keys = entry_keys(head.item_ids, head.starts, head.lengths)
        streams = KeyedStreams.of(seed, "gaps", keys).repeated(num_samples)
        done = 0
        while lacks.any():
            active = np.flatnonzero(lacks.any(axis=1))
            begin, filled = plan_windows(lacks[active], head.lengths[active], self.drawing.length)
            frames = self._frames(work[active], begin, head.lengths[active])
            rows = whose.rows(active).later(begin, stride).repeat(num_samples)
            whose_draws = (active[:, None] * num_samples + np.arange(num_samples)).reshape(-1)
            mine = streams.rows(whose_draws)
            drawn = self.drawing.windows(frames, rows, mine, done, covariates)
            shape = (len(active), num_samples, work.shape[2], self.drawing.length)
            _put(work, active, begin, filled, drawn.reshape(shape))
            lacks[active] &= ~filled
            done += 1

    def _in_units(
        self, work: Array, part: SeriesDataset, table: SeriesTable, absent: Mask
    ) -> Array:
        """Return one channel's scaled series (n, S, D) in its units; `absent` (n, D) were drawn."""
        full = table.scaler.invert(work, np.arange(len(work)))
        if self.hold_non_negative:
            full = np.where(table.non_negative[:, None, None], np.maximum(full, 0.0), full)
        if not self.infer or not table.grain.present:
            return full
        table = replace(table, grain=table.grain.reaching(part))
        held = Constraints.resolve("infer", table, zero_below=0.0)
        samples, flat = full.shape[1], full.reshape(-1, full.shape[2])
        rows, where = np.repeat(np.arange(len(full)), samples), np.repeat(absent, samples, axis=0)
        filled = held.apply(flat, table.scaler.scale, rows, where).reshape(full.shape)
        stride = self.drawing.conditions.calendar.stride
        rest = table.grain.rest_at(np.arange(len(full)), part.starts, full.shape[2], stride)
        return np.where(np.isnan(rest)[:, None], filled, rest[:, None])

    def _facts(self, parts: Sequence[SeriesDataset]) -> list[SeriesTable]:
        """Return facts of the series, by channel."""
        return [self._facts_of(p, t) for p, t in zip(parts, self.tables, strict=True)]

    def _facts_of(self, part: SeriesDataset, table: SeriesTable) -> SeriesTable:
        """Return facts of a channel; one remembered as constant counts by its own values."""
        table = series_facts(part, table, self.data, self.scaling)
        own = SeriesScaler.fit(part.values, part.offsets, self.scaling)
        flat = table.scaler.scale == 0
        scaler = SeriesScaler(
            np.where(flat, own.location, table.scaler.location),
            np.where(flat, own.scale, table.scaler.scale),
        )
        return replace(table, scaler=scaler)

    def _frames(self, work: Array, begin: Integers, lengths: Integers) -> Array:
        """Return the frames (n S, T), or (n S, C, T), of the windows that begin at `begin`."""
        context = self.drawing.context
        around = np.arange(-context.before, self.drawing.length + context.after)
        place = begin[:, None] + around
        outside = (place < 0) | (place >= lengths[:, None])
        place = np.clip(place, 0, work.shape[3] - 1)
        shape = (*work.shape[:3], place.shape[1])
        frames = np.take_along_axis(work, np.broadcast_to(place[:, None, None], shape), axis=3)
        frames = np.where(outside[:, None, None], np.nan, frames)
        channels = shape[2:3] if shape[2] > 1 else ()
        return frames.reshape(-1, *channels, shape[3])


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
    last_observed = np.maximum.accumulate(np.where(rest, -1, steps), axis=1)
    run = np.take_along_axis(last_observed, stop[:, None] - 1, axis=1)[:, 0] + 1
    beyond = np.take_along_axis(rest, np.minimum(stop, rest.shape[1] - 1)[:, None], axis=1)[:, 0]
    cut = beyond & (stop < rest.shape[1]) & (run > first)
    stop = np.where(cut, np.minimum(run, stop), stop)
    return begin, rest & (steps >= begin[:, None]) & (steps < stop[:, None])


def _put(work: Array, active: Integers, begin: Integers, filled: Mask, drawn: Array) -> None:
    """Write the drawn windows (n, S, C, L) into the steps that they fill."""
    row, step = np.nonzero(filled)
    work[active[row], :, :, step] = drawn[row, :, :, step - begin[row]]


def _say_closed(closed: int, *, left: int) -> None:
    """Warn of values that stay missing, and where nothing is left to fill."""
    if closed:
        all_of_them = "" if left else "So the copies are the series themselves; "
        say = (
            f"{closed} missing values are at times of the day, week or year at which their "
            f"series never has one; they stay missing. {all_of_them}constraints=None fills them "
            f"{'too' if left else 'nonetheless'}."
        )
    elif not left:
        say = "Nothing is missing in these series; the copies are the series themselves."
    else:
        return
    warnings.warn(say, DataWarning, stacklevel=4)


def _groups(lengths: Integers, rows: Integers, num_samples: int) -> Iterator[Integers]:
    """Split series into groups of bounded size, those of like lengths together."""
    if not len(rows):
        return
    ordered = rows[np.argsort(lengths[rows], kind="stable")]
    size = max(int(_VALUES // (num_samples * lengths[rows].max())), 1)
    for first in range(0, len(ordered), size):
        yield ordered[first : first + size]


def _refuse_unobserved(
    parts: Sequence[SeriesDataset], missing: Integers, channels: Sequence[str]
) -> None:
    """Refuse a series without a value in a channel; `missing` values are counted, (C, n)."""
    empty = missing == parts[0].lengths
    if empty.any():
        item_id = parts[0].item_ids[int(np.argmax(empty.any(axis=0)))]
        where = f" of '{channels[int(np.argmax(empty.any(axis=1)))]}'" if len(parts) > 1 else ""
        raise DataError(
            f"Series {item_id!r} has no observed value{where} ({int(empty.sum())} such series): "
            "there is nothing for its fill to agree with. Leave it out, or forecast it from its "
            "past.",
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


def _read(facts: DataFacts, dataset: Any) -> Dataset:
    """Return series of the model's channels of a dataset or table, with the model's features."""
    dataset = as_pandas(dataset)
    options: dict[str, Any] = {"target": facts.channels} if facts.channels else {}
    if isinstance(dataset, pd.DataFrame):
        options |= facts.columns_in(dataset.columns)
    read = as_dataset(dataset, **options) if facts.channels else as_series(dataset, **options)
    if facts.channels and len(parts_of(read)) != len(facts.channels):
        raise DataError(
            "These data are univariate series, the model was trained on the channels "
            f"{', '.join(facts.channels)}; give entries of the same channels."
        )
    return read


def _names(dataset: SeriesDataset) -> list[str]:
    """Return the ids as distinct texts: 1 and "1" may both be series."""
    texts = [str(item_id) for item_id in dataset.item_ids]
    if len(set(texts)) == len(texts):
        return texts
    return [repr(item_id) for item_id in dataset.item_ids]
