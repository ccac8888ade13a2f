"""The protocol of activity models beside GluonTS forecasters: one table for both.

Counts of each user a period, some periods ahead. Every arm is a GluonTS predictor (judged by
`evaluate_model`) and the activity of a RIM (judged by the precision of audiences): an activity
model by name, or a forecaster that is taken as one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from gluonts.dataset.split import split
from gluonts.ev.metrics import NRMSE, MeanWeightedSumQuantileLoss, WeightedSumQuantileLoss
from gluonts.model import evaluate_model
from pydantic import Field, model_validator

from tsgen.contracts import activity_model, audience_estimator
from tsgen.data import Interactions, as_series
from tsgen.metrics import precision, select_users
from tsgen.rng import global_seed
from tsgen.training import TrainingOptions

from ...forecast import Forecaster, train_forecaster
from ..settings import ArmSettings, Count, StudySettings, refuse_idle
from ..sources import StudySources

__all__ = ["ForecastersArm", "ForecastersStudy", "forecasters"]

_QUANTILES = [k / 10 for k in range(1, 10)]
_TAIL = [0.9, 0.95, 0.99]  # most users have no event in a period, so that lower quantiles are 0


class ForecastersStudy(StudySettings):
    """A study of activity models beside GluonTS forecasters."""

    freq: str
    """Length of a period, as pandas writes it."""
    prediction_length: Count
    """Periods ahead."""
    horizon: str
    """The same as a length of time."""
    windows: dict[str, str]
    """Name -> cut-off."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of RIM, whatever the activity."""


class ForecastersArm(ArmSettings):
    """An activity model of RIM, or a forecaster that is taken as one."""

    activity: str | None = None
    """Its name."""
    forecaster: str | None = None
    """Its name, or the class it is imported as; see `ForecastStudy`."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of the forecaster."""
    season: Count | None = None
    """Periods in a season; the periods ahead by default."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.activity is None) == (self.forecaster is None):
            raise ValueError("give an activity or a forecaster")
        refuse_idle(self, "activity", "settings", "season")
        return self


def forecasters(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Score one activity model or forecaster at each window of the study.

    The arm names an `activity`, or a `forecaster` (see `ForecastStudy`) with its `settings`.
    """
    table = sources.events(study["data"])
    columns = ["user_id", "item_id", "timestamp", "value"]
    log = Interactions.from_frame(table.loc[table["value"] > 0, columns], on_duplicate="keep")
    begin = time.process_time()
    measures: dict[str, Any] = {}
    for name, at in study["windows"].items():
        scores = _judged(_Window.of(log, study, at), study, arm, seed)
        measures |= {f"{m}.{name}": {"value": round(v, 4)} for m, v in scores.items()}
    seconds = round(time.process_time() - begin, 1)
    return {"cpu_seconds": seconds, "measures": measures}


@dataclass(frozen=True)
class _Window:
    """One cut-off: what is known, and what came within the horizon.

    Attributes:
        at: The cut-off.
        past: Events before it.
        later: Events within the horizon, of users that are known.
        targets: (users, items), 1 where a known user had an event of a known item.
        counts: All users' events a period, to the end of the horizon.
    """

    at: str
    past: Interactions
    later: pd.DataFrame
    targets: sp.csr_array
    counts: Any

    @classmethod
    def of(cls, log: Interactions, study: Mapping[str, Any], at: str) -> _Window:
        end = pd.Timestamp(at) + pd.Timedelta(study["horizon"])
        past = log.before(at).present()
        frame = log.where(log.time >= log.read_time(at)).before(end).to_frame()
        users, items = past.users.codes(frame["user_id"]), past.items.codes(frame["item_id"])
        kept = (users >= 0) & (items >= 0)
        shape = (past.num_users, past.num_items)
        targets = sp.csr_array((np.ones(kept.sum()), (users[kept], items[kept])), shape=shape)
        later = frame[users >= 0]
        both = Interactions.from_frame(pd.concat([past.to_frame(), later]), on_duplicate="keep")
        return cls(at, past, later, targets, both.activity_dataset(study["freq"], until=end))


def _judged(
    window: _Window, study: Mapping[str, Any], arm: Mapping[str, Any], seed: int
) -> dict[str, float]:
    freq, steps = study["freq"], study["prediction_length"]
    predictor = None if "activity" in arm else _forecaster(window, study, arm, seed)
    activity = arm.get("activity") or activity_model("gluonts")(predictor, freq, seed=seed)
    estimator = audience_estimator("rim")(
        horizon=study["horizon"], activity=activity, **study.get("settings", {})
    )
    model = estimator.train(window.past, at=window.at, options=TrainingOptions(seed=seed))
    if predictor is None:
        predictor = model.activity_predictor(freq, events=window.past)
    test = split(window.counts, offset=-steps)[1].generate_instances(steps)
    tail = [WeightedSumQuantileLoss(level) for level in _TAIL]
    with global_seed(seed):
        row = evaluate_model(
            predictor,
            test_data=test,
            metrics=[MeanWeightedSumQuantileLoss(_QUANTILES), NRMSE(), *tail],
        )
    table = model.audience(window.past.items.ids[0], size=window.past.num_users)
    return {
        "mean_wql": float(row["mean_weighted_sum_quantile_loss"].iloc[0]),
        "tail_wql": float(row.filter(regex=r"^weighted_sum").mean(axis=1).iloc[0]),
        "nrmse": float(row["NRMSE[mean]"].iloc[0]),
        "expected_over_happened": float(table["activity"].sum() / len(window.later)),
        "user_rec_precision": float(precision(select_users(model.scores()), window.targets)),
    }


def _forecaster(
    window: _Window, study: Mapping[str, Any], arm: Mapping[str, Any], seed: int
) -> Any:
    """Train the arm's forecaster on the users' counts before the cut-off."""
    steps = study["prediction_length"]
    spec = Forecaster(estimator=arm["forecaster"], settings=arm.get("settings", {}))
    past = window.past.activity_dataset(study["freq"], until=window.at, static=())
    with global_seed(seed):
        return train_forecaster(spec, as_series(past), steps, arm.get("season", steps))
