"""How value grows with the number of contacts, and relevance against diversity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.allocation import Pool
from tsgen.allocation.solving import DensePairs, Limits, solve
from tsgen.arrays import Array, Indices
from tsgen.errors import SettingsError
from tsgen.metrics import percentile_interval, perplexity
from tsgen.rng import numpy_stream

from .outcome import Outcome

__all__ = [
    "MULTIPLIERS",
    "RankedContacts",
    "ValueCurve",
    "diversity_curve",
    "drawable",
    "rank_contacts",
    "value_curve",
]

MULTIPLIERS = (0.0, 0.3, 0.7, 1.0, 3.0, 10.0, 200.0)
"""Of the paper: below 1 parts of a campaign's places that it must fill, above 1 of a user's."""


_POINTS = 60
_DENSE = 5_000_000  # pairs up to which the curves are drawn


@dataclass(frozen=True, eq=False)
class RankedContacts:
    """Each user's best contacts in one window, the most valuable first, without campaigns' limits.

    Attributes:
        rows: (e,) users.
        expected: (e,) what the model expects of each, times the margin.
        realised: (e,) what each brought, times the margin.
        cost: (e,) what each costs.
        num_users: Users of the window.
    """

    rows: Indices
    expected: Array
    realised: Array
    cost: Array
    num_users: int


@dataclass(frozen=True, eq=False)
class ValueCurve:
    """Value of the best 1, 2, ... contacts, in the order of their expected value; means of windows.

    Attributes:
        sizes: (p,) numbers of contacts, rising.
        expected: (p,) what the model expects of them, times the margin.
        realised: (p,) what they brought, times the margin.
        cost: (p,) what they cost.
        best: Size of the greatest realised profit.
        low: Lower end of its 95 % interval, over users.
        high: Upper end.
        foreseen: Size of the greatest expected profit.
    """

    sizes: Indices
    expected: Array
    realised: Array
    cost: Array
    best: int
    low: int
    high: int
    foreseen: int


def _dense_pairs(pool: Pool) -> tuple[Array, Array]:
    """Return the values and costs of all pairs, (n, m) each."""
    block = pool.block(np.arange(pool.shape[0]))
    return block.values, np.broadcast_to(block.costs, block.values.shape)


def drawable(pool: Pool) -> bool:
    """Whether the pool is small enough for curves."""
    return pool.shape[0] * pool.shape[1] <= _DENSE


def rank_contacts(pool: Pool, places: Array, outcome: Outcome, margin: float) -> RankedContacts:
    """Return each user's best campaigns, the most valuable contact first.

    Args:
        pool: The pairs.
        places: (n,) campaigns that each user may be in.
        outcome: What happened.
        margin: Part of the value that is earned.
    """
    values, costs = _dense_pairs(pool)
    rows, columns = _best_pairs(values, places)
    worth = values[rows, columns].astype(np.float64)
    if pool.plan.objective == "profit":
        worth += costs[rows, columns]
    order = np.argsort(-worth, kind="stable")
    rows, columns, worth = rows[order], columns[order], worth[order]
    if not len(rows):
        raise SettingsError("No pair of a user and a campaign has a value to draw a curve of.")
    cost = costs[rows, columns].astype(np.float64)
    realised = margin * outcome.of_pairs(rows, columns)[1]
    return RankedContacts(rows, margin * worth, realised, cost, len(places))


def value_curve(windows: Sequence[RankedContacts], *, draws: int, seed: int) -> ValueCurve:
    """Return the mean curve of windows, as long as the shortest, and the size of most profit.

    Args:
        windows: One or several.
        draws: Draws of users of each window for the interval.
        seed: Of the draws.
    """
    most = min(len(one.rows) for one in windows)
    sizes = np.unique(np.linspace(1, most, min(_POINTS, most)).astype(int))
    expected, came, spent = (
        np.mean([_cumulated(getattr(one, name))[sizes - 1] for one in windows], axis=0)
        for name in ("expected", "realised", "cost")
    )
    draw = numpy_stream(seed, "value curve")
    profits = sum(_drawn_profits(one, sizes, draws, draw) for one in windows)
    low, high = percentile_interval(sizes[np.argmax(profits, axis=1)], method="nearest")
    return ValueCurve(
        sizes, expected, came, spent, int(sizes[(came - spent).argmax()]), int(low), int(high),
        int(sizes[(expected - spent).argmax()]),
    )  # fmt: skip


def _cumulated(values: Array) -> Array:
    return np.cumsum(values, dtype=np.float64)


def _best_pairs(values: Array, places: Array) -> tuple[Indices, Indices]:
    """Return each user's best pairs of a value above 0, at most `places` of them."""
    order = np.argsort(-values, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(values.shape[1])[None, :], axis=1)
    rows, columns = np.nonzero((rank < np.asarray(places)[:, None]) & (values > 0))
    return rows, columns


def _drawn_profits(
    window: RankedContacts, sizes: Indices, draws: int, draw: np.random.Generator
) -> Array:
    """Return the profit of each size under draws of users with replacement, (draws, p)."""
    num, profit = window.num_users, window.realised - window.cost
    drawn = np.empty((draws, len(sizes)))
    for place in range(draws):
        weights = np.bincount(draw.integers(0, num, num), minlength=num)
        drawn[place] = _cumulated(profit * weights[window.rows])[sizes - 1]
    return drawn


def diversity_curve(
    pool: Pool, places: Array, limits: Limits, outcome: Outcome, seed: int
) -> pd.DataFrame:
    """Return the relevance-diversity curve (Ma et al. 2022, section 5) of the campaigns.

    With k places a user and c places a campaign, a multiplier m below 1 makes each campaign fill at
    least c m places; from 1 on, users have k m places and campaigns at most c.

    Returns:
        multiplier, side ("items": the user's places bind, "users": the campaigns' do), contacts,
        precision (share of contacts with an engagement), campaign_perplexity, user_perplexity.
    """
    values, _ = _dense_pairs(pool)
    m = values.shape[1]
    c = np.minimum(limits.at_most, max(places.sum() / m, 1.0))
    free = np.full(m, np.inf)
    base = replace(limits, users=np.minimum(places, m), budgets=free, total=np.inf)
    names = [campaign.name for campaign in pool.plan.campaigns]
    rows: list[dict[str, Any]] = []
    for multiplier in MULTIPLIERS:
        now = _scaled(base, values, places, c, multiplier)
        point = _point(values, now, names, outcome, seed)
        sides = ["items"] * (multiplier <= 1) + ["users"] * (multiplier >= 1)
        rows += [{"multiplier": multiplier, "side": side} | point for side in sides]
    return pd.DataFrame(rows)


def _scaled(base: Limits, values: Array, places: Array, c: Array, multiplier: float) -> Limits:
    """Return the limits of one point of the curve."""
    n, m = values.shape
    if multiplier < 1:
        fillable = np.isfinite(values[places > 0]).sum(axis=0)
        least = np.floor(np.minimum(c * multiplier, fillable))
        return replace(base, at_least=least, at_most=np.full(m, float(n)))
    users = np.minimum(np.floor(places * multiplier), m).astype(np.int64)
    return replace(base, users=users, at_least=np.zeros(m), at_most=np.floor(c))


def _point(
    values: Array, limits: Limits, names: list[str], outcome: Outcome, seed: int
) -> dict[str, float]:
    try:
        solution = solve(DensePairs(values), limits, names, seed=seed)
    except SettingsError:  # minima that too few places allow: no such point
        return dict.fromkeys(
            ("contacts", "precision", "campaign_perplexity", "user_perplexity"), np.nan
        )
    hits = outcome.of_pairs(solution.rows, solution.columns)[0] > 0
    n, m = values.shape
    return {
        "contacts": len(hits),
        "precision": float(hits.mean()) if len(hits) else np.nan,
        "campaign_perplexity": perplexity(np.bincount(solution.columns, minlength=m)),
        "user_perplexity": perplexity(np.bincount(solution.rows, minlength=n)),
    }
