"""What one training step sees: real windows and their conditions.

Shape legend: B batch, L target length, D channels, P and A steps of context before and after, T = P
+ L + A.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from tsgen.data.series import WindowSampler

from ..conditional_settings import PSAGANContextSettings
from ..windows import UNKNOWN, Conditions, WindowContext, WindowCovariates, hidden

if TYPE_CHECKING:
    from ..settings import PSAGANSettings
    from .preparation import TrainingData

__all__ = ["Batches", "ContextBatches", "Places", "batches_of", "hidden_steps"]

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
        self.covariates, self.widths = None, data.covariate_widths
        if data.covariates is not None and data.covariate_offsets is not None:
            self.covariates = WindowCovariates.on(data.covariates, data.covariate_offsets, device)

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
        uniforms = torch.rand(size, generator=generator, device=generator.device)
        shift = torch.randn(size, generator=generator, device=generator.device)
        series, position = (part[mine] for part in places)
        kept = uniforms[mine] >= settings.id_dropout
        stated = uniforms[mine] >= settings.id_dropout / 2  # new series may have new categories
        blur = shift[mine] * settings.age_blur * self.conditions.longest
        conditions = self.conditions.at(
            torch.where(kept, self.series[series], UNKNOWN),
            torch.where(stated[:, None], self.static[series], UNKNOWN),
            self.starts[series] + position * self.conditions.calendar.stride,
            position + blur.round().long(),
            self._covariates(places, generator, mine),
        )
        return self.sampler.read(series, position), conditions

    def _covariates(
        self, places: Places, generator: torch.Generator, mine: slice
    ) -> torch.Tensor | None:
        """Return features (b, K, L) that change in time, some of them hidden; None without any."""
        if self.covariates is None:
            return None
        size = len(places[0]), len(self.widths)
        uniforms = torch.rand(size, generator=generator, device=generator.device)[mine]
        series, position = (part[mine] for part in places)
        read = self.covariates.read(series, position, self.sampler.length)
        seen = hidden(read, self.widths, self.settings.dynamic_dropout, uniforms)
        return seen[:, : self.conditions.num_covariates]


class ContextBatches(Batches):
    """Draws windows together with what a forecaster, or who fills a gap, would know of them."""

    def __init__(
        self,
        data: TrainingData,
        settings: PSAGANContextSettings,
        context: WindowContext,
        device: torch.device | str,
    ) -> None:
        super().__init__(data, settings, device)
        self.context, self.gap_share = context, settings.gap_share

    def read(
        self, places: Places, generator: torch.Generator, mine: slice
    ) -> tuple[torch.Tensor, Conditions]:
        """Return windows, in units of their frames, and conditions with their contexts."""
        _, conditions = super().read(places, generator, mine)
        length, context = self.sampler.length, self.context
        sides = context.before, length, context.after
        unknown = self._hidden(len(places[0]), sides, generator)[mine]
        series, position = (part[mine] for part in places)
        frames = self.sampler.read_around(series, position, context.before, context.after)
        beside = None
        if self.covariates is not None:
            beside = self.covariates.read(series, position - context.before, context.before)
        conditions.context = context.of(torch.where(unknown, torch.nan, frames), beside)
        windows = frames[..., context.before : context.before + length]
        return (windows - conditions.context.location) / conditions.context.scale, conditions

    def _hidden(
        self, size: int, sides: tuple[int, int, int], generator: torch.Generator
    ) -> torch.Tensor:
        """Draw what is hidden of frames (B, T), or (B, 1, T) and (B, D, T): of several channels.

        All channels lack the same steps, as the future is, but for half of the share of gaps:
        there each channel has gaps of its own, and the others say what was.
        """
        together = hidden_steps(size, sides, self.gap_share, generator)
        channels = self.context.num_channels
        if channels == 1:
            return together
        apart = hidden_steps(size * channels, sides, 1.0, generator).reshape(size, channels, -1)
        uniforms = torch.rand((size, 1, 1), generator=generator, device=generator.device)
        return torch.where(uniforms < self.gap_share / 2, apart, together[:, None])


def hidden_steps(
    size: int, sides: tuple[int, int, int], gap_share: float, generator: torch.Generator
) -> torch.Tensor:
    """Draw which steps (B, T) of training frames are hidden from the networks.

    A share of the frames has a gap: it begins anywhere in the window, and its length, on a
    logarithmic scale, is anything up to the end of the frame. In the others all is hidden from the
    window's first step on: the future. A third of all frames has a second stretch hidden anywhere,
    because real pasts have gaps.

    Args:
        size: B.
        sides: P, L, A.
        gap_share: Share of the frames with a gap.
        generator: Source of randomness.
    """
    before, length, after = sides
    total = before + length + after
    uniforms = torch.rand((6, size, 1), generator=generator, device=generator.device)
    steps = torch.arange(total, device=generator.device)
    ahead = uniforms[0] >= gap_share
    first = before + torch.where(ahead, 0.0, uniforms[1] * length).long()
    span = torch.where(ahead, total, (length + after) ** uniforms[2]).long()
    other = (uniforms[3] * total).long()
    width = torch.where(uniforms[4] < 1 / 3, (before + length) ** uniforms[5], 0.0).long()
    return ((steps >= first) & (steps < first + span)) | (
        (steps >= other) & (steps < other + width)
    )


def batches_of(data: TrainingData, settings: PSAGANSettings, device: torch.device | str) -> Batches:
    """Return the batches that the training data are for."""
    if data.context is None or not isinstance(settings, PSAGANContextSettings):
        return Batches(data, settings, device)
    return ContextBatches(data, settings, data.context, device)
