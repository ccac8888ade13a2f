"""Rounds of successive halving: many candidates with few runs, then fewer with more.

In a run, one draw of the synthetic series meets one seed of the reference network. All candidates
and seeds of a draw are one stacked network, trained at once beside real series alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tsgen.arrays import Array
from tsgen.errors import DataError, TsgenError
from tsgen.rng import numpy_stream

from ..operations import Operation
from ..reference import (
    ForecastWindows,
    Member,
    NetworkSettings,
    linear_stack,
    train_stack,
)
from .candidates import SHARES, Candidate
from .cells import Cells
from .gains import Gain, gain_of, window_losses
from .validation import Validation

__all__ = ["Race", "RoundPlan"]

_REAL = Candidate("real alone", ())
_MOST_WINDOWS = 20_000
_POOL = 2.0
"""Synthetic / real series from which the windows of a run are drawn."""


@dataclass(frozen=True)
class RoundPlan:
    """How much is spent on each round.

    Attributes:
        seeds: Seeds of the network in the first, the second and the last round.
        draws: Draws of the series in the same.
        kept: Operations that enter the second, and candidates that enter the last round.
        max_steps: Training steps of a network at most.
    """

    seeds: tuple[int, int, int] = (3, 4, 5)
    draws: tuple[int, int, int] = (1, 1, 3)
    kept: tuple[int, int] = (4, 3)
    max_steps: int = NetworkSettings.max_steps

    def members(self, num_operations: int) -> int:
        """Networks that are trained in all."""
        last = min(self.kept[0], num_operations)
        sizes = (num_operations, last * len(SHARES), min(self.kept[1], last * len(SHARES)))
        runs = [s * d for s, d in zip(self.seeds, self.draws, strict=True)]
        return sum(runs[k] * (sizes[k] + 1) for k in range(3))


@dataclass
class Race:
    """Runs candidates and remembers what each lost.

    Attributes:
        validation: Where they are judged.
        operations: What makes the series, by name.
        cells: Where finished draws are kept.
        seed: Same seed, same numbers.
        settings: Of the reference networks.
        learner: "network", or "linear": ridge regressions in closed form, milliseconds each, with
            one run a draw whatever the seeds.
        losses: Candidate -> its (R, V, S) losses and those of real alone in the same runs.
        failed: Operation -> why it could not be used.
    """

    validation: Validation
    operations: Mapping[str, Operation]
    cells: Cells = field(default_factory=lambda: Cells(None, None))
    seed: int = 0
    settings: NetworkSettings = field(default_factory=NetworkSettings)
    learner: Literal["network", "linear"] = "network"
    losses: dict[Candidate, list[tuple[Array, Array]]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    _drawn: int = 0

    def run(self, candidates: Sequence[Candidate], seeds: int, draws: int) -> list[Candidate]:
        """Run candidates, all with the same new draws and seeds.

        Returns:
            Those that could be run, the best by all their runs first.
        """
        for _ in range(draws):
            sets = self._sets(candidates, self._drawn)
            able = [c for c in candidates if all(name in sets for name, _ in c.parts)]
            about = [self._drawn, seeds, [[c.name, c.parts, c.annealed] for c in able]]
            losses = self.cells.losses(
                about,
                self._trained(able, sets, range(100 * self._drawn, 100 * self._drawn + seeds)),
            )
            for candidate, made in zip(able, losses[1:], strict=True):
                self.losses.setdefault(candidate, []).append((made, losses[0]))
            candidates, self._drawn = able, self._drawn + 1
        return sorted(candidates, key=lambda c: self.gain(c).change)

    def gain(self, candidate: Candidate) -> Gain:
        """Return what a candidate gained in all its runs."""
        made, real = (np.concatenate(part) for part in zip(*self.losses[candidate], strict=True))
        return gain_of(made, real)

    def _sets(self, candidates: Sequence[Candidate], draw: int) -> dict[str, ForecastWindows]:
        """Return the windows of each operation's series; one that fails is noted and left out."""
        sets: dict[str, ForecastWindows] = {}
        names = dict.fromkeys(name for c in candidates for name, _ in c.parts)
        for name in names:
            seed = int(numpy_stream(self.seed, "draw", draw).integers(2**31))
            try:
                made = self.operations[name](self.validation.learning, _POOL, seed=seed)
                windows = self.validation.windows_of(made)
                if not len(windows):
                    raise DataError("its series are too short for one window")
                sets[name] = _thinned(windows, seed)
            except TsgenError as error:
                self.failed[name] = str(error)
        return sets

    def _trained(
        self, candidates: Sequence[Candidate], sets: Mapping[str, ForecastWindows], seeds: range
    ) -> Callable[[], Array]:
        """Return what trains all candidates and seeds at once: (candidates + 1, R, V, S) losses."""

        def compute() -> Array:
            real = _thinned(self.validation.windows_of(self.validation.learning), self.seed)
            places = {name: 1 + k for k, name in enumerate(sets)}
            runs = seeds if self.learner == "network" else seeds[:1]
            members = [
                Member(seed, _parts(candidate, places), candidate.annealed)
                for candidate in (_REAL, *candidates)
                for seed in runs
            ]
            judging = self.validation.judging
            lost = window_losses(self._quantiles(members, [real, *sets.values()]), judging)
            shape = (len(candidates) + 1, len(runs), -1, self.validation.num_windows)
            return np.swapaxes(lost.reshape(shape), 2, 3)

        return compute

    def _quantiles(self, members: list[Member], sets: list[ForecastWindows]) -> Array:
        """Return what each member, once trained, forecasts for the judging windows."""
        judging = self.validation.judging
        if self.learner == "linear":
            return np.stack([f.quantiles(judging) for f in linear_stack(members, sets)])
        stack = train_stack(members, sets, self.validation.stopping, self.settings)
        return stack.quantiles(judging)


def _parts(candidate: Candidate, places: Mapping[str, int]) -> tuple[tuple[int, float], ...]:
    """Return where a member's batches come from."""
    return ((0, candidate.real), *((places[name], share) for name, share in candidate.parts))


def _thinned(windows: ForecastWindows, seed: int) -> ForecastWindows:
    """Return the windows, or as many of them, drawn at random, as memory should hold."""
    if len(windows) <= _MOST_WINDOWS:
        return windows
    chosen = numpy_stream(seed, "windows").permutation(len(windows))[:_MOST_WINDOWS]
    return windows.take(np.sort(chosen))
