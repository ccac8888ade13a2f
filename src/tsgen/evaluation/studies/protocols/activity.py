"""The protocol of activity models alone: distributions of users' coming counts, one log."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field
from scipy.stats import rankdata

from tsgen.arrays import AnyArray
from tsgen.contracts import audience_estimator
from tsgen.data import Histories, Interactions
from tsgen.data.events import read_span
from tsgen.metrics import bernoulli_log_score, calibration_table
from tsgen.training import TrainingOptions

from ..settings import ArmSettings, StudyPart, StudySettings
from ..sources import StudySources

__all__ = ["ActivityArm", "ActivityStudy", "activity"]

_TRAINING_SHARE = 0.8
_BASELINE = "bg-nbd"


class ActivityStudy(StudySettings):
    """A study of activity models alone."""

    horizons: list[str]
    """Lengths of time, such as "28D"; "rest" is as long as the test part."""
    part: StudyPart = "test"
    """What is scored."""
    origins: dict[str, list[int]] = Field(default_factory=dict)
    """Horizon -> by how many horizons the cut-offs lie before the test part; [0] by default."""


class ActivityArm(ArmSettings):
    """An activity model."""

    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of RIM; all others are the default."""


def activity(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Score one activity model at each horizon; its measures are named after the horizon.

    The training part is the first 80 % of the events by time. On the test part a horizon begins at
    its end; with part = "validation", as many horizons before as the study says (`origins`).
    """
    table = sources.events(study["data"])
    events = Interactions.from_frame(
        table[["user_id", "item_id", "timestamp"]], on_duplicate="keep"
    )
    times = np.sort(events.time)
    cut = int(times[int(_TRAINING_SHARE * len(times))])
    measures: dict[str, Any] = {}
    begin = time.process_time()
    for horizon in study["horizons"]:
        span = int(times[-1]) - cut if horizon == "rest" else read_span(horizon)
        back = study.get("origins", {}).get(horizon, [0])
        windows = [_score(events, cut - k * span, span, arm, seed) for k in back]
        for name in windows[0]:
            mean, spread = np.mean([list(f[name]) for f in windows], axis=0)
            measures[f"{name}.{horizon}"] = {
                "value": round(float(mean), 5),
                "spread": round(float(spread) / len(windows) ** 0.5, 5),
            }
    seconds = round(time.process_time() - begin, 1)
    return {"cpu_seconds": seconds, "settings": arm.get("settings", {}), "measures": measures}


def _score(
    events: Interactions, at: int, span: int, arm: Mapping[str, Any], seed: int
) -> dict[str, tuple[float, float]]:
    """Return each measure and its standard error over users, for users with a history."""
    training = events.where(events.time < at)
    asked = Histories.of(events, at)
    asked = asked.subset(asked.lengths > 0)
    counts = Histories.of(events, at + span, asked.users).lengths - asked.lengths
    taken = time.process_time()
    ours = _counts_of(arm.get("settings", {}), training, asked, at, span, seed)
    taken = time.process_time() - taken
    theirs = _counts_of({"activity": _BASELINE}, training, asked, at, span, seed)
    scores = ours.log_probability(counts)
    table = calibration_table(ours.mean, counts)
    return {
        "log_score": _mean_of(scores),
        "over_bg_nbd": _mean_of(scores - theirs.log_probability(counts)),
        "any_log_score": (bernoulli_log_score(ours.at_least_one(), counts > 0), 0.0),
        "ratio": (table.ratio, 0.0),
        "calibration_error": (table.error, 0.0),
        "gain_area": (_gain_area(ours.mean, counts), 0.0),
        "fit_seconds": (taken, 0.0),
    }


def _counts_of(
    settings: Mapping[str, Any],
    training: Interactions,
    asked: Histories,
    at: int,
    span: int,
    seed: int,
) -> Any:
    """Return what a model, trained up to `at`, says of the counts that follow."""
    model: Any = audience_estimator("rim")(horizon=f"{span // 10**6}s", **settings).activity_model()
    options = TrainingOptions(seed=seed, device="cpu", progress=False)
    fitted = model.fit(Histories.of(training, at), span, options)
    return fitted.counts(fitted.state(asked))


def _mean_of(values: AnyArray) -> tuple[float, float]:
    return float(values.mean()), float(values.std() / len(values) ** 0.5)


def _gain_area(predicted: AnyArray, counts: AnyArray) -> float:
    """Return the area under the share of events that the best users have; ties share places."""
    place = rankdata(-predicted) - 0.5
    return float(1 - (place * counts).sum() / counts.sum() / len(counts))
