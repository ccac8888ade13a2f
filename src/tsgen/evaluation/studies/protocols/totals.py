"""The protocol "totals": do expected events and buyers come, whatever the log and its length?

A cell is one log and horizon at several lengths of history. Of the users with a history at the
cut-off it asks the events expected of them, the sum of intensities and the sum of probabilities of
all pairs with items that had events, and sets beside them what came, and two rules of thumb that
count the same users in the horizons before.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import Field, field_validator

from tsgen.contracts import audience_estimator
from tsgen.data import Histories, Interactions
from tsgen.data.events import read_span, to_stamps
from tsgen.errors import TsgenError
from tsgen.scores import BLOCK_NUMBERS
from tsgen.training import TrainingOptions

from ..settings import ArmSettings, StudySettings
from ..sources import StudySources

__all__ = ["TotalsArm", "TotalsStudy", "totals"]

_SHORTEST = 1.5
"""Horizons of history, at least."""


class TotalsStudy(StudySettings):
    """A study of expected totals; its arms name their logs."""

    development: list[str] = Field(default_factory=list)
    """Logs that choices were made on, left out of the second table."""


class TotalsArm(ArmSettings):
    """A log and a horizon."""

    data: str
    """Name of the log."""
    horizon: str
    """A length of time, such as "28D"."""
    histories: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1)]
    """Lengths of history, in horizons; those under 1.5 are left out."""
    user: str = "user_id"
    """The column that counts as the user."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of RIM; all others are the default."""

    @field_validator("horizon")
    @classmethod
    def _is_a_length(cls, horizon: str) -> str:
        read_span(horizon)
        return horizon


def totals(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Compare what is expected with what came, at each length of history.

    The arm names `data`, `horizon`, `histories` (in horizons), and may name a `user` column and
    `settings`; a cut-off whose horizon the log does not cover is left out.
    """
    begin = time.process_time()
    events = _read(arm, sources)
    span = read_span(arm["horizon"])
    first, last = int(events.time.min()), int(events.time.max())
    cuts = [first + int(length * span) for length in arm["histories"] if length >= _SHORTEST]
    windows = [_window(events, cut, arm, seed) for cut in cuts if cut + span <= last]
    return {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "measures": _measures(windows),
        "windows": windows,
    }


def _read(arm: Mapping[str, Any], sources: StudySources) -> Interactions:
    user = arm.get("user", "user_id")
    table = sources.events(arm["data"])[[user, "item_id", "timestamp"]]
    table = table.dropna().rename(columns={user: "user_id"})
    return Interactions.from_frame(table, on_duplicate="keep")


def _window(events: Interactions, cut: int, arm: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return what one cut-off expected and what came, or why it was refused."""
    span = read_span(arm["horizon"])
    now = Histories.of(events, cut)
    users = now.users[now.lengths > 0]
    row: dict[str, Any] = {
        "history": round((cut - int(events.time.min())) / span, 2),
        "cutoff": str(to_stamps(np.array([cut]), events.timezone)[0]),
        "users": len(users),
        **_came(events, cut, span),
    }
    estimator = audience_estimator("rim")(horizon=arm["horizon"], **arm.get("settings", {}))
    options = TrainingOptions(seed=seed, device="cpu", progress=False)
    try:
        model = estimator.train(events, at=row["cutoff"], options=options)
    except TsgenError as error:
        return row | {"refused": str(error)}
    return row | _expected(model)


def _came(events: Interactions, cut: int, span: int) -> dict[str, Any]:
    """Return events and pairs in the horizon, and events in the horizons before, alike counted."""
    now, later = Histories.of(events, cut), Histories.of(events, cut + span)
    active = now.lengths > 0
    pairs = (later.pair_counts() - now.pair_counts())[active]
    seen = np.flatnonzero(now.pair_counts().sum(axis=0))  # items that had an event
    past = [_events_of_past_users(events, cut - k * span, span) for k in range(1, 1000)
            if cut - k * span > int(events.time.min())]  # fmt: skip
    return {
        "came_events": int(pairs.sum()),
        "came_known_events": int(pairs[:, seen].sum()),
        "came_pairs": int((pairs[:, seen] > 0).sum()),
        "last_horizon": past[0] if past else None,
        "mean_horizon": round(float(np.mean(past)), 1) if past else None,
    }


def _events_of_past_users(events: Interactions, cut: int, span: int) -> int:
    """Return the events in a horizon of the users who had a history at its beginning."""
    before, after = Histories.of(events, cut), Histories.of(events, cut + span)
    return int((after.lengths - before.lengths)[before.lengths > 0].sum())


def _expected(model: Any) -> dict[str, Any]:
    scores = model.scores(present=True)
    num_users, num_items = scores.shape
    step = max(BLOCK_NUMBERS // max(num_items, 1), 1)
    events = pairs = 0.0
    for begin in range(0, num_users, step):
        block = scores.block(slice(begin, begin + step), slice(0, num_items)).astype(np.float64)
        events += float(block.sum())
        pairs += float(model.probability(block).sum())
    low, high = model.summary["expected_events_90"]
    return {
        "expected_events": model.summary["expected_events"],
        "expected_known_events": round(events, 1),
        "expected_pairs": round(pairs, 1),
        "low": low,
        "high": high,
    }


def _measures(windows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the mean over the windows that were not refused; see `totals_page` for all arms."""
    served = [w for w in windows if "expected_events" in w and w["came_events"]]
    ratios = {
        "events_ratio": [w["expected_events"] / w["came_events"] for w in served],
        "known_events_ratio": [
            w["expected_known_events"] / max(w["came_known_events"], 1) for w in served
        ],
        "pairs_ratio": [w["expected_pairs"] / max(w["came_pairs"], 1) for w in served],
    }
    values = {name: float(np.median(observed)) for name, observed in ratios.items() if observed}
    values["refused"] = float(len(windows) - len(served))
    return {name: {"value": round(value, 4)} for name, value in values.items()}
