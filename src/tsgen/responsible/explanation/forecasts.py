"""`explain_forecast`: asymmetric Shapley values of a forecast, for any GluonTS predictor.

Players are blocks of the past of the target, the same blocks of each covariate, and statics. An
absent player is at a baseline that is stated. Source of the orders: Frye, Rowat, Feige (2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Mask
from tsgen.errors import DataError, SettingsError
from tsgen.progress import PATIENCE, track
from tsgen.results import StudyResult, library_versions
from tsgen.rng import global_seed, resolve_seed

from ..shapley import coalitions, ordered_coalitions, ordered_shapley
from .importance import importance_table

__all__ = ["ForecastExplanation", "Order", "explain_forecast"]

Order = Literal["chronological", "anti-chronological", "both", "any"]
Baseline = Literal["mean", "zero", "last"]
_ORDERS = ("chronological", "anti-chronological", "both", "any")
_BASELINES = ("mean", "zero", "last")


@dataclass(frozen=True)
class _Player:
    """What may be absent: steps of a field (and a row of it), or a whole static field."""

    name: str
    field: str
    row: int | None
    steps: tuple[int, int] | None
    rank: int


@dataclass(frozen=True, eq=False)
class ForecastExplanation:
    """What each part of the input adds to each step of a forecast.

    Attributes:
        values: One row a step of the horizon, one column a player, in units of the target.
        base: (steps,) forecast with every player at the baseline.
        forecast: (steps,) forecast of the entry as it is.
        facts: The order, the baseline, the statistic, and the seed of a random predictor.
    """

    values: pd.DataFrame
    base: Array
    forecast: Array
    facts: Mapping[str, Any]

    def sentence(self) -> str:
        """Return what moves the forecast most, over all steps."""
        moved = self.values.abs().mean().nlargest(1)
        mean = float(self.values[moved.index[0]].mean())
        return (
            f"Over {len(self.values)} steps the forecast ({self.facts['of']}) is "
            f"{self.forecast.mean():.4g} on average, {self.base.mean():.4g} at the baseline "
            f"({self.facts['baseline']}); {moved.index[0]} moves most, {mean:+.3g}."
        )

    def to_result(self, command: str | None = None) -> StudyResult:
        """Return the importance of each player as a result of the kind "explanation".

        Args:
            command: What was typed, to be kept with the result.
        """
        table = importance_table(self.values, protocol="shapley of a forecast")
        facts = {
            "study": "explanation",
            **self.facts,
            "statistic": self.facts["of"],
            "of": "forecast",
            "players": list(map(str, self.values.columns)),
            "versions": library_versions(),
        }
        arrays = {"values": self.values.to_numpy(), "base": self.base, "forecast": self.forecast}
        facts |= {"command": command} if command else {}
        return StudyResult(table, self.sentence(), facts, arrays)


def explain_forecast(
    predictor: Any,
    entry: Mapping[str, Any],
    *,
    blocks: int = 4,
    order: Order = "chronological",
    baseline: Baseline | Mapping[str, Any] = "mean",
    quantile: float | None = None,
    num_samples: int = 100,
    seed: int = 0,
) -> ForecastExplanation:
    """Return what blocks of the past, covariates and statics add to a forecast, step by step.

    Values of all players add up to the forecast less the one of the baseline. A predictor that
    draws samples is asked with the same seed for every coalition, and `facts` say so.

    Args:
        predictor: A GluonTS predictor.
        entry: Of one series: start, target (steps,), and the fields that the predictor takes.
        blocks: Stretches of the past, each of one horizon and the first of all that is older.
        order: Players come in the order of time ("chronological", statics first), from the latest
            back, the mean of "both", or in "any" order (the plain Shapley values; few players).
        baseline: Of an absent step: the field's "mean", "zero", or its "last" value; or an entry to
            take absent values from, by which statics become players, too.
        quantile: Which quantile is explained; None explains the mean.
        num_samples: Samples of a predictor that draws them.
        seed: Of a predictor that is random.

    Raises:
        DataError: The target is not one series, or a baseline does not fit.
        SettingsError: A setting is impossible.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from gluonts.model.seasonal_naive import SeasonalNaivePredictor
        >>> predictor = SeasonalNaivePredictor(prediction_length=2, season_length=2)
        >>> entry = {"start": pd.Period("2024-01-01", "D"), "target": np.arange(8.0)}
        >>> why = explain_forecast(predictor, entry, blocks=2, baseline="zero")
        >>> why.values.iloc[:, -1].tolist()  # the last two steps are all that counts
        [6.0, 7.0]
    """
    _check(entry, blocks, order, baseline, quantile)
    seed = resolve_seed(seed)
    players = _players(entry, blocks, predictor.prediction_length, baseline)
    absent = _absent(entry, baseline)
    ranks = [player.rank for player in players]
    ways = {"chronological": [ranks], "anti-chronological": [[-r for r in ranks]],
            "both": [ranks, [-r for r in ranks]], "any": [[0] * len(ranks)]}[order]  # fmt: skip
    needed = (
        [ordered_coalitions(way) for way in ways] if order != "any" else [coalitions(len(players))]
    )
    inside = np.unique(np.concatenate([*needed, np.ones((1, len(players)), bool),
                                       np.zeros((1, len(players)), bool)]), axis=0)  # fmt: skip
    random = False
    values = []
    for who in track(inside, "explaining", delay=PATIENCE):
        with global_seed(seed):
            made = next(
                iter(_predict(predictor, _masked(entry, absent, players, who), num_samples))
            )
        random |= hasattr(made, "samples")
        values.append(made.mean if quantile is None else made.quantile(quantile))
    game = np.asarray(values, np.float64)
    shares = np.mean([ordered_shapley(way, inside, game) for way in ways], axis=0)
    table = pd.DataFrame(shares.T, columns=[player.name for player in players])
    table.index = pd.RangeIndex(1, len(table) + 1, name="step")
    stated = baseline if isinstance(baseline, str) else "an entry"
    facts = {"order": order, "baseline": stated, "coalitions": len(inside),
             "of": "mean" if quantile is None else f"quantile {quantile:g}",
             "random": f"the predictor draws samples; seed {seed} in every coalition"
             if random else ""}  # fmt: skip
    empty, full = (~inside).all(axis=1), inside.all(axis=1)
    return ForecastExplanation(table, game[empty][0], game[full][0], facts)


def _predict(predictor: Any, entry: Mapping[str, Any], num_samples: int) -> Any:
    try:
        return predictor.predict([entry], num_samples=num_samples)
    except TypeError:  # predictors without samples take no number of them
        return predictor.predict([entry])


def _check(
    entry: Mapping[str, Any], blocks: int, order: str, baseline: Any, quantile: float | None
) -> None:
    if order not in _ORDERS:
        raise SettingsError(f"order='{order}' is unknown; use one of {', '.join(_ORDERS)}.")
    if isinstance(baseline, str) and baseline not in _BASELINES:
        raise SettingsError(
            f"baseline='{baseline}' is unknown; use one of {', '.join(_BASELINES)}, or an entry."
        )
    if blocks < 1 or (quantile is not None and not 0 < quantile < 1):
        raise SettingsError(
            f"blocks={blocks}, quantile={quantile} is not possible: use at least one block, and a "
            "quantile between 0 and 1."
        )
    if np.asarray(entry["target"]).ndim != 1:
        raise DataError(
            f"The target has shape {np.shape(entry['target'])}; one series (steps,) is explained."
        )


def _players(entry: Mapping[str, Any], blocks: int, horizon: int, baseline: Any) -> list[_Player]:
    """Return the players with their time: statics 0, then blocks from the oldest on."""
    length = len(entry["target"])
    bounds = sorted({max(length - horizon * k, 0) for k in range(1, blocks)} | {0})
    ends = [*bounds[1:], length]
    players = []
    for rank, (begin, end) in enumerate(zip(bounds, ends, strict=True), 1):
        when = f"steps {begin - length} to {end - length - 1}"
        players.append(_Player(f"target, {when}", "target", None, (begin, end), rank))
        last = end == length
        for field in ("feat_dynamic_real", "past_feat_dynamic_real"):
            for row in range(len(entry.get(field, ()))):
                stop = np.shape(entry[field])[1] if last else end
                name = f"{field}[{row}], {when}" + (" and ahead" if stop > end else "")
                players.append(_Player(name, field, row, (begin, stop), rank))
    if not isinstance(baseline, str):
        statics = [f for f in ("feat_static_cat", "feat_static_real") if f in entry]
        players = [_Player(field, field, None, None, 0) for field in statics] + players
    return players


def _absent(entry: Mapping[str, Any], baseline: Any) -> dict[str, AnyArray]:
    """Return every field at the baseline."""
    fields = [f for f in ("target", "feat_dynamic_real", "past_feat_dynamic_real") if f in entry]
    if not isinstance(baseline, str):
        for field in [*fields, *(f for f in ("feat_static_cat", "feat_static_real") if f in entry)]:
            if np.shape(baseline.get(field)) != np.shape(entry[field]):
                raise DataError(
                    f"The baseline's {field} has shape {np.shape(baseline.get(field))}; the one "
                    f"of the entry has {np.shape(entry[field])}."
                )
        return {name: np.asarray(values) for name, values in baseline.items()}
    absent = {}
    for field in fields:
        values = np.asarray(entry[field], np.float64)
        level = {"mean": np.nanmean(values, axis=-1, keepdims=True), "zero": 0.0,
                 "last": values[..., -1:]}[baseline]  # fmt: skip
        absent[field] = np.broadcast_to(level, values.shape)
    return absent


def _masked(
    entry: Mapping[str, Any], absent: Mapping[str, AnyArray], players: list[_Player], who: Mask
) -> dict[str, Any]:
    """Return the entry with the absent players at the baseline."""
    masked = dict(entry)
    for player, here in zip(players, who, strict=True):
        if here:
            continue
        if player.steps is None:
            masked[player.field] = absent[player.field]
            continue
        values = np.array(masked[player.field])
        at = slice(*player.steps)
        place: Any = at if player.row is None else (player.row, at)
        values[place] = absent[player.field][place]
        masked[player.field] = values
    return masked
