"""What a window is generated for: its series, static categories and calendar; and resolutions.

Shape legend: B batch, F time features, L target length, L_k length of level k, C channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from tsgen.data.calendar import Calendar

__all__ = [
    "UNKNOWN",
    "Conditions",
    "WindowConditions",
    "coarsen",
    "halve",
    "level_lengths",
    "resize",
]

UNKNOWN = 0
"""Embedding index of a series the model does not know; known series i has index i + 1."""


@dataclass
class Conditions:
    """The conditions of B windows.

    Attributes:
        series: (B,) int64, embedding indices; `UNKNOWN` for new series.
        static: (B, k) int64, static categories, 0 for an unknown one.
        time: Calendar and age features by level, coarse to fine, each (B, F, L_k).
    """

    series: torch.Tensor
    static: torch.Tensor
    time: list[torch.Tensor]

    @classmethod
    def at_levels(
        cls,
        series: torch.Tensor,
        static: torch.Tensor,
        features: torch.Tensor,
        lengths: tuple[int, ...],
    ) -> Conditions:
        """Average the features (B, F, L) down to every level."""
        levels = [features]
        for length in reversed(lengths[:-1]):
            levels.append(halve(levels[-1], length))
        return cls(series, static, levels[::-1])

    def __getitem__(self, rows: slice) -> Conditions:
        return Conditions(self.series[rows], self.static[rows], [t[rows] for t in self.time])

    def twice(self) -> Conditions:
        """Return the conditions of a batch of real windows followed by their fakes (2 B)."""

        def double(x: torch.Tensor) -> torch.Tensor:
            return torch.cat([x, x])

        return Conditions(double(self.series), double(self.static), [double(t) for t in self.time])


@dataclass(frozen=True)
class WindowConditions:
    """Turns (series, start) into the conditions of windows.

    Attributes:
        calendar: Calendar features.
        lengths: Length of each level, coarse to fine.
        age: "centred" in [-1, 1] over the longest training series, "log" (the paper's
            log10(2 + position)), or "none".
        longest: Steps of the longest training series.
    """

    calendar: Calendar
    lengths: tuple[int, ...]
    age: str
    longest: int

    @property
    def num_features(self) -> int:
        """Channels of the time features, F."""
        return self.calendar.num_features + (self.age != "none")

    def at(
        self,
        series: torch.Tensor,
        static: torch.Tensor,
        starts: torch.Tensor,
        positions: torch.Tensor,
    ) -> Conditions:
        """Return the conditions of B windows.

        Args:
            series: (B,), embedding indices.
            static: (B, k), embedding indices of the static categories.
            starts: (B,), Period ordinals of the windows' first steps.
            positions: (B,), steps from the first step of the series; ages outside the training
                range count as its nearest end.
        """
        steps = torch.arange(self.lengths[-1], device=starts.device)
        features = self.calendar.features(starts[:, None] + steps * self.calendar.stride)
        if self.age != "none":
            place = (positions[:, None] + steps).clamp(0, self.longest).float()
            age = 2 * place / self.longest - 1 if self.age == "centred" else torch.log10(2 + place)
            features = torch.cat([features, age[:, None]], dim=1)
        return Conditions.at_levels(series, static, features, self.lengths)


def level_lengths(target_length: int) -> tuple[int, ...]:
    """Return the lengths of the levels, coarse to fine: halved (rounded up) down to at most 8.

    Example:
        >>> level_lengths(64), level_lengths(100)
        ((8, 16, 32, 64), (7, 13, 25, 50, 100))
    """
    lengths = [target_length]
    while lengths[-1] > 8:
        lengths.append(-(-lengths[-1] // 2))
    return tuple(reversed(lengths))


def coarsen(windows: torch.Tensor, lengths: tuple[int, ...], stage: int) -> torch.Tensor:
    """Average windows (B, L), step by step, down to the length of `stage`.

    NaN is missing: a coarse step is the mean of the observed fine ones, NaN if there is none.
    """
    complete = not bool(torch.isnan(windows).any())
    for coarse in reversed(lengths[stage:-1]):
        if complete:
            windows = halve(windows[:, None], coarse)[:, 0]
            continue
        observed = (~torch.isnan(windows)).to(windows.dtype)
        total = halve(torch.nan_to_num(windows)[:, None], coarse)[:, 0]
        windows = total / halve(observed[:, None], coarse)[:, 0]
    return windows


def halve(x: torch.Tensor, length: int) -> torch.Tensor:
    """Average (B, C, L) down to `length` = L / 2 steps, rounded up."""
    if x.shape[-1] == 2 * length:  # several times faster than the general kernel
        return (x[..., ::2] + x[..., 1::2]) * 0.5
    return functional.adaptive_avg_pool1d(x, length)


def resize(x: torch.Tensor, length: int) -> torch.Tensor:
    """Interpolate (B, C, L) linearly to `length` steps."""
    return functional.interpolate(x, size=length, mode="linear", align_corners=False)
