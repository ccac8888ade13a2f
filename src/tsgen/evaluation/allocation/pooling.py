"""Several windows as one: means over them, with intervals over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array
from tsgen.metrics import mean_interval

from .arms import MODEL
from .windows import JudgedWindow

__all__ = ["mean_campaigns", "mean_diversity", "pooled_table", "window_rows"]

_POINT = ["multiplier", "side"]


def pooled_table(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return means over windows with Student intervals of 95 % over them.

    Args:
        tables: Of `arm_table`, one a window; one alone stays as it is, its intervals over users.

    Returns:
        The same columns, and `windows`: how many of them have the arm. Where only one has it there
        is no interval (NaN).
    """
    if len(tables) == 1:
        return tables[0].assign(windows=1)
    every = pd.concat(tables, ignore_index=True)
    rows = [_pooled(part) for _, part in every.groupby(["arm", "metric"], sort=False)]
    return pd.DataFrame(rows).assign(protocol="calendar, rolling")


def _pooled(part: pd.DataFrame) -> dict[str, Any]:
    first = part.iloc[0]
    row: dict[str, Any] = {"arm": first["arm"], "metric": first["metric"]}
    mean, low, high, spread = _student(part["value"].to_numpy(float))
    if first["metric"] == "precision":  # a share
        low, high = np.clip((low, high), 0.0, 1.0)
    row |= {"value": mean, "low": low, "high": high, "spread": spread}
    if first["arm"] != MODEL:
        gap, low, high, _ = _student(part["difference"].to_numpy(float))
        row |= {"difference": gap, "difference_low": low, "difference_high": high}
    kept = {"better": first["better"], "n": int(part["n"].mean()), "seed": first["seed"]}
    return row | kept | {"windows": len(part)}


def _student(values: Array) -> tuple[float, float, float, float]:
    """Return mean, ends of the interval and standard deviation."""
    mean, num = float(values.mean()), len(values)
    if num < 2:
        return mean, np.nan, np.nan, np.nan
    spread = float(values.std(ddof=1))
    return mean, *mean_interval(values), spread


def window_rows(windows: Sequence[JudgedWindow]) -> list[dict[str, Any]]:
    """Return when each window was, what each arm brought there, and the model's lead by user."""
    rows = []
    for window in windows:
        values = window.table[window.table["metric"] == "value"].set_index("arm")
        others = values.drop(index=MODEL)
        ends = ["difference", "difference_low", "difference_high"]
        rows.append({
            "begins": window.test["begins"],
            "ends": window.test["ends"],
            "values": {str(arm): float(value) for arm, value in values["value"].items()},
            "leads": {str(arm): [float(x) for x in others.loc[arm, ends]] for arm in others.index},
            "gap": None if np.isnan(window.gap) else window.gap,
        })  # fmt: skip
    return rows


def mean_campaigns(windows: Sequence[JudgedWindow]) -> list[dict[str, Any]]:
    """Return what was expected and what came by campaign, a window."""
    every = pd.DataFrame([row for window in windows for row in window.campaigns])
    means = every.groupby("campaign", sort=False).mean().reset_index()
    return [{str(name): value for name, value in row.items()} for row in means.to_dict("records")]


def mean_diversity(windows: Sequence[JudgedWindow]) -> pd.DataFrame:
    """Return the mean relevance-diversity curve; a point that a window lacks is that of others."""
    curves = [window.diversity for window in windows if window.diversity is not None]
    return pd.concat(curves).groupby(_POINT, sort=False, as_index=False).mean()
