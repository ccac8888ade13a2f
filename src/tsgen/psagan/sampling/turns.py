"""Features that hold longer than in any training window: drawn in turns that training did know.

A promotion on every day of a window, where training had one day in four, moves the draws less than
it should: level and range of a window are drawn apart from its shape, and never met such a mean.
So the window is drawn several times with the same noise, each time with a part of these days, as
many as training windows have; what each day becomes is taken from the turn that has its promotion.
The other way round likewise: never a promotion, where every training window had some.

Shape legend: B windows, L steps, K channels of features.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch

from tsgen.arrays import Array, Integers
from tsgen.data.series import DynamicFeatures

from ..memory import DynamicFacts
from .window_means import window_means

__all__ = ["Switch", "Turns", "in_turns"]

_USUAL = (0.1, 0.9)
"""Quantiles of the training windows' shares between which a turn keeps."""
_MOST_TURNS = 16
_SLACK = 1e-6


@dataclass(frozen=True)
class Switch:
    """A number of two values, or a category in the place of the most frequent one.

    Attributes:
        name: Of the feature.
        first: Its first channel.
        on: What its channels hold where it is on: the greater number, or the category.
        off: What they hold otherwise.
        least: Least share of the steps of a training window at which it is on.
        most: Greatest share.
        few: Share that one training window in ten goes below.
        many: Share that one in ten exceeds.
        run: Mean steps that it is on at a time.
    """

    name: str
    first: int
    on: tuple[float, ...]
    off: tuple[float, ...]
    least: float
    most: float
    few: float
    many: float
    run: int

    def turns(self, seen: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Return what the networks are shown in each turn, and which steps (B, L) are its own.

        Args:
            seen: The features, (B, K, L).
        """
        on, off, length = self._is(seen, self.on), self._is(seen, self.off), seen.shape[2]
        count = on.sum(dim=1)
        above = count > self.most * length + _SLACK
        below = off.any(dim=1) & (count < self.least * length - _SLACK)
        if not (above | below).any():
            return [(seen, torch.ones_like(on))]
        size = max(round(self.many * length), 1)
        number = torch.where(above, (count + size - 1) // size, 2).clamp(2, _MOST_TURNS)
        rank = on.cumsum(dim=1) - 1
        turn = torch.where(on, rank // min(self.run, size) % number[:, None], 0)
        half = torch.arange(length, device=seen.device) >= length / 2
        turn = torch.where(above[:, None], turn, torch.where(below[:, None], half.long(), 0))
        lacking = round(self.few * length + 0.5) - count
        return [
            self._shown(seen, turn == k, on & above[:, None], off & below[:, None], lacking)
            for k in range(int(turn.max()) + 1)
        ]

    def _shown(
        self,
        seen: torch.Tensor,
        own: torch.Tensor,
        shut: torch.Tensor,
        opened: torch.Tensor,
        lacking: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the features of a turn with the steps that are its own, (B, L), as they are."""
        shown = self._set(seen, shut & ~own, self.off)
        return self._set(shown, _middle(opened & ~own, lacking), self.on), own

    def _channels(self, values: Sequence[float], like: torch.Tensor) -> torch.Tensor:
        return torch.tensor(values, dtype=like.dtype, device=like.device)[None, :, None]

    def _is(self, seen: torch.Tensor, values: Sequence[float]) -> torch.Tensor:
        mine = seen[:, self.first : self.first + len(values)]
        return (mine - self._channels(values, seen)).abs().amax(dim=1) < _SLACK

    def _set(
        self, seen: torch.Tensor, where: torch.Tensor, values: Sequence[float]
    ) -> torch.Tensor:
        mine = slice(self.first, self.first + len(values))
        changed = seen.clone()
        changed[:, mine] = torch.where(
            where[:, None], self._channels(values, seen), changed[:, mine]
        )
        return changed


@dataclass(frozen=True)
class Turns:
    """The switches among the features of a model.

    Attributes:
        switches: Each by itself; several that are held at once take turns of turns.
    """

    switches: tuple[Switch, ...] = ()

    @classmethod
    def of(cls, trained: DynamicFeatures, facts: DynamicFacts, length: int) -> Self:
        """Read from the features of the training series how long each switch is on.

        Args:
            trained: The features, as the model orders them.
            facts: What the model knows of them.
            length: Steps of a window, L.
        """
        switches = []
        for name, first, on, off, rows in _candidates(trained, facts):
            shares, _ = window_means(rows, trained.offsets, length)
            shares = shares[np.isfinite(shares)]
            if len(shares) and shares.max() > 0 and shares.min() < 1:
                least, few, many, most = np.quantile(shares, (0, *_USUAL, 1)).tolist()
                run = _run(rows, trained.offsets)
                switches.append(Switch(name, first, on, off, least, most, few, many, run))
        return cls(tuple(switches))

    @property
    def names(self) -> set[str]:
        """Features that are drawn in turns where they hold too long."""
        return {switch.name for switch in self.switches}

    def shown(self, seen: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Return the features of each turn, (B, K, L), and the steps taken from it, (B, L).

        One turn, all steps of it, where no window is unlike those of training.
        """
        whole = [(seen, torch.ones_like(seen[:, 0], dtype=torch.bool))]
        for switch in self.switches:
            whole = [
                (shown, own & part) for turn, own in whole for shown, part in switch.turns(turn)
            ]
        return whole


def in_turns(drawn: Sequence[torch.Tensor], own: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return windows (B, L) or (B, D, L) put together from turns, each step from the one it is of.

    Args:
        drawn: The windows of each turn.
        own: (B, L) for each turn; every step is of one.
    """
    result = drawn[0]
    for windows, steps in zip(drawn[1:], own[1:], strict=True):
        result = torch.where(steps if windows.ndim == 2 else steps[:, None], windows, result)
    return result


def _candidates(
    trained: DynamicFeatures, facts: DynamicFacts
) -> Iterator[tuple[str, int, tuple[float, ...], tuple[float, ...], Array]]:
    """Yield name, first channel, channels on and off, and whether on (M,), NaN where not known."""
    firsts = dict(zip(facts.names, np.cumsum([0, *facts.widths]).tolist(), strict=False))
    numbers = zip(
        (*facts.real_names, *facts.past_names), (*trained.real, *trained.past),
        facts.location, facts.scale, strict=True,
    )  # fmt: skip
    for name, row, location, scale in numbers:
        levels = np.fmin.reduce(row, initial=np.inf), np.fmax.reduce(row, initial=-np.inf)
        if levels[0] < levels[1] and (np.isnan(row) | np.isin(row, levels)).all():
            off, on = ((float((level - location) / scale), 1.0) for level in levels)
            yield name, firsts[name], on, off, np.where(np.isnan(row), row, row == levels[1])
    for name, codes, values in zip(facts.cat_names, trained.cat, facts.cat_categories, strict=True):
        rows = np.eye(len(values))
        usual = int(np.bincount(codes[codes >= 0], minlength=len(values)).argmax())
        for code in range(len(values)):
            if code != usual:
                is_on = np.where(codes < 0, np.nan, codes == code)
                yield name, firsts[name], tuple(rows[code]), tuple(rows[usual]), is_on


def _run(rows: Array, offsets: Integers) -> int:
    """Return the mean steps that rows (M,) are 1 at a time, at least one."""
    on = rows == 1
    begun = on & ~np.concatenate([[False], on[:-1]])
    firsts = offsets[:-1][np.diff(offsets) > 0]
    begun[firsts] = on[firsts]
    return max(round(float(on.sum() / max(begun.sum(), 1))), 1)


def _middle(where: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
    """Return the `count` (B,) steps of `where` (B, L) that are nearest to the middle of it."""
    steps = torch.arange(where.shape[1], device=where.device, dtype=torch.float32)
    centre = (steps * where).sum(dim=1) / where.sum(dim=1).clamp(min=1)
    away = torch.where(where, (steps - centre[:, None]).abs(), torch.inf)
    rank = away.argsort(dim=1, stable=True).argsort(dim=1, stable=True)
    return where & (rank < count[:, None])
