"""What a window is generated for: its series, static categories and calendar, and its context.

Shape legend: B batch, F time features, L target length, L_k length of level k.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from tsgen.arrays import AnyArray, Array, Integers
from tsgen.data.series import Calendar

from .context import Context
from .resolution import halve
from .static_numbers import StaticNumbers

__all__ = ["UNKNOWN", "Conditions", "WindowConditions"]

UNKNOWN = 0
"""Embedding index of a series the model does not know; known series i has index i + 1."""


@dataclass
class Conditions:
    """The conditions of B windows.

    Attributes:
        series: (B,) int64, embedding indices; `UNKNOWN` for new series.
        static: (B, k) int64, static categories, 0 for an unknown one; or (B, d) float32, see
            `StaticNumbers`.
        time: Calendar and age features by level, coarse to fine, each (B, F, L_k).
        context: What is known in and around the windows; None for a model that looks at no past.
    """

    series: torch.Tensor
    static: torch.Tensor
    time: list[torch.Tensor]
    context: Context | None = None

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
        return self._map(lambda x: x[rows])

    def twice(self) -> Conditions:
        """Return the conditions of a batch of real windows followed by their fakes (2 B)."""
        return self._map(lambda x: torch.cat([x, x]))

    def _map(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Conditions:
        context = None if self.context is None else self.context.map(change)
        time = [change(t) for t in self.time]
        return Conditions(change(self.series), change(self.static), time, context)


@dataclass(frozen=True)
class WindowConditions:
    """Turns (series, start) into the conditions of windows.

    Attributes:
        calendar: Calendar features.
        lengths: Length of each level, coarse to fine.
        age: "centred" in [-1, 1] over the longest training series, "log" (the paper's
            log10(2 + position)), or "none".
        longest: Steps of the longest training series.
        num_covariates: Channels of features that change in time.
        statics: What describes static categories and numbers; None shows the categories alone.
    """

    calendar: Calendar
    lengths: tuple[int, ...]
    age: str
    longest: int
    num_covariates: int = 0
    statics: StaticNumbers | None = None

    @property
    def num_features(self) -> int:
        """Channels of the time features, F."""
        return self.calendar.num_features + (self.age != "none") + self.num_covariates

    @property
    def static_width(self) -> int:
        """Numbers that describe the statics of a series; 0 where categories are shown as such."""
        return 0 if self.statics is None else self.statics.width

    def static_inputs(self, static: Integers, real: Array) -> AnyArray:
        """Return statics as the networks see them, (n, k) codes or (n, d) numbers.

        Args:
            static: (n, k), embedding indices of the static categories.
            real: (n, r), static numbers.
        """
        return static if self.statics is None else self.statics(static, real)

    def at(
        self,
        series: torch.Tensor,
        static: torch.Tensor,
        starts: torch.Tensor,
        positions: torch.Tensor,
        covariates: torch.Tensor | None = None,
    ) -> Conditions:
        """Return the conditions of B windows.

        Args:
            series: (B,), embedding indices.
            static: As `static_inputs` returns it, (B, k) or (B, d).
            starts: (B,), Period ordinals of the windows' first steps.
            positions: (B,), steps from the first step of the series; ages outside the training
                range count as its nearest end.
            covariates: (B, `num_covariates`, L), features that change in time.
        """
        steps = torch.arange(self.lengths[-1], device=starts.device)
        features = self.calendar.features(starts[:, None] + steps * self.calendar.stride)
        if self.age != "none":
            place = (positions[:, None] + steps).clamp(0, self.longest).float()
            age = 2 * place / self.longest - 1 if self.age == "centred" else torch.log10(2 + place)
            features = torch.cat([features, age[:, None]], dim=1)
        if covariates is not None:
            features = torch.cat([features, covariates], dim=1)
        return Conditions.at_levels(series, static, features, self.lengths)
