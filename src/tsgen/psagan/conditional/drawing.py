"""Drawing windows in their contexts with a trained PSA-GAN-C.

Shape legend: R frames, L window length, P and A steps before and after it, T = P + L + A.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from tsgen.rng import KeyedStreams
from tsgen.training import threads

from ..networks import padded_rows
from ..windows import WindowConditions, WindowContext

__all__ = ["ContextDrawing", "FrameRows"]

_BATCH = 512
"""Windows generated at a time."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FrameRows:
    """Whose R frames are drawn, and when.

    Attributes:
        index: (R,), embedding index of the series.
        static: (R, k), embedding indices of its static categories.
        starts: (R,), Period ordinal of the window's first step.
        positions: (R,), steps from the first step of the series to the window's.
    """

    index: Ints
    static: Ints
    starts: Ints
    positions: Ints

    def repeat(self, times: int) -> FrameRows:
        """Return each row `times` times, one after the other."""
        parts = self.index, self.static, self.starts, self.positions
        return FrameRows(*(np.repeat(part, times, axis=0) for part in parts))

    def rows(self, chosen: slice | Ints) -> FrameRows:
        """Return the chosen rows."""
        parts = self.index, self.static, self.starts, self.positions
        return FrameRows(*(part[chosen] for part in parts))

    def later(self, steps: int | Ints, stride: int) -> FrameRows:
        """Return the rows with windows that begin `steps` later."""
        starts, positions = self.starts + steps * stride, self.positions + steps
        return FrameRows(self.index, self.static, starts, positions)


@dataclass(frozen=True)
class ContextDrawing:
    """Draws windows with a generator.

    Attributes:
        generator: The trained network, on `device`.
        conditions: What a window is generated for.
        context: How a frame is described.
        device: Where.
    """

    generator: Any
    conditions: WindowConditions
    context: WindowContext
    device: torch.device

    @property
    def length(self) -> int:
        """Steps of a window, L."""
        return self.conditions.lengths[-1]

    def windows(
        self, frames: Floats, rows: FrameRows, streams: KeyedStreams, number: int
    ) -> Floats:
        """Return one drawn window (R, L) for each frame (R, T), in scales of their series.

        NaN in a frame is unknown; what is known of the window stays as it is. It is window `number`
        of its draw.
        """
        known = frames[:, self.context.before : self.context.before + self.length]
        with threads(1):  # more bring little, and much less than nothing on a busy machine
            drawn = [
                self._draw(frames[part], rows.rows(part), streams.rows(part), number)
                for first in range(0, len(frames), _BATCH)
                for part in [slice(first, first + _BATCH)]
            ]
        return np.where(np.isnan(known), np.concatenate(drawn), known)

    @torch.no_grad()
    def _draw(self, frames: Floats, rows: FrameRows, streams: KeyedStreams, number: int) -> Floats:
        on, count = partial(torch.as_tensor, device=self.device), len(frames)
        whole = padded_rows(count)
        frames, rows, streams = frames[whole], rows.rows(whole), streams.rows(whole)
        conditions = self.conditions.at(
            on(rows.index), on(rows.static), on(rows.starts), on(rows.positions)
        )
        context = self.context.of(on(frames.astype(np.float32)))
        conditions.context = context
        last = len(self.conditions.lengths) - 1
        latent = self.generator.draw_latent(streams.at(number).on(self.device))
        drawn = self.generator(latent, conditions, last, 1.0) * context.scale + context.location
        return drawn[:count].double().cpu().numpy()  # type: ignore[no-any-return]
