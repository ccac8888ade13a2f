"""Drawing the requested series with a trained generator, in batches.

Shape legend: R series, K candidates, L window length, D channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from tsgen.rng import torch_stream
from tsgen.training import threads

from ..memory import SeriesTable
from ..windows import WindowConditions
from .constraints import Constraints
from .joining import join_windows
from .requests import Requests

__all__ = ["Drawing"]

_BATCH = 512
"""Windows generated at a time; part of the meaning of a seed, so it is fixed."""


@dataclass(frozen=True)
class Drawing:
    """Draws series with a generator.

    Attributes:
        generator: The trained network, on `device`.
        conditions: What a window is generated for.
        device: Where.
        noise_scale: Deviation of the latent noise; 1 in training.
    """

    generator: Any
    conditions: WindowConditions
    device: torch.device
    noise_scale: float = 1.0

    def values(
        self, requests: Sequence[Requests], held: Sequence[Constraints], seed: int
    ) -> npt.NDArray[np.float64]:
        """Return the values of all requested series, one after the other, in original units.

        Series of one length are generated together.

        Args:
            requests: One for each channel, and alike in all but what the model remembers.
            held: Constraints of each channel.
            seed: Same seed, same values.

        Returns:
            (D, steps of all series).
        """
        first = requests[0]
        values = np.empty((len(requests), first.offsets[-1]))
        for length in np.unique(first.lengths):
            rows = np.flatnonzero(first.lengths == length)
            for begin in range(0, len(rows), _BATCH):
                part = rows[begin : begin + _BATCH]
                scaled = self._series(first, part, int(length), (seed, int(length), begin))
                place = first.offsets[part][:, None] + np.arange(length)
                for k, (request, limits) in enumerate(zip(requests, held, strict=True)):
                    scaler = request.table.scaler
                    drawn = scaler.invert(scaled[:, k], part)
                    values[k, place] = limits.apply(drawn, scaler.scale, part)
        return values

    def _series(
        self, requests: Requests, rows: npt.NDArray[np.int64], length: int, stream: tuple[int, ...]
    ) -> npt.NDArray[np.float32]:
        """Return series (R, D, length) of the requests `rows`, in scales of their series."""
        window = self.conditions.lengths[-1]
        generate = partial(self._windows, requests.table.rows(rows))
        starts, positions = requests.starts[rows], requests.positions[rows]
        stride = self.conditions.calendar.stride

        def draw(offset: int, candidates: int) -> npt.NDArray[np.float32]:
            seed, *names = stream
            latent = torch_stream(seed, "latent", *names, offset, device=self.device)
            return generate(starts + offset * stride, positions + offset, candidates, latent)

        scaled = (
            draw(0, 1)[:, 0, ..., :length]
            if length <= window
            else join_windows(draw, window, length)[0]
        )
        return scaled.reshape(len(rows), -1, length)

    @torch.no_grad()
    def _windows(
        self,
        table: SeriesTable,
        starts: npt.NDArray[np.int64],
        positions: npt.NDArray[np.int64],
        candidates: int,
        random: torch.Generator,
    ) -> npt.NDArray[np.float32]:
        """Return windows (R, K, L) or (R, K, D, L) in scales of their series."""
        on = partial(torch.as_tensor, device=self.device)
        conditions = self.conditions.at(
            on(table.index), on(table.static), on(starts), on(positions)
        )
        last = len(self.conditions.lengths) - 1
        generator = self.generator
        latents = (generator.draw_latent(len(table), random) for _ in range(candidates))
        with threads(1):  # more bring little, and much less than nothing on a busy machine
            drawn = [
                generator(latent.scaled(self.noise_scale), conditions, last, 1.0)
                for latent in latents
            ]
        return torch.stack(drawn, dim=1).cpu().numpy()
