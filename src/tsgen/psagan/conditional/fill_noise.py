"""The scale of the latent noise in fills at which their intervals hold: set after training.

Gaps are punched into the training part and filled. The scale is the one at which the values that
were there lie within the 90 % interval of the draws as often as they should. What training has seen
is no easier for the model than what follows, so the scale holds there too
(`evaluation/benchmarks/fill_intervals.py`).

Shape legend: G gaps, S draws of each, C channels, P and A steps of context, L window length,
T = P + L + A.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np

from tsgen.arrays import Array, Integers, Mask
from tsgen.data.series import window_starts
from tsgen.rng import KeyedStreams, numpy_stream

from ..learning import TrainingData
from ..windows import WindowCovariates
from .drawing import ContextDrawing, FrameRows

__all__ = ["fill_noise"]

logger = logging.getLogger(__name__)

_DRAWS = 19
"""Of 19 draws, a value of their own kind lies between the least and the greatest 18 times in 20."""
_WANTED = 0.9
_GAPS, _ROUNDS = 96, 4
_MOST = 2.5
"""Beyond, a fill is further from what was there than more spread makes up for."""
_OBSERVED = 0.5
"""Windows of which less is observed tell too little."""


def fill_noise(drawing: ContextDrawing, data: TrainingData, seed: int) -> float:
    """Return the scale of the noise in fills, from 1: they are made wider, never narrower.

    1 for models that were trained without gaps (`gap_share=0`).

    Args:
        drawing: Of the trained model, with a scale of 1.
        data: Its training part.
        seed: Of its training.
    """
    if not drawing.context.after:
        return 1.0
    punched = [_Punched.of(drawing, data, gap, seed) for gap in _lengths(drawing.length)]
    if not any(len(part.rows.entries) for part in punched):
        return 1.0
    low, high = 1.0, _MOST
    if _covered(drawing, punched) >= _WANTED:
        return 1.0
    for _ in range(_ROUNDS):
        middle = float(np.sqrt(low * high))
        if _covered(replace(drawing, noise_scale=middle), punched) < _WANTED:
            low = middle
        else:
            high = middle
    scale = float(np.sqrt(low * high))
    logger.info("noise of fills %.2f: the 90 %% interval of gaps in training holds", scale)
    return scale


def _lengths(window: int) -> list[int]:
    """Return the lengths of the gaps: a short one, and a whole window."""
    return [max(window // 4, 1), window]


@dataclass(frozen=True)
class _Punched:
    """Frames of the training part with a gap in each, and what was there.

    Attributes:
        frames: (G, T) or (G, C, T), scaled; NaN is unknown.
        truth: (G, L) or (G, C, L), the values of the window; NaN outside the gap.
        rows: Whose they are.
        streams: What draws them.
        covariates: Features of the training part.
    """

    frames: Array
    truth: Array
    rows: FrameRows
    streams: KeyedStreams
    covariates: WindowCovariates | None

    @classmethod
    def of(cls, drawing: ContextDrawing, data: TrainingData, gap: int, seed: int) -> _Punched:
        """Punch a gap into the middle of windows that are drawn at random."""
        length, context = drawing.length, drawing.context
        begins = window_starts(data.values, data.offsets, length, _OBSERVED)
        random = numpy_stream(seed, "gaps", gap)
        begins = np.sort(random.permutation(begins)[:_GAPS])
        entries = np.searchsorted(data.offsets, begins, side="right") - 1
        place = begins[:, None] + np.arange(-context.before, length + context.after)
        frames = _read(data, place, entries)
        first = context.before + (length - gap) // 2
        inside = np.zeros(frames.shape[-1], bool)
        inside[first : first + gap] = True
        window = slice(context.before, context.before + length)
        truth = np.where(inside, frames, np.nan)[..., window]
        positions = begins - data.offsets[entries]
        rows = FrameRows(
            data.series[entries],
            data.static[entries],
            data.starts[entries] + positions * drawing.conditions.calendar.stride,
            positions,
            entries,
            positions,
        )
        keys = [(None, int(begin), gap) for begin in begins]
        covariates = None
        if data.covariates is not None and data.covariate_offsets is not None:
            given = data.covariates, data.covariate_offsets
            covariates = WindowCovariates.on(*given, drawing.device)
        frames = np.where(inside, np.nan, frames)
        return cls(frames, truth, rows, KeyedStreams.of(seed, "fill noise", keys), covariates)

    def hits(self, drawing: ContextDrawing) -> Mask:
        """Return which values of the gaps lie between the least and the greatest draw."""
        drawn = drawing.windows(
            np.repeat(self.frames, _DRAWS, axis=0),
            self.rows.repeat(_DRAWS),
            self.streams.repeated(_DRAWS),
            0,
            self.covariates,
        )
        drawn = drawn.reshape(len(self.frames), _DRAWS, *self.truth.shape[1:])
        within = (drawn.min(axis=1) <= self.truth) & (self.truth <= drawn.max(axis=1))
        hits: Mask = within[np.isfinite(self.truth)]
        return hits


def _read(data: TrainingData, place: Integers, entries: Integers) -> Array:
    """Return values (G, T) or (G, C, T) at `place` (G, T); NaN outside of the entries."""
    outside = (place < data.offsets[entries, None]) | (place >= data.offsets[entries + 1, None])
    values = data.values[..., np.clip(place, 0, data.values.shape[-1] - 1)].astype(np.float64)
    values = np.where(outside, np.nan, values)
    return np.moveaxis(values, 0, 1) if values.ndim == 3 else values


def _covered(drawing: ContextDrawing, punched: list[_Punched]) -> float:
    """Return the share of values within their interval; each length of gap counts alike."""
    shares = [hits.mean() for part in punched if len(hits := part.hits(drawing))]
    return float(np.mean(shares)) if shares else 1.0
