"""The game: how much worse a forecaster is without parts of what it sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tsgen.arrays import Array
from tsgen.errors import DataError
from tsgen.progress import PATIENCE, track
from tsgen.rng import global_seed

from ..shapley import coalitions, shapley_values
from .windows import PanelEntry, PanelWindows

__all__ = ["ForecastJudge", "Game", "Metric", "loss_of", "play", "simple_losses"]

Metric = Literal["quantile_loss", "absolute_error", "squared_error"]
_LEVELS = tuple(np.arange(1, 10) / 10)


@dataclass(frozen=True, eq=False)
class ForecastJudge:
    """Asks a predictor and compares with what came.

    Attributes:
        predictor: A GluonTS predictor.
        channel: The channel that is judged.
        joint: Whether the predictor takes all channels as one entry, or each as its own.
        metric: "quantile_loss" (mean of deciles, twice the pinball loss), "absolute_error" (of the
            median), or "squared_error" (of the mean).
        seed: Of a predictor that draws samples: the same for every coalition.
        num_samples: Samples of it.
    """

    predictor: Any
    channel: int
    joint: bool
    metric: Metric
    seed: int
    num_samples: int = 100

    def losses(self, entries: Sequence[PanelEntry], futures: Array) -> Array:
        """Return the mean loss over the horizon of each entry, (n,); NaN where nothing came.

        Args:
            entries: What the predictor sees.
            futures: (n, H) what came.
        """
        if self.joint:
            asked, step, offset = list(entries), 1, 0
        else:
            asked = [{**e, "target": row} for e in entries for row in e["target"]]
            step, offset = len(entries[0]["target"]), self.channel
        with global_seed(self.seed):
            made = list(self._predict(asked))
        if len(made) != len(asked):
            raise DataError(f"The predictor made {len(made)} forecasts of {len(asked)} entries.")
        return loss_of(futures, [self._of(one) for one in made[offset::step]], self.metric)

    def _predict(self, entries: Sequence[PanelEntry]) -> Any:
        try:
            return self.predictor.predict(entries, num_samples=self.num_samples)
        except TypeError:  # predictors without samples take no number of them
            return self.predictor.predict(entries)

    def _of(self, forecast: Any) -> Array:
        """Return the numbers that the loss is made of, (levels, H)."""
        if self.metric == "squared_error":
            numbers = [forecast.mean]
        else:
            levels = _LEVELS if self.metric == "quantile_loss" else (0.5,)
            numbers = [forecast.quantile(level) for level in levels]
        values = np.asarray(numbers, np.float64)
        return values[..., self.channel] if values.ndim == 3 else values


def loss_of(futures: Array, forecasts: Sequence[Array] | Array, metric: Metric) -> Array:
    """Return the mean loss over the horizon, (n,).

    Args:
        futures: (n, H) what came, NaN = missing.
        forecasts: (n, levels, H).
        metric: See `ForecastJudge`.
    """
    error = futures[:, None, :] - np.asarray(forecasts)
    if metric == "squared_error":
        loss = error**2
    elif metric == "absolute_error":
        loss = np.abs(error)
    else:
        level = np.array(_LEVELS)[:, None]
        loss = 2 * np.where(error >= 0, level * error, (level - 1) * error)
    there = np.isfinite(loss)
    total = np.where(there, loss, 0.0).sum(axis=(1, 2))
    number = there.sum(axis=(1, 2))
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def simple_losses(
    windows: PanelWindows, channel: int, season: int, metric: Metric
) -> dict[str, Array]:
    """Return the loss of the last value, and of the last season repeated, (W,) each."""
    past, futures = windows.pasts(channel), windows.futures(channel)
    steps = np.arange(windows.horizon)
    levels = len(_LEVELS) if metric == "quantile_loss" else 1
    made = {"the last value": past[:, -1:] + 0 * steps}
    if 1 < season <= windows.past:
        made["the last season"] = past[:, windows.past - season + steps % season]
    return {name: loss_of(futures, np.repeat(values[:, None, :], levels, axis=1), metric)
            for name, values in made.items()}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Game:
    """What was played.

    Attributes:
        players: (k,) parts of what the forecaster sees.
        losses: (2^k, W) mean loss of each coalition and window.
    """

    players: tuple[str, ...]
    losses: Array

    @property
    def values(self) -> Array:
        """(k, W) what each part lowers the loss by: they add up to `gains`."""
        return shapley_values(-self.losses)

    @property
    def gains(self) -> Array:
        """(W,) loss with nothing less the loss with everything."""
        return np.asarray(self.losses[0] - self.losses[-1])


def play(
    judge: ForecastJudge, windows: PanelWindows, players: Sequence[str], draws: int, seed: int
) -> Game:
    """Play every coalition of the parts.

    Args:
        judge: Asks the predictor.
        windows: W stretches.
        players: Parts that may be absent.
        draws: Stretches that stand in for an absent part, one after the other.
        seed: Draws them.
    """
    strangers = windows.strangers(players, draws, seed)
    futures = windows.futures(judge.channel)
    rows = []
    for who in track(coalitions(len(players)), "coalitions", delay=PATIENCE):
        absent = [player for player, here in zip(players, who, strict=True) if not here]
        times = draws if absent else 1
        entries = [
            windows.entry(w, judge.channel, {player: strangers[player][w, k] for player in absent})
            for w in range(len(windows))
            for k in range(times)
        ]
        losses = judge.losses(entries, np.repeat(futures, times, axis=0))
        rows.append(losses.reshape(len(windows), times).mean(axis=1))
    return Game(tuple(players), np.array(rows))
