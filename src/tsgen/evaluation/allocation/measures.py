"""What the users of an assignment did: totals and ratios, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.allocation import Pool
from tsgen.allocation.solving import Solution
from tsgen.arrays import Array
from tsgen.metrics import Ratio, bootstrap, percentile_interval

from .arms import MODEL
from .outcome import Outcome

__all__ = ["arm_table", "by_campaign"]


def _measures(pool: Pool, solution: Solution, outcome: Outcome, margin: float) -> dict[str, Ratio]:
    """Return totals over all users, and ratios to contacts, as functions of users' weights.

    Profit is `margin` times value, less cost.
    """
    n = pool.shape[0]
    rows, columns = solution.rows, solution.columns
    engagements, values = outcome.of_pairs(rows, columns)
    costs = pool.costs_of(rows, columns)

    def by_user(amounts: Array) -> Array:
        return np.bincount(rows, amounts, minlength=n).astype(np.float64)

    contacts, ones = by_user(np.ones(len(rows))), np.ones(n)
    hits = by_user((engagements > 0).astype(float))
    return {
        "contacts": Ratio(n * contacts, ones),
        "engagements": Ratio(n * by_user(engagements), ones),
        "value": Ratio(n * by_user(values), ones),
        "cost": Ratio(n * by_user(costs), ones),
        "profit": Ratio(n * by_user(margin * values - costs), ones),
        "precision": Ratio(hits, contacts),
        "value_per_contact": Ratio(by_user(values), contacts),
    }


def arm_table(
    pool: Pool,
    arms: dict[str, Solution],
    outcome: Outcome,
    draws: int,
    seed: int,
    margin: float = 1.0,
) -> pd.DataFrame:
    """Return one row an arm and metric, with intervals over users, and the model's lead."""
    n = pool.shape[0]
    measures = {name: _measures(pool, arm, outcome, margin) for name, arm in arms.items()}
    drawn = {name: bootstrap(part, n, draws, seed) for name, part in measures.items()}
    ones = np.ones((1, n))
    rows = []
    for name, part in measures.items():
        for metric, measure in part.items():
            value = float(measure(ones)[0])
            row: dict[str, Any] = {"arm": name, "metric": metric, "value": value}
            row |= dict(zip(("low", "high"), percentile_interval(drawn[name][metric]), strict=True))
            row["spread"] = float(drawn[name][metric].std(ddof=1))
            if name != MODEL:
                gap = drawn[MODEL][metric] - drawn[name][metric]
                row["difference"] = float(measures[MODEL][metric](ones)[0]) - value
                low, high = percentile_interval(gap)
                row |= {"difference_low": low, "difference_high": high}
            row["better"] = "lower" if metric in {"cost", "contacts"} else "higher"
            rows.append(row)
    return pd.DataFrame(rows).assign(protocol="calendar", n=n, seed=seed)


def by_campaign(pool: Pool, solution: Solution, outcome: Outcome) -> list[dict[str, Any]]:
    """Return what was expected and what came, campaign by campaign."""
    m = pool.shape[1]
    expected, worth = np.zeros(m), np.zeros(m)
    users, place = np.unique(solution.rows, return_inverse=True)
    if len(users):
        block = pool.block(users)
        np.add.at(expected, solution.columns, block.engagements[place, solution.columns])
        np.add.at(worth, solution.columns, block.values[place, solution.columns])
    came, values = outcome.of_pairs(solution.rows, solution.columns)
    costs = pool.costs_of(solution.rows, solution.columns)
    sums = [
        np.bincount(solution.columns, part, m) for part in (np.ones(len(came)), came, values, costs)
    ]
    if pool.plan.objective == "profit":
        worth += sums[3]
    return [
        {
            "campaign": campaign.name,
            "contacts": int(sums[0][j]),
            "expected_engagements": float(expected[j]),
            "engagements": float(sums[1][j]),
            "expected_value": float(worth[j]),
            "value": float(sums[2][j]),
            "cost": float(sums[3][j]),
        }
        for j, campaign in enumerate(pool.plan.campaigns)
    ]
