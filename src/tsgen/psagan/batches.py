"""What one training step sees: real windows and their conditions.

Shape legend: B batch, L target length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from tsgen.data.windows import WindowSampler

from .conditions import UNKNOWN, Conditions

if TYPE_CHECKING:
    from .preparation import TrainingData
    from .settings import PSAGANSettings

__all__ = ["Batches", "Places"]

Places = tuple[torch.Tensor, torch.Tensor]
"""Where B windows lie: series (B,), and position (B,) from the first step of the series."""


class Batches:
    """Draws training windows and builds their conditions, on the training device."""

    def __init__(
        self, data: TrainingData, settings: PSAGANSettings, device: torch.device | str
    ) -> None:
        self.settings, self.conditions = settings, data.conditions
        self.sampler = WindowSampler.over(
            data.values,
            data.offsets,
            settings.target_length,
            min_observed=settings.min_observed,
            device=device,
        )
        self.starts, self.series, self.static = (
            torch.tensor(a, device=device) for a in (data.starts, data.series, data.static)
        )

    def places(self, size: int, generator: torch.Generator) -> Places:
        """Draw where `size` windows lie."""
        return self.sampler.draw(size, generator)

    def read(
        self, places: Places, generator: torch.Generator, mine: slice
    ) -> tuple[torch.Tensor, Conditions]:
        """Return the windows (b, L), NaN where missing, and conditions of the rows `mine`.

        All processes draw the same numbers, for the whole batch, and keep their own part.
        """
        settings, size = self.settings, len(places[0])
        chance = torch.rand(size, generator=generator, device=generator.device)
        shift = torch.randn(size, generator=generator, device=generator.device)
        series, position = (part[mine] for part in places)
        known = chance[mine] >= settings.id_dropout
        blur = shift[mine] * settings.age_blur * self.conditions.longest
        conditions = self.conditions.at(
            torch.where(known, self.series[series], UNKNOWN),
            self.static[series],
            self.starts[series] + position * self.conditions.calendar.stride,
            position + blur.round().long(),
        )
        return self.sampler.read(series, position), conditions
