"""Sample paths of what follows entries, window by window, in original units.

Shape legend: R entries, S samples of each, C channels, P steps before the window, L window length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from gluonts.dataset.field_names import FieldName
from gluonts.model.forecast import SampleForecast

from tsgen.arrays import Array, Mask
from tsgen.data.series import split_freq
from tsgen.rng import KeyedStreams

from ..conditional_settings import PSAGANContextSettings
from ..memory import DataFacts, SeriesTable
from ..sampling import Constraints
from .drawing import ContextDrawing
from .pasts import Entry, Pasts, pasts_of_channels

__all__ = ["Paths", "as_forecast", "widened"]


@dataclass(frozen=True)
class Paths:
    """Draws paths with a trained generator.

    Attributes:
        drawing: Draws windows in their contexts.
        data: What the model knows of its training data.
        tables: What it remembers of each training series, by channel.
        settings: What the model is.
        width: Of means over the horizon, and of steps about them: how far paths lie from their
            centre, the path of a latent that is 0 throughout; 1 is as they are drawn.
    """

    drawing: ContextDrawing
    data: DataFacts
    tables: Sequence[SeriesTable]
    settings: PSAGANContextSettings
    width: tuple[float, float] = (1.0, 1.0)

    def drawn(
        self, entries: list[Entry], num_samples: int, seed: int, *, infer: bool
    ) -> tuple[Array, Mask]:
        """Return paths (R, S, prediction_length), or (..., C), in original units.

        And which of their steps are closed, (R, prediction_length), or (..., C): none if not
        `infer`. There are values there too; later windows take them as missing.
        """
        past_length, kind = self.drawing.context.before, self.settings.scaling
        ahead = self.settings.horizon
        pasts = pasts_of_channels(entries, past_length, self.data, self.tables, kind, ahead)
        several = len(pasts) > 1
        closed = np.stack([self._closed(p, infer=infer) for p in pasts], axis=1)  # (R, C, steps)
        paths = self._following(self.drawing, pasts, closed, num_samples, seed)
        if self.width != (1.0, 1.0):
            still = replace(self.drawing, noise_scale=0.0, vector_scale=0.0)
            centre = self._following(still, pasts, closed, 1, seed)
            paths = widened(paths, centre, self.width, steps=-1)
        closed = np.moveaxis(closed[..., :ahead], 1, -1)
        if not several:
            return self._in_units(paths, pasts[0], self.tables[0], infer), closed[..., 0]
        channels = [
            self._in_units(paths[:, :, c], pasts[c], self.tables[c], infer)
            for c in range(len(pasts))
        ]
        return np.stack(channels, axis=-1), closed

    def _following(
        self,
        drawing: ContextDrawing,
        pasts: tuple[Pasts, ...],
        closed: Mask,
        num_samples: int,
        seed: int,
    ) -> Array:
        """Return scaled paths (R, S, steps), or (R, S, C, steps), window by window."""
        first, several, stride = pasts[0], len(pasts) > 1, split_freq(self.data.freq)[1]
        past_length = drawing.context.before
        covariates = drawing.covariates(self.data.dynamic, first.features)
        begun = np.stack([past.values for past in pasts], axis=1) if several else first.values
        rows, past = first.rows.repeat(num_samples), np.repeat(begun, num_samples, axis=0)
        streams = KeyedStreams.of(seed, "forecast", first.keys).repeated(num_samples)
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
        return following.reshape(len(first.keys), num_samples, *following.shape[1:])

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


def widened(paths: Array, centre: Array, width: tuple[float, float], *, steps: int = 2) -> Array:
    """Return paths (R, S, ...) whose means, and whose steps about them, lie otherwise far out.

    Args:
        paths: As they are drawn.
        centre: (R, 1, ...), what they lie about, and keep lying about.
        width: Of means, and of steps about these; 1 changes nothing.
        steps: Axis of the steps.
    """
    away = paths - centre
    mean = away.mean(axis=steps, keepdims=True)
    wide: Array = centre + width[0] * mean + width[1] * (away - mean)
    return wide


def as_forecast(entry: Entry, samples: Array, closed: Mask, seed: int) -> SampleForecast:
    """Return the paths of an entry as GluonTS has them; `info` says the seed and what is closed."""
    target = entry[FieldName.TARGET]
    double = getattr(target, "dtype", None) == np.float64
    info = {**(entry.get(FieldName.INFO) or {}), "seed": seed}
    return SampleForecast(
        samples.astype(np.float64 if double else np.float32),
        entry[FieldName.START] + np.shape(target)[-1],
        entry.get(FieldName.ITEM_ID),
        info | ({"closed": closed} if closed.any() else {}),
    )
