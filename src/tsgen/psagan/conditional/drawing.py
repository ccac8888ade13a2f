"""Drawing windows in their contexts with a trained PSA-GAN-C.

Shape legend: R frames, L window length, P and A steps before and after it, T = P + L + A, D
channels: frames are (R, T), or (R, D, T) where D > 1, and windows likewise.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
import torch

from tsgen.arrays import Array, Integers
from tsgen.data.series import DynamicFeatures
from tsgen.rng import KeyedStreams
from tsgen.training import threads

from ..memory import DynamicFacts
from ..networks import padded_rows
from ..windows import WindowConditions, WindowContext, WindowCovariates

__all__ = ["ContextDrawing", "FrameRows"]

_BATCH = 512
"""Windows generated at a time."""


@dataclass(frozen=True)
class FrameRows:
    """Whose R frames are drawn, and when.

    Attributes:
        index: (R,), embedding index of the series.
        static: (R, k), embedding indices of its static categories.
        starts: (R,), Period ordinal of the window's first step.
        positions: (R,), steps from the first step of the series to the window's.
        entries: (R,), whose features the frames have, among those of the drawing.
        places: (R,), steps from the first step of these features to the window's.
    """

    index: Integers
    static: Integers
    starts: Integers
    positions: Integers
    entries: Integers
    places: Integers

    def repeat(self, times: int) -> FrameRows:
        """Return each row `times` times, one after the other."""
        return FrameRows(*(np.repeat(part, times, axis=0) for part in self._parts()))

    def rows(self, chosen: slice | Integers) -> FrameRows:
        """Return the chosen rows."""
        return FrameRows(*(part[chosen] for part in self._parts()))

    def later(self, steps: int | Integers, stride: int) -> FrameRows:
        """Return the rows with windows that begin `steps` later."""
        starts, positions = self.starts + steps * stride, self.positions + steps
        places = self.places + steps
        return FrameRows(self.index, self.static, starts, positions, self.entries, places)

    def _parts(self) -> tuple[Integers, ...]:
        return tuple(getattr(self, part.name) for part in fields(self))


@dataclass(frozen=True)
class ContextDrawing:
    """Draws windows with a generator.

    Attributes:
        generator: The trained network, on `device`.
        conditions: What a window is generated for.
        context: How a frame is described.
        device: Where.
        noise_scale: Deviation of the latent noise; 1 in training.
        vector_scale: That of the latent vector, which says how a whole window goes; None is
            `noise_scale`.
    """

    generator: Any
    conditions: WindowConditions
    context: WindowContext
    device: torch.device
    noise_scale: float = 1.0
    vector_scale: float | None = None

    @property
    def length(self) -> int:
        """Steps of a window, L."""
        return self.conditions.lengths[-1]

    def covariates(
        self, facts: DynamicFacts | None, features: DynamicFeatures | None
    ) -> WindowCovariates | None:
        """Return features as the networks see them; None without any."""
        if facts is None or features is None:
            return None
        return WindowCovariates.on(facts.channels(features), features.offsets, self.device)

    def windows(
        self,
        frames: Array,
        rows: FrameRows,
        streams: KeyedStreams,
        number: int,
        covariates: WindowCovariates | None = None,
    ) -> Array:
        """Return one drawn window for each frame, in scales of their series.

        NaN in a frame is unknown; what is known of the window stays as it is. It is window `number`
        of its draw. `covariates` are the features of the entries.
        """
        given = frames[..., self.context.before : self.context.before + self.length]
        with threads(1):  # more bring little, and much less than nothing on a busy machine
            drawn = [
                self._draw(frames[part], rows.rows(part), streams.rows(part), number, covariates)
                for first in range(0, len(frames), _BATCH)
                for part in [slice(first, first + _BATCH)]
            ]
        return np.where(np.isnan(given), np.concatenate(drawn), given)

    def _features(
        self, rows: FrameRows, covariates: WindowCovariates | None
    ) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return features before the windows (R, K, P), and within, of those known ahead."""
        if covariates is None:
            return None, None
        entries, places = (
            torch.as_tensor(part, device=self.device) for part in (rows.entries, rows.places)
        )
        past = self.context.before
        within = covariates.read(entries, places, self.length)
        return (
            covariates.read(entries, places - past, past),
            within[:, : self.conditions.num_covariates],
        )

    @torch.no_grad()
    def _draw(
        self,
        frames: Array,
        rows: FrameRows,
        streams: KeyedStreams,
        number: int,
        covariates: WindowCovariates | None,
    ) -> Array:
        on, count = partial(torch.as_tensor, device=self.device), len(frames)
        whole = padded_rows(count)
        frames, rows, streams = frames[whole], rows.rows(whole), streams.rows(whole)
        before, within = self._features(rows, covariates)
        conditions = self.conditions.at(
            on(rows.index),
            on(rows.static),
            on(rows.starts),
            on(rows.positions),
            within,
        )
        context = self.context.of(on(frames.astype(np.float32)), before)
        conditions.context = context
        last = len(self.conditions.lengths) - 1
        latent = self.generator.draw_latent(streams.at(number).on(self.device))
        if (self.noise_scale, self.vector_scale or 1) != (1, 1):
            latent = latent.scaled(self.noise_scale, self.vector_scale)
        drawn = self.generator(latent, conditions, last, 1.0) * context.scale + context.location
        return drawn[:count].double().cpu().numpy()  # type: ignore[no-any-return]
