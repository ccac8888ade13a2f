"""One cell of the study: a world, a split of its combinations, and who makes what nobody saw."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.errors import SettingsError, nearest
from tsgen.rng import numpy_stream

from .forecasting import change, forecast_errors
from .makers import MAKERS, Seen
from .oracle import read_factors
from .scores import explained, explained_new
from .splits import held_out_combinations, new_values
from .worlds import WORLDS, FactorWorld

__all__ = ["FactorCell", "FactorTask"]


@dataclass(frozen=True)
class FactorTask:
    """What is asked of a maker, and what it may learn from.

    Attributes:
        world: Name of the world.
        split: Name of the split.
        seed: Of the split, the windows and the makers.
        num_training: Training windows, of combinations drawn among those seen.
        num_asked: Windows asked for, and as many real ones to test forecasts on, of combinations
            drawn among those held out.
        budget: Processor time of training a PSA-GAN.
        settings: Of the PSA-GAN.
    """

    world: str
    split: str
    seed: int
    num_training: int = 800
    num_asked: int = 400
    budget: str = "60s"
    settings: Mapping[str, Any] = field(default_factory=dict)

    def run(self, maker: str) -> FactorCell:
        """Make the windows asked for, read their factors, and train forecasters on them.

        Raises:
            SettingsError: There is no such world, split or maker.
        """
        for what, name, names in (("world", self.world, WORLDS), ("maker", maker, MAKERS)):
            if name not in names:
                raise SettingsError(
                    f"There is no {what} '{name}'.{nearest(name, names)} There are "
                    f"{', '.join(names)}."
                )
        begin, world = time.process_time(), WORLDS[self.world]
        seen, asked, test = self._draw(world)
        made = MAKERS[maker](seen, asked)
        seconds = time.process_time() - begin
        read = read_factors(world, made)
        alone = forecast_errors(seen.windows, test, self.seed)
        both = forecast_errors(np.concatenate([seen.windows, made]), test, self.seed)
        new = new_values(seen.levels, asked)
        return FactorCell(
            self, maker, world.factors, explained(asked, read), explained_new(asked, read, new),
            change(both, alone), round(seconds, 1), asked, made,
        )  # fmt: skip

    def _draw(self, world: FactorWorld) -> tuple[Seen, Integers, Array]:
        """Return what may be learnt from, the levels (M, F) asked for, and test windows (M, L)."""
        grid = world.grid
        hidden = held_out_combinations(self.split, grid, self.seed)
        random = numpy_stream(self.seed, "factors", world.name, self.split)
        levels = grid[~hidden][random.integers(int((~hidden).sum()), size=self.num_training)]
        asked, tested = grid[hidden][random.integers(int(hidden.sum()), size=(2, self.num_asked))]
        windows, test = world.windows(levels, random), world.windows(tested, random)
        return Seen(world, levels, windows, self.seed, self.budget, self.settings), asked, test


@dataclass(frozen=True)
class FactorCell:
    """What a maker scored.

    Attributes:
        task: What was asked.
        maker: Of whom.
        factors: Names of the F factors.
        scores: (F,), R^2 of asked and read factors.
        new_scores: (F,), the same where the asked value was never seen; NaN without such values.
        forecast: Relative change of the forecast error on held-out combinations that the made
            windows bring, with the ends of its 95 % interval; below 0 is better.
        cpu_seconds: What making the windows cost, training included.
        asked: (M, F).
        windows: (M, L), made.
    """

    task: FactorTask
    maker: str
    factors: tuple[str, ...]
    scores: Array
    new_scores: Array
    forecast: tuple[float, float, float]
    cpu_seconds: float
    asked: Integers
    windows: Array

    @property
    def mean(self) -> float:
        """The mean of the scores, those below 0 as 0."""
        return float(np.maximum(self.scores, 0.0).mean())

    @property
    def new_mean(self) -> float:
        """The mean of the scores of new values, those below 0 as 0; NaN without new values."""
        finite = self.new_scores[np.isfinite(self.new_scores)]
        return float(np.maximum(finite, 0.0).mean()) if len(finite) else float("nan")
