"""Sample paths of what follows entries, window by window, in original units.

Shape legend: R entries, S samples of each, C channels, P steps before the window, L window length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsgen.arrays import Array
from tsgen.data.series import split_freq
from tsgen.rng import KeyedStreams

from ..conditional_settings import PSAGANContextSettings
from ..memory import DataFacts, SeriesTable
from .drawing import ContextDrawing
from .pasts import Entry, Pasts, pasts_of_channels

__all__ = ["Paths"]


@dataclass(frozen=True)
class Paths:
    """Draws paths with a trained generator.

    Attributes:
        drawing: Draws windows in their contexts.
        data: What the model knows of its training data.
        tables: What it remembers of each training series, by channel.
        settings: What the model is.
    """

    drawing: ContextDrawing
    data: DataFacts
    tables: Sequence[SeriesTable]
    settings: PSAGANContextSettings

    def drawn(self, entries: list[Entry], num_samples: int, seed: int, *, infer: bool) -> Array:
        """Return paths (R, S, prediction_length), or (..., C), in original units."""
        drawing, stride = self.drawing, split_freq(self.data.freq)[1]
        past_length = drawing.context.before
        kind, ahead = self.settings.scaling, self.settings.horizon
        pasts = pasts_of_channels(entries, past_length, self.data, self.tables, kind, ahead)
        first, several = pasts[0], len(pasts) > 1
        covariates = drawing.covariates(self.data.dynamic, first.features)
        begun = np.stack([past.values for past in pasts], axis=1) if several else first.values
        rows, past = first.rows.repeat(num_samples), np.repeat(begun, num_samples, axis=0)
        streams = KeyedStreams.of(seed, "forecast", first.keys).repeated(num_samples)
        unknown = np.full((*past.shape[:-1], drawing.length + drawing.context.after), np.nan)
        for done in range(0, self.settings.horizon, drawing.length):
            frames = np.concatenate([past[..., past.shape[-1] - past_length :], unknown], axis=-1)
            here = rows.later(done, stride)
            window = drawing.windows(frames, here, streams, done, covariates)
            past = np.concatenate([past, window], axis=-1)
        drawn = past[..., past_length : past_length + self.settings.horizon]
        paths = drawn.reshape(len(entries), num_samples, *drawn.shape[1:])
        if not several:
            return self._in_units(paths, first, self.tables[0], infer)
        channels = [
            self._in_units(paths[:, :, c], pasts[c], self.tables[c], infer)
            for c in range(len(pasts))
        ]
        return np.stack(channels, axis=-1)

    def _in_units(self, paths: Array, pasts: Pasts, table: SeriesTable, infer: bool) -> Array:
        """Return paths (R, S, steps) of one channel in original units."""
        values = pasts.scaler.invert(paths, np.arange(len(paths)))
        if self.settings.hold_non_negative:
            values = np.where(pasts.non_negative[:, None, None], np.maximum(values, 0.0), values)
        if infer and table.grain.present:
            values = np.where(pasts.counts[:, None, None], np.round(values), values)
        return values
