"""How sure the numbers of an audience study are, and how far the model is from the best rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array
from tsgen.metrics import ReselectedPrecision, WeightedMeasure, bootstrap, percentile_interval

from .measures import Judged
from .sequence import SEQUENCE

__all__ = ["INTERVALS", "MODEL", "interval_table"]

MODEL = "model"
"""The arm of the model that is judged; the other arms are the simple rules."""

INTERVALS = (
    "95 %, users drawn with replacement. Audience precision is for other customers like these: the "
    "lists are selected anew among the drawn. All other measures keep the lists as they are. The "
    "training stays as it is in all."
)

_FEW = 200
_LOWER = {"brier_score"}


def interval_table(judged: dict[str, Judged], n: int, draws: int, seed: int) -> pd.DataFrame:
    """Return one row an arm and metric: value, interval and, of the model, the best simple rule.

    Args:
        judged: Name -> arm; the model's is `MODEL`.
        n: Users.
        draws: Of users with replacement, the same ones for every arm.
        seed: Of the draws.
    """
    drawn = _drawn(judged, n, draws, seed)
    values = {name: arm.values(n) for name, arm in judged.items()}
    rows = []
    for name in judged:
        for metric, value in values[name].items():
            row: dict[str, Any] = {"arm": name, "metric": metric, "value": value}
            row |= _spread(drawn[name].get(metric))
            if name == MODEL:
                row |= _against_the_best(metric, values, drawn)
            rows.append(row | {"better": _better(metric)})
    return pd.DataFrame(rows).assign(protocol="calendar", n=n, seed=seed)


def _drawn(judged: dict[str, Judged], n: int, draws: int, seed: int) -> dict[str, dict[str, Array]]:
    """Return each arm's measures under draws of users; of lists selected anew, 200 at most."""
    anew: dict[tuple[str, str], WeightedMeasure] = {}
    fixed: dict[tuple[str, str], WeightedMeasure] = {}
    for arm, one in judged.items():
        for name, measure in one.weighted.items():
            kind = anew if isinstance(measure, ReselectedPrecision) else fixed
            kind[arm, name] = measure
    drawn: dict[str, dict[str, Array]] = {arm: {} for arm in judged}
    for measures, size in ((fixed, draws), (anew, min(draws, _FEW))):
        for (arm, name), values in bootstrap(measures, n, size, seed).items():
            drawn[arm][name] = values
    return drawn


def _spread(draws: Array | None) -> dict[str, float]:
    if draws is None:
        return {"spread": np.nan, "low": np.nan, "high": np.nan}
    low, high = percentile_interval(draws)
    return {"spread": float(draws.std(ddof=1)), "low": low, "high": high}


def _against_the_best(
    metric: str, values: dict[str, dict[str, float]], drawn: dict[str, dict[str, Array]]
) -> dict[str, Any]:
    """Return the best simple rule by a metric, and how far the model is from it.

    Nothing for measures of exposure, in which random lists excel.
    """
    if metric not in drawn[MODEL]:
        return {}
    rules = {name: arm for name, arm in values.items() if name not in (MODEL, SEQUENCE)}
    others = {name: arm[metric] for name, arm in rules.items() if metric in arm}
    worth = {name: _worth(metric, value) for name, value in others.items()}
    best = max(worth, key=worth.__getitem__)
    low, high = percentile_interval(drawn[MODEL][metric] - drawn[best][metric])
    return {
        "reference": best,
        "difference": values[MODEL][metric] - others[best],
        "difference_low": low,
        "difference_high": high,
    }


def _better(metric: str) -> str:
    return "one" if metric == "count_ratio" else "lower" if metric in _LOWER else "higher"


def _worth(metric: str, value: float) -> float:
    """Return a number that rises with how good a value is."""
    return {"one": -abs(value - 1), "lower": -value, "higher": value}[_better(metric)]
