"""Sample paths of what follows entries, window by window, in original units.

Shape legend: R entries, S samples of each, C channels, P steps before the window, L window length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsgen.arrays import Array, Mask
from tsgen.data.series import split_freq
from tsgen.rng import KeyedStreams

from ..conditional_settings import PSAGANContextSettings
from ..memory import DataFacts, SeriesTable
from ..sampling import Constraints
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

    def drawn(
        self, entries: list[Entry], num_samples: int, seed: int, *, infer: bool
    ) -> tuple[Array, Mask]:
        """Return paths (R, S, prediction_length), or (..., C), in original units.

        And which of their steps are closed, (R, prediction_length), or (..., C): none if not
        `infer`. There are values there too; later windows take them as missing.
        """
        drawing, stride = self.drawing, split_freq(self.data.freq)[1]
        past_length = drawing.context.before
        kind, ahead = self.settings.scaling, self.settings.horizon
        pasts = pasts_of_channels(entries, past_length, self.data, self.tables, kind, ahead)
        first, several = pasts[0], len(pasts) > 1
        covariates = drawing.covariates(self.data.dynamic, first.features)
        begun = np.stack([past.values for past in pasts], axis=1) if several else first.values
        rows, past = first.rows.repeat(num_samples), np.repeat(begun, num_samples, axis=0)
        streams = KeyedStreams.of(seed, "forecast", first.keys).repeated(num_samples)
        closed = np.stack([self._closed(p, infer=infer) for p in pasts], axis=1)  # (R, C, steps)
        shut = np.repeat(closed if several else closed[:, 0], num_samples, axis=0)
        drawn: list[Array] = []
        unknown = np.full((*past.shape[:-1], drawing.length + drawing.context.after), np.nan)
        for done in range(0, self.settings.horizon, drawing.length):
            frames = np.concatenate([past[..., past.shape[-1] - past_length :], unknown], axis=-1)
            here = rows.later(done, stride)
            window = drawing.windows(frames, here, streams, done, covariates)
            drawn.append(window)
            seen = np.where(shut[..., done : done + drawing.length], np.nan, window)
            past = np.concatenate([past, seen], axis=-1)
        following = np.concatenate(drawn, axis=-1)[..., : self.settings.horizon]
        paths = following.reshape(len(entries), num_samples, *following.shape[1:])
        closed = np.moveaxis(closed[..., : self.settings.horizon], 1, -1)
        if not several:
            return self._in_units(paths, first, self.tables[0], infer), closed[..., 0]
        channels = [
            self._in_units(paths[:, :, c], pasts[c], self.tables[c], infer)
            for c in range(len(pasts))
        ]
        return np.stack(channels, axis=-1), closed

    def _closed(self, pasts: Pasts, *, infer: bool) -> Mask:
        """Return which steps of all windows ahead are always missing in their series, (R, D)."""
        window, stride = self.drawing.length, split_freq(self.data.freq)[1]
        steps = -(-self.settings.horizon // window) * window
        rows, starts = np.arange(len(pasts.keys)), pasts.rows.starts
        if not infer:
            return np.zeros((len(rows), steps), bool)
        return pasts.grain.closed_at(rows, starts, steps, stride)

    def _in_units(self, paths: Array, pasts: Pasts, table: SeriesTable, infer: bool) -> Array:
        """Return paths (R, S, steps) of one channel in original units."""
        values = pasts.scaler.invert(paths, np.arange(len(paths)))
        if self.settings.hold_non_negative:
            values = np.where(pasts.non_negative[:, None, None], np.maximum(values, 0.0), values)
        if not infer or not table.grain.present:
            return values
        count, samples, steps = values.shape
        last = np.broadcast_to(pasts.last[:, None, None], (count, samples, 1))
        whole = np.concatenate([last, values], axis=2).reshape(count * samples, steps + 1)
        drawn = np.broadcast_to(np.arange(steps + 1) > 0, whole.shape)
        no = np.zeros(count, bool)
        held = Constraints(pasts.non_negative, pasts.counts, no, 0.0, pasts.grain)
        rows = np.repeat(np.arange(count), samples)
        ahead = held.apply(whole, pasts.scaler.scale, rows, drawn)[:, 1:].reshape(values.shape)
        every, stride = np.arange(count), split_freq(self.data.freq)[1]
        rest = pasts.grain.rest_at(every, pasts.rows.starts, steps, stride)
        return np.where(np.isnan(rest)[:, None], ahead, rest[:, None])
