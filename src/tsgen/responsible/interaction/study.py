"""`interaction_study`: what a forecaster gains from its own past, other series and the calendar.

Source: Makansi et al. (2022), "You mostly walk alone: analyzing feature attribution in trajectory
prediction": the value of a coalition is the performance, a random series is the control, and the
model without the others is the second line of evidence.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array
from tsgen.data import MultivariateDataset, SeriesDataset, to_dataset
from tsgen.errors import DataError, SettingsError, nearest
from tsgen.metrics import Ratio, bootstrap, percentile_interval
from tsgen.results import StudyResult, library_versions
from tsgen.rng import global_seed, numpy_stream, resolve_seed

from .answer import LEAST_SKILL, interaction_answer, verdict
from .game import ForecastJudge, Game, Metric, play, simple_losses
from .windows import PLAYERS, STATICS, PanelEntry, PanelWindows, with_control

__all__ = ["interaction_study"]

_METRICS = ("quantile_loss", "absolute_error", "squared_error")


def interaction_study(
    estimator: Any,
    dataset: Any,
    *,
    targets: Sequence[str] | None = None,
    joint: bool = True,
    generated: MultivariateDataset | None = None,
    context: int | None = None,
    test_share: float = 0.2,
    windows: int = 60,
    metric: Metric = "quantile_loss",
    absences: int = 4,
    draws: int = 500,
    seed: int | None = None,
    command: str | None = None,
) -> StudyResult:
    """Return what parts of its input a forecaster's performance comes from.

    The players are the own past of a series, the other series, a random series as control, the
    calendar (start and features that are known ahead) and statics where entries differ in them. An
    absent one is that of another stretch of time. Every coalition is played on windows of the last
    part, which training did not see; Shapley values of the loss add up to what the forecaster gains
    over one that sees nothing. The same estimator is trained again without the other series. Shares
    are withheld where the forecaster is less than 5 % better than a simple forecast.

    Args:
        estimator: A GluonTS estimator: `train(entries)` gives a predictor.
        dataset: Series that were observed together: a `MultivariateDataset`, or two series or more
            on one grid.
        targets: Names of the series that are judged; None judges all, each with a training of its
            own.
        joint: Whether the forecaster takes all series as one entry (target of two dimensions);
            False gives it each as an entry of its own, from which it cannot mix them.
        generated: Windows of the same series drawn by a synthesizer: is a forecaster that is
            trained on them as interested in the others as one trained on as many real windows?
        context: Steps of the past that it sees; None takes the estimator's context_length, or ten
            horizons.
        test_share: Last part of each entry, for windows.
        windows: How many.
        metric: "quantile_loss", "absolute_error" or "squared_error".
        absences: Stretches that stand in for an absent part, over which the loss is averaged.
        draws: Draws of windows for the intervals of 95 %.
        seed: Same seed, same numbers; None draws one, which is recorded.
        command: What was typed, to be kept with the result.

    Returns:
        A result of the kind "interaction": for each `target` and `arm` ("real", "generated") a row
        for the skill and one for each player's share of the gain, with `low` and `high`, and the
        row "trained without the others": how much larger the error is then.

    Raises:
        DataError: There is one series only, or too few steps.
        SettingsError: A setting is impossible, or a target is no series.

    Example:
        >>> import pandas as pd
        >>> from tsgen.curation import ReferenceLinearEstimator
        >>> from tsgen.data import MultivariateDataset, simulate_series
        >>> series = simulate_series(num_series=2, length=300, freq="h", seed=1)
        >>> estimator = ReferenceLinearEstimator(freq="h", prediction_length=6)
        >>> result = interaction_study(
        ...     estimator, MultivariateDataset.of_panel(series), targets=["series-0"], joint=False,
        ...     windows=10, absences=1, draws=20, seed=1)
        >>> float(result.value("share", player="other series"))  # it looks at one series alone
        0.0
    """
    seed = resolve_seed(seed)
    panel = _panel(dataset)
    judged = _targets(panel, targets)
    _check(metric, windows, absences, draws, test_share, context)
    horizon = int(estimator.prediction_length)
    past = context or int(getattr(estimator, "context_length", 0) or 10 * horizon)
    entries = with_control(list(panel), panel.channels.index(judged[0]), seed)
    spread = PanelWindows.spread(entries, past, horizon, test_share, windows)
    study = _Study(estimator, panel, spread, joint, metric, absences, draws, seed)
    rows, facts = [], []
    training = {"real": study.training()}
    if generated is not None:
        training = _as_many(spread, generated, panel, judged[0], seed)
    predictors = {arm: study.train(part) for arm, part in training.items()}
    for target in judged:
        for arm, predictor in predictors.items():
            numbers, stated = study.judge(target, arm, predictor, training[arm])
            rows += numbers
            facts.append(stated)
    table = pd.DataFrame(rows).assign(
        better="higher", protocol="performance game", n=len(spread), seed=seed
    )
    whole: dict[str, Any] = {
        "study": "interaction", "targets": facts,
        "forecaster": getattr(estimator, "name", type(estimator).__name__),
        "settings": {"metric": metric, "windows": len(spread), "context": past, "joint": joint,
                     "horizon": horizon, "absences": absences, "bootstrap_draws": draws,
                     "test_share": test_share, "least_skill": LEAST_SKILL},
        "seed": seed, "versions": library_versions(),
    }  # fmt: skip
    if command is not None:
        whole["command"] = command
    return StudyResult(table, interaction_answer(facts), whole)


def _panel(dataset: Any) -> MultivariateDataset:
    given = dataset if isinstance(dataset, MultivariateDataset | SeriesDataset) else None
    read: Any = to_dataset(dataset) if given is None else given
    if isinstance(read, MultivariateDataset):
        return read
    if len(read) < 2:
        raise DataError(
            f"There is one series only, '{read.item_ids[0]}', so there are no others to look at; "
            "give series that were observed together, or ask explain_forecast about its own past."
        )
    return MultivariateDataset.of_panel(read)


def _targets(panel: MultivariateDataset, targets: Sequence[str] | None) -> list[str]:
    wanted = list(panel.channels) if targets is None else list(map(str, targets))
    for name in wanted:
        if name not in panel.channels:
            raise SettingsError(
                f"'{name}' is none of the series.{nearest(name, panel.channels)} They are: "
                f"{', '.join(panel.channels)}."
            )
    if not wanted:
        raise SettingsError("targets names no series; give one, or None for all.")
    return wanted


def _check(
    metric: str, windows: int, absences: int, draws: int, test_share: float, context: int | None
) -> None:
    if metric not in _METRICS:
        raise SettingsError(f"metric='{metric}' is unknown; use one of {', '.join(_METRICS)}.")
    if windows < 2 or absences < 1 or draws < 2 or not 0 < test_share < 1:
        raise SettingsError(
            f"windows={windows}, absences={absences}, draws={draws}, test_share={test_share} is "
            "not possible: two windows and draws, one absence, and a share below 1 at least."
        )
    if context is not None and context < 1:
        raise SettingsError(f"context={context} is not possible; a forecaster sees a step or more.")


def _as_many(
    spread: PanelWindows,
    generated: MultivariateDataset,
    panel: MultivariateDataset,
    like: str,
    seed: int,
) -> dict[str, list[PanelEntry]]:
    """Return generated windows, and as many real ones of the same lengths of the training part.

    Raises:
        DataError: The channels differ, or a window is longer than the training part.
    """
    if generated.channels != panel.channels:
        raise DataError(
            f"The generated windows have the channels {', '.join(generated.channels)}; the series "
            f"are {', '.join(panel.channels)}."
        )
    random = numpy_stream(seed, "real windows")
    real = []
    for length in generated.lengths:
        row = int(random.integers(len(spread.entries)))
        if length > spread.train[row]:
            raise DataError(
                f"A generated window has {length} steps, the training part {spread.train[row]}."
            )
        begin = int(random.integers(0, spread.train[row] - length + 1))
        real.append(_cut(spread.entries[row], begin, begin + int(length)))
    made = with_control(list(generated), panel.channels.index(like), seed)
    return {"real": real, "generated": made}


def _cut(entry: PanelEntry, begin: int, end: int) -> PanelEntry:
    """Return the steps of an entry, with what goes along with them."""
    cut = {
        name: value[:, begin:end] if name == "target" or "dynamic" in name else value
        for name, value in entry.items()
    }
    return {**cut, "start": entry["start"] + begin}


@dataclass(frozen=True, eq=False)
class _Study:
    """An estimator, its windows, and how they are judged."""

    estimator: Any
    panel: MultivariateDataset
    windows: PanelWindows
    joint: bool
    metric: Metric
    absences: int
    draws: int
    seed: int

    def training(self) -> list[PanelEntry]:
        """Return the training part, with the random series."""
        pairs = zip(self.windows.entries, self.windows.train, strict=True)
        return [_cut(entry, 0, int(end)) for entry, end in pairs]

    def train(self, entries: Sequence[PanelEntry], channel: int | None = None) -> Any:
        """Return the predictor of all channels, or of one alone."""
        if channel is not None:
            entries = [{**e, "target": e["target"][channel : channel + 1]} for e in entries]
        if not self.joint:
            entries = [
                {**e, "target": row, "item_id": f"{e.get('item_id', '')}/{place}"}
                for e in entries
                for place, row in enumerate(e["target"])
            ]
        with global_seed(self.seed):
            return self.estimator.train(entries)

    @property
    def players(self) -> list[str]:
        """The parts that may be absent."""
        several = len(self.windows.entries) > 1
        has = any(name.startswith("feat_static") for name in self.windows.entries[0])
        return [player for player in PLAYERS if player != STATICS or (several and has)]

    def judge(
        self, target: str, arm: str, predictor: Any, training: Sequence[PanelEntry]
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Return the rows of one target, and what is said of it."""
        channel = self.panel.channels.index(target)
        judge = ForecastJudge(predictor, channel, self.joint, self.metric, self.seed)
        windows = self._observed(channel)
        game = play(judge, windows, self.players, self.absences, self.seed)
        simple = simple_losses(windows, channel, _season(self.panel.freq), self.metric)
        best = min(simple, key=lambda name: float(simple[name].mean()))
        alone = self._alone(channel, training, windows)
        numbers = self._numbers(game, simple[best], alone)
        stated = {"target": target, "arm": arm, "simple": best, **numbers}
        stated["verdict"] = verdict(stated)
        return _rows(stated), stated

    def _observed(self, channel: int) -> PanelWindows:
        """Return the windows in which something came."""
        there = np.isfinite(self.windows.futures(channel)).any(axis=1)
        there &= np.isfinite(self.windows.pasts(channel)[:, -1])
        if there.sum() < 2:
            raise DataError(
                f"Of {len(there)} windows of '{self.panel.channels[channel]}', {there.sum()} have "
                "values before and after; two at least are needed."
            )
        rows, begins = self.windows.rows[there], self.windows.begins[there]
        return replace(self.windows, rows=rows, begins=begins)

    def _alone(self, channel: int, training: Sequence[PanelEntry], windows: PanelWindows) -> Array:
        """Return the losses of the estimator trained without the other series, (W,)."""
        predictor = self.train(training, channel)
        judge = ForecastJudge(predictor, 0, self.joint, self.metric, self.seed)
        entries = [windows.entry(w, channel, {}) for w in range(len(windows))]
        own = [{**e, "target": e["target"][channel : channel + 1]} for e in entries]
        return judge.losses(own, windows.futures(channel))

    def _numbers(self, game: Game, simple: Array, alone: Array) -> dict[str, Any]:
        """Return skill, shares and the second evidence, each with an interval over windows."""
        full, gains = game.losses[-1], game.gains
        ratios: dict[str, Any] = {
            "skill": Ratio(simple - full, simple),
            "alone": Ratio(alone - full, full),
            **{player: Ratio(values, gains)
               for player, values in zip(game.players, game.values, strict=True)},
        }  # fmt: skip
        drawn = bootstrap(ratios, len(full), self.draws, self.seed)
        once = np.ones((1, len(full)))
        numbers = {}
        for name, ratio in ratios.items():
            low, high = percentile_interval(drawn[name])
            value, spread = float(ratio(once)[0]), float(np.std(drawn[name], ddof=1))
            numbers[name] = {"value": value, "low": low, "high": high, "spread": spread}
        shares = {player: numbers.pop(player) for player in game.players}
        losses = {"forecaster": full, "simple": simple, "alone": alone, "nothing": game.losses[0]}
        return {
            **numbers,
            "shares": shares,
            "losses": {name: float(loss.mean()) for name, loss in losses.items()},
        }


def _season(freq: str) -> int:
    from gluonts.time_feature import get_seasonality

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas renames its frequencies
        return int(get_seasonality(freq))


def _rows(stated: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the numbers of a target as rows; shares are NaN where they are withheld."""
    said = {"target": stated["target"], "arm": stated["arm"]}
    withheld = stated["skill"]["value"] < LEAST_SKILL
    nothing = dict.fromkeys(("value", "low", "high", "spread"), np.nan)
    rows = [
        {**said, "metric": "skill", "player": "", **stated["skill"], "note": stated["simple"]},
        {**said, "metric": "trained without the others", "player": "", **stated["alone"],
         "note": "larger error"},
    ]  # fmt: skip
    for player, share in stated["shares"].items():
        numbers = nothing if withheld else share
        rows.append({**said, "metric": "share", "player": player, **numbers,
                     "note": "withheld" if withheld else ""})  # fmt: skip
    return rows
