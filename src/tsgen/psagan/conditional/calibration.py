"""How near to a pile-up, or to the value before, a fill counts as the same: set after training.

Whole windows of training series are hidden and drawn again, given the values on both sides.

Shape legend: R series, K windows of each, C channels, L window length, T steps of a frame.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.data import MultivariateDataset, SeriesDataset
from tsgen.data.series import parts_of
from tsgen.rng import KeyedStreams, entry_keys, numpy_stream

from ..memory import SeriesTable
from ..sampling import DRAWN_WINDOWS, MOST_SERIES, calibrated, needing
from .drawing import FrameRows

if TYPE_CHECKING:
    from .predictor import PSAGANPredictor

__all__ = ["calibrate_fills"]


def calibrate_fills(model: PSAGANPredictor, dataset: SeriesDataset | MultivariateDataset) -> None:
    """Set what a trained model needs to give back pile-ups, zeros and repeats.

    Args:
        model: As it was trained, with the noise of its fills.
        dataset: What it was trained on; other series that it remembers keep their own.
    """
    places = model.table.places(list(dataset.item_ids))
    needed = np.logical_or.reduce([needing(table) for table in model.tables])
    entries = np.flatnonzero(needed[places] & (places >= 0))
    if not len(entries):
        return
    chosen = numpy_stream(model.seed, "calibration").permutation(entries)[:MOST_SERIES]
    entries = np.sort(chosen)
    rows = places[entries]
    drawn = _hidden_windows(model, dataset, entries, rows)
    pairs = enumerate(model.tables)
    model.tables = tuple(calibrated(table, rows, drawn[:, :, c], 0.0) for c, table in pairs)
    model.table = model.tables[0]


def _hidden_windows(
    model: PSAGANPredictor,
    dataset: SeriesDataset | MultivariateDataset,
    entries: Integers,
    rows: Integers,
) -> Array:
    """Return windows (R, K, C, L) of the entries, drawn in units of the data; NaN varies not."""
    drawing = replace(model.drawing, noise_scale=model.fill_noise)
    tables = [table.rows(rows) for table in model.tables]
    draws, length = max(DRAWN_WINDOWS // len(rows), 4), drawing.length
    whose, number = np.divmod(np.arange(len(rows) * draws), draws)
    lengths, starts = dataset.lengths[entries][whose], dataset.starts[entries][whose]
    ids = [dataset.item_ids[i] for i in entries[whose]]
    streams = KeyedStreams.of(
        model.seed, "calibration", entry_keys(ids, starts, lengths), number.astype(np.int64)
    )
    begins = streams.integers(np.maximum(lengths - length, 0) + 1)
    parts = parts_of(dataset)
    scaled = [_frames(model, part, table, entries[whose], whose, begins)
              for part, table in zip(parts, tables, strict=True)]  # fmt: skip
    frames = scaled[0] if len(scaled) == 1 else np.stack(scaled, axis=1)
    frames[..., drawing.context.before : drawing.context.before + length] = np.nan
    first = starts + begins * drawing.conditions.calendar.stride
    table = tables[0].rows(whose)
    about = FrameRows(table.index, table.static, first, begins, entries[whose], begins)
    covariates = drawing.covariates(model.data.dynamic, dataset.dynamic)
    drawn = drawing.windows(frames, about, streams, 0, covariates).reshape(len(whose), -1, length)
    channels = []
    for c, own in enumerate(tables):
        values = own.scaler.invert(drawn[:, c], whose)
        varies = own.grain.varies_at(whose, first, length, drawing.conditions.calendar.stride)
        channels.append(np.where(varies, values, np.nan))
    return np.stack(channels, axis=1).reshape(len(rows), draws, len(tables), length)


def _frames(
    model: PSAGANPredictor,
    part: SeriesDataset,
    table: SeriesTable,
    entries: Integers,
    rows: Integers,
    begins: Integers,
) -> Array:
    """Return frames (R K, T) of one channel, scaled; NaN outside of the entry."""
    context = model.drawing.context
    steps = np.arange(-context.before, model.drawing.length + context.after)
    place = begins[:, None] + steps
    inside = (place >= 0) & (place < part.lengths[entries][:, None])
    flat = np.where(inside, part.offsets[entries][:, None] + place, 0)
    return table.scaler.apply(np.where(inside, part.values[flat], np.nan), rows)
