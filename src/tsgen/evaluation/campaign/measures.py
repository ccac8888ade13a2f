"""Numbers of a campaign's lists, over origins, with intervals that select the lists again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tsgen.arrays import Array
from tsgen.metrics import (
    calibration_fit,
    calibration_table,
    first_weights,
    percentile_interval,
    resample_counts,
)
from tsgen.rng import numpy_stream

from ..calibration import CalibrationVerdict
from .origins import MODEL, RANDOM, Origin

__all__ = ["campaign_calibration", "campaign_curve", "campaign_table", "pays_until"]


def campaign_table(origins: Sequence[Origin], size: int, draws: int, seed: int) -> pd.DataFrame:
    """Return one row an arm and metric: engagements and buyers a list, mean over the origins.

    Intervals are of 95 % for other customers like these: users are drawn with replacement and each
    list is selected anew among the drawn, at each origin.

    Args:
        origins: Past windows.
        size: Users of a list.
        draws: Draws of the bootstrap.
        seed: Of the draws.
    """
    arms = [*origins[0].scores, RANDOM]
    values = {arm: _mean([_held(o, arm, size, np.ones((1, len(o.engagements))))[:, 0]
                          for o in origins]) for arm in arms}  # fmt: skip
    drawn: dict[str, list[Array]] = {arm: [] for arm in arms}
    for place, origin in enumerate(origins):
        n = len(origin.engagements)
        random = numpy_stream(seed, f"campaign {place}")
        weights = resample_counts(random, n, draws).astype(np.float64)
        for arm in arms:
            drawn[arm].append(_held(origin, arm, size, weights))
    rows = []
    for arm in arms:
        draw = _mean(drawn[arm])
        ours = _mean(drawn[MODEL])
        for k, metric in enumerate(("engagements", "buyers")):
            low, high = percentile_interval(draw[k])
            gap = percentile_interval(ours[k] - draw[k]) if arm != MODEL else (np.nan, np.nan)
            rows.append({
                "arm": arm, "metric": metric, "value": float(values[arm][k]),
                "spread": float(draw[k].std(ddof=1)), "low": low, "high": high,
                "difference": float(values[MODEL][k] - values[arm][k]) if arm != MODEL else np.nan,
                "difference_low": gap[0], "difference_high": gap[1],
            })  # fmt: skip
    for metric, value in zip(("expected_engagements", "expected_buyers"), _expected(origins, size),
                             strict=True):  # fmt: skip
        rows.append({"arm": MODEL, "metric": metric, "value": value, "spread": np.nan})
    table = pd.DataFrame(rows).assign(better="higher", protocol="past origins", seed=seed)
    return table.assign(n=int(np.mean([len(o.engagements) for o in origins])))


def _held(origin: Origin, arm: str, size: int, weights: Array) -> Array:
    """Return engagements and buyers in a list under weights (b, n) of the users, (2, b)."""
    came = np.stack([origin.engagements, origin.engagements > 0]).astype(np.float64)
    if arm == RANDOM:  # what a random list holds on average
        return np.asarray(came @ weights.T * min(size / len(origin.engagements), 1.0))
    order = origin.order(arm)
    reach = min(size + int(8 * np.sqrt(size)) + 20, len(order))  # further none is ever listed
    listed = first_weights(weights[:, order[:reach]], size)
    return np.asarray(came[:, order[:reach]] @ listed.T)


def _expected(origins: Sequence[Origin], size: int) -> tuple[float, float]:
    tops = [(origin, origin.order(MODEL)[:size]) for origin in origins]
    intensity = np.mean([origin.scores[MODEL][top].sum() for origin, top in tops])
    return float(intensity), float(np.mean([o.probability[top].sum() for o, top in tops]))


def campaign_curve(origins: Sequence[Origin], size: int) -> Array:
    """Return rows of list size, expected buyers, buyers, and buyers at random, mean over origins.

    Sizes are 20 equal steps to twice the list's size, or to all users.
    """
    most = min(2 * size, *(len(origin.engagements) for origin in origins))
    sizes = np.unique(np.linspace(0, most, 21).round().astype(int))[1:]
    columns = [sizes.astype(np.float64)]
    for by in ("expected", "came"):
        sums = []
        for origin in origins:
            order = origin.order(MODEL)
            what = origin.probability if by == "expected" else (origin.engagements > 0)
            sums.append(np.cumsum(what[order].astype(np.float64))[sizes - 1])
        columns.append(np.mean(sums, axis=0))
    rate = np.mean([(origin.engagements > 0).mean() for origin in origins])
    return np.column_stack([*columns, sizes * rate])


def campaign_calibration(origins: Sequence[Origin]) -> CalibrationVerdict:
    """Return whether the chances of all who could be listed mean what they say, over all origins.

    Groups hold as many expected buyers each; a user who stands at several origins is one.
    """
    said = np.concatenate([origin.probability for origin in origins])
    came = np.concatenate([origin.engagements > 0 for origin in origins])
    users = np.unique(np.concatenate([o.users for o in origins]), return_inverse=True)[1]
    table = calibration_table(said, came, equal="total", clusters=users)
    fit = calibration_fit(said, came, clusters=users)
    return CalibrationVerdict(table, fit, "chance", " of all who may be listed")


def pays_until(curve: Array) -> int:
    """Return the size at which a list holds most buyers beyond those of a random one."""
    return int(curve[int((curve[:, 2] - curve[:, 3]).argmax()), 0])


def _mean(parts: Sequence[Array]) -> Array:
    return np.asarray(np.mean(np.stack(parts), axis=0))
