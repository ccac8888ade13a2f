"""What does it cost to explain scores, and are planted reasons ranked first?

The arm "planted" explains a score that is made of known numbers of events: five an event with the
item, 0.3 with one of the 20 items that the same users have, one of the last week, a tenth of any
other; it measures how often the three known groups are those that move a user most. An arm with
`settings` trains RIM on a log and explains its scores; it measures the processor seconds of so many
users and groups.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from tsgen.contracts import audience_estimator
from tsgen.data import Interactions
from tsgen.responsible import explain_scores
from tsgen.rng import numpy_stream
from tsgen.scores import ScoreMatrix, ScoreParts
from tsgen.training import TrainingOptions

from ...settings import ArmSettings, Count, StudySettings
from ...sources import StudySources

__all__ = ["PlantedScores", "ReasonsArm", "ReasonsStudy", "explained_scores"]

_END = pd.Timestamp("2024-03-01")
_OWN, _SIMILAR, _RECENT, _REST = 5.0, 0.3, 1.0, 0.1
_ALIKE, _ITEMS = 20, 400
_AGES = ("7D", "30D", "60D", "90D")
_WEEK = 7 * 8.64e10


class ReasonsStudy(StudySettings):
    """A study of explained scores."""

    users: Count = 500
    """Users who are explained."""
    horizon: str = "7D"
    """Of the trained model."""
    ages: list[str] = Field(default_factory=lambda: list(_AGES))
    """Bounds of the age of events: two groups for the item and similar ones, one each for these,
    one for older events, and one for attributes where the log has any."""


class ReasonsArm(ArmSettings):
    """What is explained."""

    settings: dict[str, Any] | None = None
    """Those of a RIM that is trained on the log; None explains planted scores."""


def explained_scores(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Explain planted scores, or those of a model."""
    number = study.get("users", 500)
    if arm.get("settings") is None:
        return {"cpu_seconds": 0.0, "measures": _planted(number, seed)}
    log = _log(study, sources)
    options = TrainingOptions(seed=seed, device="cpu", progress=False)
    estimator = audience_estimator("rim")(horizon=study.get("horizon", "7D"), **arm["settings"])
    model = estimator.train(log, options=options)
    item = model.items.ids[int(np.argmax(np.bincount(log.item)))]
    users = list(model.audience(item, size=number)["user_id"])
    begin = time.process_time()
    why = explain_scores(model, item, users, ages=study.get("ages", _AGES))
    seconds = time.process_time() - begin
    numbers = {"users": len(why.values), "groups": len(why.values.columns),
               "CPU seconds of the explanation": seconds}  # fmt: skip
    measures = {name: {"value": round(float(v), 4)} for name, v in numbers.items()}
    return {"cpu_seconds": round(seconds, 1), "measures": measures}


def _log(study: Mapping[str, Any], sources: StudySources) -> Interactions:
    table = sources.events(study["data"])
    columns = table[["user_id", "item_id"]]
    stamps = pd.to_datetime(table["timestamp"], unit="s")
    people = sources.users(study["data"])
    return Interactions.from_frame(
        columns.assign(timestamp=stamps), users=people, on_duplicate="keep"
    )


class PlantedScores:
    """A model whose score is what a user's events are worth, each by its group."""

    horizon = "7D"
    cutoff = _END.tz_localize("UTC")

    def __init__(self, log: Interactions) -> None:
        self.log, self.all_items = log, log.items

    def score_parts(self, *, at: Any = None, events: Any = None) -> ScoreParts:
        """Return the sums of each user."""
        log: Interactions = self.log if events is None else events
        recent = log.read_time(self.cutoff) - log.time <= _WEEK
        worth = np.where(log.item == 0, _OWN, np.where(log.item <= _ALIKE, _SIMILAR,
                         np.where(recent, _RECENT, _REST)))  # fmt: skip
        total = np.bincount(log.user, weights=worth, minlength=log.num_users).astype(np.float64)
        bias = np.zeros(log.num_users), np.zeros(log.num_items)
        return ScoreParts(total, ScoreMatrix.of_biases(log.users.ids, log.items.ids, *bias))


def _planted(users: int, seed: int) -> dict[str, Any]:
    """Return how many users have the three planted groups on top of their groups."""
    random = numpy_stream(seed, "planted reasons")
    rows = []
    for user in range(users):
        alike = 1 + random.choice(_ALIKE, _ALIKE // 2, replace=False)
        rows += [(user, int(item), 20) for item in (0, *alike)]
        for first, last in ((1, 7), (8, 80)):
            other = random.integers(_ALIKE + 1, _ITEMS, random.integers(1, 5))
            rows += [(user, int(item), int(random.integers(first, last))) for item in other]
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "days"])
    table["timestamp"] = _END - pd.to_timedelta(table["days"], "D")
    log = Interactions.from_frame(table.drop(columns="days"), on_duplicate="keep")
    model: Any = PlantedScores(log)
    why = explain_scores(model, 0, ages=_AGES)
    order = np.argsort(-why.values.to_numpy(), axis=1, kind="stable")[:, :3]
    on_top = (np.sort(order, axis=1) == np.arange(3)).all(axis=1)
    return {
        "users": {"value": float(len(on_top))},
        "groups": {"value": float(len(why.values.columns))},
        "planted on top": {"value": round(float(on_top.mean()), 4)},
    }
