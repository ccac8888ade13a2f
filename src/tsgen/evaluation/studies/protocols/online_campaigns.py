"""The protocol of prices: learnt in one window, applied to users as they arrive in the next.

The model learns on events before T. At T + H it scores, by histories that it was not trained on,
the users who came in [T + H, T + 2 H): prices are learnt on these. In [T + 2 H, T + 3 H) users come
one by one, in the order of their first event, and are decided on with what was known at T + 2 H.
Campaigns are each of one of the most frequent items before T, one offer a user, a share (`filled`)
as many places as users came in the window before. Realised: how many events of the campaign's item
they then had. Intervals: users drawn with replacement.

Shape legend: n users who came, m campaigns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from tsgen.allocation import CampaignPrices
from tsgen.allocation.solving import DensePairs, Limits, solve_dual, solve_greedy
from tsgen.arrays import Array, Integers
from tsgen.contracts import AudienceModel, audience_estimator
from tsgen.data import Interactions, read_interactions
from tsgen.data.events import read_span, to_stamps
from tsgen.metrics import percentile_interval, resample_counts
from tsgen.rng import numpy_stream
from tsgen.training import TrainingOptions

from ..settings import ArmSettings, Count, StudySettings
from ..sources import StudySources

__all__ = ["WAYS", "Arrivals", "OnlineCampaignsArm", "OnlineCampaignsStudy", "online_campaigns"]

_OPTIONS: dict[str, Any] = {"max_pairs": 20_000_000, "block_numbers": 4_000_000}
_RESAMPLES = 500


@dataclass(frozen=True)
class Arrivals:
    """Who came in a window, in the order of coming.

    Attributes:
        expected: (n, m), events of each campaign's item that the model expects.
        realised: (n, m), those that came.
    """

    expected: Array
    realised: Array


class OnlineCampaignsStudy(StudySettings):
    """A study of prices that are applied to users as they arrive."""

    horizon: str
    """A length of time: of a window, and of what a campaign brings."""
    origins: Count
    """Cut-offs, a horizon apart."""
    campaigns: Count
    """How many; each is of one of the most frequent items."""
    filled: Annotated[float, Field(gt=0)]
    """Places of all campaigns, as a share of the users who came in the window before."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of RIM; all others are the default."""


class OnlineCampaignsArm(ArmSettings):
    """How is decided."""

    way: Literal["prices", "no-prices", "offline-greedy", "offline-dual", "hindsight"]
    """A key of `WAYS`."""


def online_campaigns(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Decide by one way (`arm["way"]`, a key of `WAYS`) at each origin of the study, the latest 1.

    Returns:
        For each origin k the measures `of_offline.k` (realised events over those of the offline
        allocation by dual prices, with its interval), `realised.k` and `expected.k`.
    """
    log = read_interactions(sources.event_file(study["data"]))
    span, end = read_span(study["horizon"]), int(log.time.max()) + 1
    begin = time.process_time()
    measures: dict[str, Any] = {}
    origins = []
    for k in range(1, study["origins"] + 1):
        at = end - (k + 2) * span
        learnt, coming = _windows(log, study, at, span)
        places = np.full(study["campaigns"], 0.0)
        places += np.floor(study["filled"] * len(learnt.expected) / study["campaigns"])
        chosen = WAYS[arm["way"]](learnt, coming, places)
        offline = WAYS["offline-dual"](learnt, coming, places)
        measures |= {f"{name}.{k}": row for name, row in _rows(coming, chosen, offline, seed)}
        origins.append({"trained_until": str(_stamp(at)), "users": len(coming.expected)})
    seconds = round(time.process_time() - begin, 1)
    return {"cpu_seconds": seconds, "origins": origins, "measures": measures}


def _windows(
    log: Interactions, study: Mapping[str, Any], at: int, span: int
) -> tuple[Arrivals, Arrivals]:
    """Return the users that prices are learnt on, and those who then come."""
    past = log.where(log.time < at).present()
    order = np.argsort(-past.item_counts(), kind="stable")
    items = past.items.ids[order[: study["campaigns"]]]
    estimator = audience_estimator("rim")(horizon=study["horizon"], **study.get("settings", {}))
    options = TrainingOptions(seed=1, device="cpu", progress=False)
    model = estimator.train(past, at=_stamp(at), options=options)
    return (
        _arrivals(log, model, items, at + span, span),
        _arrivals(log, model, items, at + 2 * span, span),
    )


def _arrivals(
    log: Interactions, model: AudienceModel, items: pd.Index[Any], begin: int, span: int
) -> Arrivals:
    past = log.where(log.time < begin).present()
    window = log.where((log.time >= begin) & (log.time < begin + span))
    scores: Any = model.scores(at=_stamp(begin), events=past)
    first = pd.Series(window.time).groupby(window.user).min().sort_values(kind="stable")
    users = scores.user_ids.get_indexer(window.users.ids[first.index])
    codes = first.index.to_numpy()[users >= 0]
    part = scores.select_users(users[users >= 0])
    part = part.select_items(scores.item_ids.get_indexer(items))
    expected = part.block(slice(0, part.shape[0]), slice(0, part.shape[1])).astype(float)
    counts = window.pair_counts()[codes][:, window.items.codes(items)]
    return Arrivals(expected, counts.toarray().astype(float))


def _with_prices(learnt: Arrivals, coming: Arrivals, places: Array) -> Integers:
    limits = Limits.of(1, learnt.expected.shape, at_most=places)
    pairs = DensePairs(learnt.expected)
    solution: Any = solve_dual(pairs, limits, tolerance=1e-3, seed=0, **_OPTIONS)
    return _one_by_one(coming.expected, solution.duals.contact, places)


def _without_prices(learnt: Arrivals, coming: Arrivals, places: Array) -> Integers:
    return _one_by_one(coming.expected, np.zeros(len(places)), places)


def _one_by_one(values: Array, contact: Array, places: Array) -> Integers:
    """Return the campaign of each user, -1 for none, decided one after the other."""
    names = [str(place) for place in range(len(places))]
    free = np.full(len(places), np.inf)
    prices = CampaignPrices(names, contact, np.zeros(len(places)), places.copy(), free)
    decisions = (prices.decide(row).campaigns for row in values)
    return np.array([int(offers[0]) if offers else -1 for offers in decisions])


def _greedy(learnt: Arrivals, coming: Arrivals, places: Array) -> Integers:
    limits = Limits.of(1, coming.expected.shape, at_most=places)
    return _campaign_of(solve_greedy(DensePairs(coming.expected), limits, **_OPTIONS), coming)


def _dual(learnt: Arrivals, coming: Arrivals, places: Array) -> Integers:
    return _solved(coming.expected, coming, places)


def _hindsight(learnt: Arrivals, coming: Arrivals, places: Array) -> Integers:
    return _solved(coming.realised + 1e-6 * coming.expected, coming, places)


def _solved(values: Array, coming: Arrivals, places: Array) -> Integers:
    limits = Limits.of(1, values.shape, at_most=places)
    solution = solve_dual(DensePairs(values), limits, tolerance=1e-3, seed=0, **_OPTIONS)
    return _campaign_of(solution, coming)


def _campaign_of(solution: Any, coming: Arrivals) -> Integers:
    chosen = np.full(len(coming.expected), -1)
    chosen[solution.rows] = solution.columns
    return chosen


WAYS: dict[str, Callable[[Arrivals, Arrivals, Array], Integers]] = {
    "prices": _with_prices,
    "no-prices": _without_prices,
    "offline-greedy": _greedy,
    "offline-dual": _dual,
    "hindsight": _hindsight,
}
"""Way to decide -> (users before, users who come, places) -> campaign of each user, -1 for none."""


def _rows(
    coming: Arrivals, chosen: Integers, offline: Integers, seed: int
) -> list[tuple[str, dict[str, Any]]]:
    """Return events realised and expected, and the ratio to offline with its interval."""
    n = len(chosen)
    mine, base = _picked(coming.realised, chosen), _picked(coming.realised, offline)
    draw = numpy_stream(seed, "online campaigns")
    weights = resample_counts(draw, n, _RESAMPLES)
    ratio = weights @ mine / np.maximum(weights @ base, 1)
    low, high = percentile_interval(ratio)
    of_offline = {
        "value": round(float(mine.sum() / max(base.sum(), 1)), 5),
        "low": round(low, 5),
        "high": round(high, 5),
    }
    expected = _picked(coming.expected, chosen).sum()
    return [
        ("of_offline", of_offline),
        ("realised", {"value": float(mine.sum())}),
        ("expected", {"value": round(float(expected), 3)}),
    ]


def _picked(values: Array, chosen: Integers) -> Array:
    """Return each user's number at the campaign chosen, 0 for none."""
    picked: Array = np.where(
        chosen >= 0, values[np.arange(len(chosen)), np.maximum(chosen, 0)], 0.0
    )
    return picked


def _stamp(moment: int) -> pd.Timestamp:
    return to_stamps(np.array([moment]), "UTC")[0]
