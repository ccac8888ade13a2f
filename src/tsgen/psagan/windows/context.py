"""What is known inside and around a window, and the simple fills of what is not.

A frame is the window with the steps before it and, where gaps are to be filled, after it. Whatever
is not known in it is NaN: the future, a gap, a missing value, a step outside the series. So one
description serves forecasting and imputation, any pattern of missing values and short series.

Of data of several channels each channel is described by itself, and the descriptions stand one
after another.

Shape legend: B windows, L target length, P steps before, A steps after, T = P + L + A steps of the
frame, D channels of the data, J fills and C channels of the description of each, L_k length of
level k. Frames are (B, T), or (B, D, T) where D > 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn import functional

from .bridging import Bridge
from .resolution import halve

__all__ = ["Context", "ContextSizes", "WindowContext"]

_STEPS = 1.0
"""Weight of the whole series in a frame's scale, in steps: it keeps it finite where nothing, or
only one value over and over, is known."""


@dataclass(frozen=True)
class ContextSizes:
    """What the networks must provide for.

    Attributes:
        past: P.
        fills: J.
        channels: D C.
        summary: Numbers in the summary of a frame.
        judged: Whether the discriminator sees the context too.
        num_channels: D.
    """

    past: int
    fills: int
    channels: int
    summary: int
    judged: bool
    num_channels: int = 1


@dataclass
class Context:
    """What is known of B windows, in units of their frames.

    Attributes:
        past: (B, P) or (B, D, P), the values before the window, 0 where unknown.
        summary: (B, 2 D T + K P), the frame, 0 where unknown, which steps are known, and K channels
            of features before the window.
        levels: By level, coarse to fine, each (B, D C, L_k), for each channel of the data: the J
            fills (the first is the straight line across what is unknown), which steps are known,
            and how near the next known steps on both sides are.
        location: (B, 1) or (B, D, 1), what is subtracted from a frame.
        scale: Of the same shape, what a frame is then divided by.
    """

    past: torch.Tensor
    summary: torch.Tensor
    levels: list[torch.Tensor]
    location: torch.Tensor
    scale: torch.Tensor

    def map(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Context:
        """Return the context with every tensor changed alike."""
        tensors = self.past, self.summary, self.location, self.scale
        past, summary, location, scale = map(change, tensors)
        return Context(past, summary, [change(level) for level in self.levels], location, scale)

    def complete(self, windows: torch.Tensor, level: int) -> torch.Tensor:
        """Return drawn windows (B, L_k) or (B, D, L_k) with what is known put in its place."""
        here = self.levels[level]
        here = here.reshape(*windows.shape[:-1], -1, here.shape[-1])
        observed = here[..., -3, :] > 1 - 1e-4  # of a coarse step, all fine ones
        return torch.where(observed, here[..., 0, :], windows)


@dataclass(frozen=True)
class WindowContext:
    """Turns frames into contexts.

    Attributes:
        before: P.
        after: A.
        lengths: L_k, coarse to fine.
        seasons: Steps of each cycle, after which values are expected to come again.
        rescale: Whether each frame has a location and scale of its own, from what is known of it;
            otherwise those are 0 and 1 (the paper).
        num_covariates: Channels of features that are known at the steps before the window.
        num_channels: D.
        series_weight: Weight of the whole series in a frame's location and scale, as a share of the
            frame's steps; at 0 none in its location, and one step in its scale.
    """

    before: int
    after: int
    lengths: tuple[int, ...]
    seasons: tuple[int, ...]
    rescale: bool = True
    num_covariates: int = 0
    num_channels: int = 1
    series_weight: float = 0.0

    def sizes(self, *, judged: bool) -> ContextSizes:
        """Return what the networks must provide for."""
        fills = 1 + 3 * len(self.seasons)
        steps = self.before + self.lengths[-1] + self.after
        summary = 2 * self.num_channels * steps + self.num_covariates * self.before
        channels = self.num_channels * (fills + 3)
        return ContextSizes(self.before, fills, channels, summary, judged, self.num_channels)

    def of(self, frames: torch.Tensor, covariates: torch.Tensor | None = None) -> Context:
        """Describe frames (B, T) or (B, D, T), NaN where unknown, in scales of their series.

        Args:
            frames: The values.
            covariates: (B, `num_covariates`, P), features at the steps before the windows.
        """
        outer = frames.shape[:-1]
        described = self._of_rows(frames.reshape(-1, frames.shape[-1]))
        summary = described.summary
        if frames.ndim == 3:
            described = described.map(lambda part: part.reshape(*outer, *part.shape[1:]))
            summary = described.summary.flatten(1)
        if covariates is not None:
            summary = torch.cat([summary, covariates.flatten(1)], dim=1)
        levels = [level.flatten(1, -2) for level in described.levels]
        return Context(described.past, summary, levels, described.location, described.scale)

    def _of_rows(self, frames: torch.Tensor) -> Context:
        """Describe frames of one channel each, (B, T)."""
        observed = ~torch.isnan(frames)
        location, scale = self._units(frames, observed)
        frames = (frames - location) / scale
        length, begin = self.lengths[-1], self.before
        window = slice(begin, begin + length)
        bridge = Bridge.over(~observed)
        line = bridge.fill(frames)[:, window]
        steps = torch.arange(frames.shape[1], device=frames.device)
        since, until = steps - bridge.before, bridge.after - steps
        nearness = [
            torch.where(exists, 1 / (1 + distance), 0.0)[:, window]
            for exists, distance in (
                (bridge.before >= 0, since),
                (bridge.after < frames.shape[1], until),
            )
        ]
        fills = [line, *(fill for s in self.seasons for fill in self._seasonal(frames, line, s))]
        channels = torch.stack([*fills, observed[:, window].float(), *nearness], dim=1)
        levels = [channels]
        for shorter in reversed(self.lengths[:-1]):
            levels.append(halve(levels[-1], shorter))
        filled = torch.nan_to_num(frames)
        summary = torch.cat([filled, observed.float()], dim=1)
        return Context(filled[:, :begin], summary, levels[::-1], location, scale)

    def _units(
        self, frames: torch.Tensor, observed: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return location and scale (B, 1): mean and deviation of what is known.

        How far the mean lies from that of the whole series would say where the hidden values are:
        all values of a training series have that mean.
        """
        if not self.rescale:
            return torch.zeros_like(frames[:, :1]), torch.ones_like(frames[:, :1])
        series = self.series_weight * frames.shape[1]
        count = observed.sum(dim=1, keepdim=True)
        location = frames.nansum(dim=1, keepdim=True) / (count + series).clamp(min=1)
        squares = (frames - location).square().nansum(dim=1, keepdim=True)
        steps = series or _STEPS
        return location, ((squares + steps) / (count + steps)).sqrt()

    def _seasonal(
        self, frames: torch.Tensor, line: torch.Tensor, season: int
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return what is known of the same place in other cycles: last, next, mean, each (B, L)."""
        length = self.lengths[-1]
        back, ahead = (self.before + length) // season, (self.after + length) // season
        margins = back * season, ahead * season
        padded = functional.pad(frames, margins, value=torch.nan)
        cycles = [
            padded[:, first : first + length]
            for first in range(self.before, padded.shape[1] - length + 1, season)
        ]  # of the window's own steps, cycle `back`
        earlier, later = cycles[:back][::-1], cycles[back + 1 :]
        mean = torch.stack([torch.full_like(line, torch.nan), *earlier, *later]).nanmean(dim=0)
        return (
            _first_observed([*earlier, *later, line]),
            _first_observed([*later, *earlier, line]),
            _first_observed([mean, line]),
        )


def _first_observed(candidates: list[torch.Tensor]) -> torch.Tensor:
    """Return, step by step, the first of the candidates (B, L) that is not NaN."""
    first = candidates[0]
    for candidate in candidates[1:]:
        first = torch.where(first.isnan(), candidate, first)
    return first
