"""The user split of the published comparison: who keeps rating in the next minutes?

Each user has a time origin of its own, the first event. Group A is known whole; group B up to its
test time, at which it is asked about. The groups are drawn as the authors' code draws them, so that
figures made with that code can stand beside these.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from pydantic import Field

from tsgen.arrays import AnyArray
from tsgen.contracts import audience_estimator
from tsgen.data import Histories, Interactions, UserSplit, split_users
from tsgen.metrics import percentile_interval, resample_counts, select_items, select_users, without
from tsgen.rng import numpy_stream
from tsgen.scores import ScoreMatrix
from tsgen.training import TrainingOptions

from ..settings import ArmSettings, StudySettings
from ..sources import StudySources

__all__ = ["UserSplitArm", "UserSplitStudy", "user_split"]

_ACTIVITIES = {
    "UserRec": "none",
    "UserRec-Pop": "popularity",
    "UserRec-EMA": "moving-average",
    "UserRec-Hawkes": "hawkes-reference",
    "UserRec-HP": "hawkes-poisson",
}
_BOOTSTRAPS = 1000
_GROUP_SEED = 888


class UserSplitStudy(StudySettings):
    """A study by the user split of the published comparison."""


class UserSplitArm(ArmSettings):
    """A relevance model, judged with each activity."""

    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of RIM; all others are the default."""
    own_activity: bool = False
    """Whether it is judged with the activity of its settings alone."""


def user_split(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Train one relevance model and judge it with each activity."""
    torch.set_num_threads(1)
    split = _prepare(sources.events(study["data"]))
    task = split.test
    begin = time.process_time()
    settings: Any = audience_estimator("rim")(
        horizon=f"{task.horizon}us", **arm.get("settings", {})
    )
    options = TrainingOptions(seed=seed, device="cpu", progress=False)
    histories = Histories.of(task.training, int(task.events.time.max()) + 1)
    held_out = _hold_out(histories, seed)
    relevance = settings.relevance_model().fit(histories, task.horizon, options, held_out=held_out)
    cost = round(time.process_time() - begin, 1)
    factors, bias = relevance.users(task.histories)
    rate = {"UserRec": np.ones(len(task.histories))}
    names = {"UserRec-own": settings.activity} if arm.get("own_activity") else _ACTIVITIES
    for name, activity in names.items():
        if activity != "none":
            rate[name] = _activity_of(settings, activity, split, options)
    measures, chosen = {}, {}
    for name, of_users in rate.items():
        with np.errstate(divide="ignore"):
            scores = _scores_of(split, relevance, factors, bias + np.log(of_users))
        chosen[name] = _judge(select_users(scores, exclude=task.seen), split)
        measures[name] = _summary(chosen[name], seed)
        if name == "UserRec":
            items = _judge(select_items(scores, exclude=task.seen), split)
            measures["ItemRec"] = _summary(items, seed)
    best = "UserRec-own" if arm.get("own_activity") else "UserRec-Hawkes"
    if relevance.item_factors.shape[1]:  # popularity tells no users apart
        measures["gain"] = _ratio(chosen[best], chosen["UserRec"], seed)
    else:
        del measures["UserRec"]
    return {
        "cpu_seconds": cost,
        "report": task.report,
        "epochs": len(getattr(relevance, "history", [])),
        "settings": settings.to_json(),
        "torch": torch.__version__,
        "measures": measures,
    }


def _prepare(table: pd.DataFrame) -> UserSplit:
    """Keep the second half of each user, and split by user with the median span as horizon."""
    table = table.sample(frac=1, random_state=0).sort_values("timestamp", kind="stable")
    counts = table.groupby("user_id")["user_id"].transform("size")
    kept = table[(table.groupby("user_id").cumcount() + 1) / counts >= 0.5]
    spans = kept.groupby("user_id")["timestamp"].agg(np.ptp)
    events = Interactions.from_frame(kept.drop(columns="value"), on_duplicate="keep")
    return split_users(
        events,
        start=f"{spans.median()}s",
        horizon=f"{spans.median()}s",
        group_a=_group_a(events),
        min_history=1,
        min_item_count=1,
        exclude_seen=True,
    )


def _group_a(events: Interactions) -> AnyArray:
    """Draw half of the users as the authors' code does, from the ids in (numeric) order."""
    order = np.argsort(_places(events.users.ids), kind="stable")
    drawn = pd.Series(order).sample(frac=0.5, random_state=_GROUP_SEED)
    return np.isin(np.arange(events.num_users), drawn)


def _places(ids: pd.Index[Any]) -> AnyArray:
    """Return ids as numbers, or their places in the order of texts where one is no number."""
    numbers = pd.to_numeric(pd.Series(ids), errors="coerce")
    if numbers.notna().all():
        return numbers.to_numpy()
    return np.unique(ids.astype(str).to_numpy(object), return_inverse=True)[1]


def _hold_out(histories: Histories, seed: int) -> AnyArray:
    """Draw a tenth of the users to validate the networks by."""
    chosen = np.zeros(len(histories), bool)
    active = np.flatnonzero(histories.lengths > 0)
    random = numpy_stream(seed, "held out")
    chosen[random.choice(active, len(active) // 10, replace=False)] = True
    return chosen


def _activity_of(settings: Any, name: str, split: UserSplit, options: TrainingOptions) -> AnyArray:
    """Return the activity of the test requests.

    As in the authors' code, the Hawkes process learns from group B before its test time; what
    learns from a window does so on group A, at the end of its validation window.
    """
    task = split.test
    model = settings.model_copy(update={"activity": name}).activity_model()
    past = split.validation.histories
    learning = Histories.of(past.events, past.at + task.horizon, past.users)
    if name == "hawkes-reference":
        learning = task.histories
    fitted = model.fit(learning, task.horizon, options)
    return np.asarray(fitted.intensity(fitted.state(task.histories)))


def _scores_of(split: UserSplit, relevance: Any, factors: AnyArray, bias: AnyArray) -> ScoreMatrix:
    """Return the intensities of the requests and candidates."""
    task = split.test
    users = task.events.users.ids.take(task.histories.users)
    items = task.candidates
    return ScoreMatrix(
        users, task.item_ids(), factors, relevance.item_factors[items], bias,
        relevance.item_bias[items],
    )  # fmt: skip


@dataclass(frozen=True)
class _Lists:
    """Hits and places of each user in the lists."""

    hits: AnyArray
    places: AnyArray

    def precision(self, weights: AnyArray) -> AnyArray:
        return np.asarray(weights @ self.hits / (weights @ self.places))


def _judge(selected: sp.csr_array, split: UserSplit) -> _Lists:
    """Count hits and places of each user."""
    task = split.test
    targets = without(task.targets, task.seen) > 0
    hits = selected.multiply(targets).sum(axis=1)
    return _Lists(np.asarray(hits).ravel(), np.asarray(selected.sum(axis=1)).ravel())


def _resamples(num: int, seed: int) -> AnyArray:
    """Return how often each user is drawn, (bootstraps, users)."""
    random = numpy_stream(seed, "bootstrap")
    return resample_counts(random, num, _BOOTSTRAPS)


def _summary(lists: _Lists, seed: int) -> dict[str, float]:
    """Return the precision and its interval over users."""
    drawn = lists.precision(_resamples(len(lists.hits), seed))
    return _with_interval(lists.precision(np.ones((1, len(lists.hits))))[0], drawn)


def _ratio(ours: _Lists, plain: _Lists, seed: int) -> dict[str, float]:
    """Return by how much the activity multiplies the precision, paired over users."""
    weights = _resamples(len(ours.hits), seed)
    drawn = ours.precision(weights) / np.maximum(plain.precision(weights), 1e-9)
    one = np.ones((1, len(ours.hits)))
    return _with_interval((ours.precision(one) / plain.precision(one))[0], drawn)


def _with_interval(value: float, drawn: AnyArray) -> dict[str, float]:
    low, high = percentile_interval(drawn)
    return {
        name: round(float(number), 5)
        for name, number in (("value", value), ("low", low), ("high", high))
    }
