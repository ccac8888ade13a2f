"""The protocol of activity models alone: distributions of users' coming counts, one log."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.data import Histories
from tsgen.data.events import read_span
from tsgen.metrics import bernoulli_log_score, calibration_table

__all__ = ["activity"]

TRAINING_SHARE = 0.8
BASELINE = "bg-nbd"


def activity(study: dict[str, Any], arm: dict[str, Any], seed: int, data: Path) -> dict[str, Any]:
    """Score one activity model at each horizon; its measures are named after the horizon.

    The training part is the first 80 % of the events by time. On the test part a horizon begins at
    its end; with part = "validation", as many horizons before as the study says (`origins`).
    """
    table = pd.read_parquet(data / "events" / f"{study['data']}.parquet")
    events = Interactions.from_frame(
        table[["user_id", "item_id", "timestamp"]], on_duplicate="keep"
    )
    times = np.sort(events.time)
    cut = int(times[int(TRAINING_SHARE * len(times))])
    measures: dict[str, Any] = {}
    begin = time.process_time()
    for horizon in study["horizons"]:
        span = int(times[-1]) - cut if horizon == "rest" else read_span(horizon)
        back = study.get("origins", {}).get(horizon, [0])
        found = [score(events, cut - k * span, span, arm, seed) for k in back]
        for name in found[0]:
            mean, spread = np.mean([list(f[name]) for f in found], axis=0)
            measures[f"{name}.{horizon}"] = {
                "value": round(float(mean), 5),
                "spread": round(float(spread) / len(found) ** 0.5, 5),
            }
    seconds = round(time.process_time() - begin, 1)
    return {"cpu_seconds": seconds, "settings": arm["settings"], "measures": measures}


def score(
    events: Interactions, at: int, span: int, arm: dict[str, Any], seed: int
) -> dict[str, tuple[float, float]]:
    """Return each measure and its standard error over users, for users with a history."""
    training = events.where(events.time < at)
    asked = Histories.of(events, at)
    asked = asked.subset(asked.lengths > 0)
    counts = Histories.of(events, at + span, asked.users).lengths - asked.lengths
    taken = time.process_time()
    told = told_by(arm["settings"], training, asked, at, span, seed)
    taken = time.process_time() - taken
    theirs = told_by({"activity": BASELINE}, training, asked, at, span, seed)
    scores = told.log_probability(counts)
    table = calibration_table(told.mean, counts)
    return {
        "log_score": mean_of(scores),
        "over_bg_nbd": mean_of(scores - theirs.log_probability(counts)),
        "any_log_score": (bernoulli_log_score(told.at_least_one(), counts > 0), 0.0),
        "ratio": (table.ratio, 0.0),
        "calibration_error": (table.error, 0.0),
        "gain_area": (gain_area(told.mean, counts), 0.0),
        "fit_seconds": (taken, 0.0),
    }


def told_by(
    settings: dict[str, Any],
    training: Interactions,
    asked: Histories,
    at: int,
    span: int,
    seed: int,
) -> Any:
    """Return what a model, trained up to `at`, says of the counts that follow."""
    model: Any = RIMEstimator(horizon=f"{span // 10**6}s", **settings).activity_model()
    options = TrainingOptions(seed=seed, device="cpu", progress=False)
    fitted = model.fit(Histories.of(training, at), span, options)
    return fitted.counts(fitted.state(asked))


def mean_of(values: np.ndarray) -> tuple[float, float]:
    return float(values.mean()), float(values.std() / len(values) ** 0.5)


def gain_area(predicted: np.ndarray, counts: np.ndarray) -> float:
    """Return the area under the share of events that the best users have; ties share places."""
    place = rankdata(-predicted) - 0.5
    return float(1 - (place * counts).sum() / counts.sum() / len(counts))
