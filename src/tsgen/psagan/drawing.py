"""Drawing the requested series with a trained generator, in batches.

Shape legend: R series, K candidates, L window length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from tsgen.rng import torch_stream
from tsgen.training import threads

from .conditions import WindowConditions
from .constraints import Constraints
from .joining import join_windows
from .requests import Requests
from .series_table import SeriesTable

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
    """

    generator: Any
    conditions: WindowConditions
    device: torch.device

    def values(self, requests: Requests, held: Constraints, seed: int) -> npt.NDArray[np.float64]:
        """Return the values of all requested series, one after the other, in original units.

        Series of one length are generated together.
        """
        offsets = requests.offsets
        values = np.empty(offsets[-1])
        for length in np.unique(requests.lengths):
            rows = np.flatnonzero(requests.lengths == length)
            for first in range(0, len(rows), _BATCH):
                part = rows[first : first + _BATCH]
                drawn = self._series(requests, part, int(length), (seed, int(length), first))
                drawn = held.apply(drawn, requests.table.scaler.scale, part)
                values[offsets[part][:, None] + np.arange(length)] = drawn
        return values

    def _series(
        self, requests: Requests, rows: npt.NDArray[np.int64], length: int, stream: tuple[int, ...]
    ) -> npt.NDArray[np.float64]:
        """Return series (R, length) of the requests `rows`, in original units."""
        window = self.conditions.lengths[-1]
        generate = partial(self._windows, requests.table.rows(rows))
        starts, positions = requests.starts[rows], requests.positions[rows]
        stride = self.conditions.calendar.stride

        def draw(offset: int, candidates: int) -> npt.NDArray[np.float32]:
            seed, *names = stream
            latent = torch_stream(seed, "latent", *names, offset, device=self.device)
            return generate(starts + offset * stride, positions + offset, candidates, latent)

        scaled = (
            draw(0, 1)[:, 0, :length] if length <= window else join_windows(draw, window, length)[0]
        )
        return requests.table.scaler.invert(scaled, rows)

    @torch.no_grad()
    def _windows(
        self,
        table: SeriesTable,
        starts: npt.NDArray[np.int64],
        positions: npt.NDArray[np.int64],
        candidates: int,
        random: torch.Generator,
    ) -> npt.NDArray[np.float32]:
        """Return windows (R, K, L) in scales of their series."""
        on = partial(torch.as_tensor, device=self.device)
        conditions = self.conditions.at(
            on(table.index), on(table.static), on(starts), on(positions)
        )
        last = len(self.conditions.lengths) - 1
        generator = self.generator
        with threads(1):  # more bring little, and much less than nothing on a busy machine
            drawn = [
                generator(generator.draw_latent(len(table), random), conditions, last, 1.0)
                for _ in range(candidates)
            ]
        return torch.stack(drawn, dim=1).cpu().numpy()
