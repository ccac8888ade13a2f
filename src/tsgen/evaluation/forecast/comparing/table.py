"""From the cells of a forecasting study to one tidy table, its answer and its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray

from ..scores import METRICS, metric_of
from ..settings import Endpoint, ForecastStudy
from .intervals import paired_difference
from .pairing import ArmPlace, FinishedCells, PairedRun, arm_comparisons, paired_runs

__all__ = ["forecast_answer", "forecast_arrays", "main_comparison", "study_table"]


def study_table(study: ForecastStudy, cells: FinishedCells) -> pd.DataFrame:
    """Return one row for each regime, forecaster, arm, metric and arm it is held against.

    `value` and `floor` are means over the runs (draws of the series, generators, seeds) that both
    arms finished, `spread` and `floor_spread` standard deviations over them; `num_seeds` counts
    them; `difference` is value - floor, with 95 % intervals over seeds, or over draws of the series
    if there are several (`difference_low`, `difference_high`), and over series (`..._series`). The
    `reference` is real data alone, for the primary arm also every other arm.

    Raises:
        DataError: Two cells were not asked the same questions.
    """
    rows = []
    for place, against in arm_comparisons(study):
        runs = paired_runs(study, cells, place, against)
        for metric in METRICS:
            rows.append(_row(study, place, against.arm, metric, runs))
    table = pd.DataFrame(rows)
    first = (table["role"] == "primary").to_numpy()
    return pd.concat([table[first], table[~first]], ignore_index=True)


def forecast_answer(table: pd.DataFrame, study: ForecastStudy) -> str:
    """Return what the table says, in one sentence."""
    rows = table[table["role"] == "primary"]
    if rows.empty:
        return _exploratory_answer(table)
    parts = [f"against {row['reference']} {_effect(row)}" for row in rows.to_dict("records")]
    won = int((rows["difference_high"] < 0).sum())
    lost = int((rows["difference_low"] > 0).sum())
    first = rows.iloc[0]
    return (
        f"{first['arm']} ({first['forecaster']}, {first['regime']}, "
        f"{str(first['metric']).replace('_', ' ')}, {study.part} part, {first['num_seeds']} seeds) "
        f"is shown better than {won} of {len(rows)} other arms and worse than {lost}: "
        f"{'; '.join(parts)}."
    )


def main_comparison(table: pd.DataFrame) -> dict[Any, Any] | None:
    """Return the row that a study was made for, or else the one with the largest gain, if any.

    Where no two arms are compared, it is the first row that has numbers.
    """
    primary, compared = table[table["role"] == "primary"], _compared(table)
    best = compared.iloc[[_largest_gain(compared)]] if len(compared) else table
    rows = primary if len(primary) else best
    rows = rows[rows["num_seeds"] > 0]
    return None if rows.empty else rows.iloc[0].to_dict()


def forecast_arrays(study: ForecastStudy, cells: FinishedCells) -> dict[str, AnyArray]:
    """Return the pictures' arrays: the past and truth of a few windows, and each arm's bands.

    `bands.FORECASTER.ARM` is (windows, 3, L): the 0.1, 0.5 and 0.9 quantiles, of the primary regime
    and the first seed.
    """
    regime = study.primary.regime if study.primary else 0
    arrays: dict[str, AnyArray] = {}
    for cell, content in cells.items():
        pictures = content.get("pictures")
        if pictures is None or cell.regime != regime or cell.seed != study.seeds[0]:
            continue
        width = max(len(past) for past in pictures["past"])
        padded = [[None] * (width - len(past)) + past for past in pictures["past"]]
        arrays |= {
            "items": np.array(pictures["items"]),
            "past": np.array(padded, np.float64),
            "truth": np.array(pictures["truth"], np.float64),
            f"bands.{cell.forecaster}.{cell.arm}": np.array(pictures["bands"], np.float64),
        }
    return arrays


def _row(
    study: ForecastStudy, place: ArmPlace, against: str, metric: str, runs: list[PairedRun]
) -> dict[str, Any]:
    mine, theirs = ([run.mine["series"] for run in runs], [run.other["series"] for run in runs])
    value, floor = ([float(metric_of(parts, metric)) for parts in side] for side in (mine, theirs))
    gap = paired_difference(mine, theirs, metric, groups=[run.draw for run in runs])
    end = study.primary or Endpoint(forecaster="", arm="")
    is_end = (end.regime, end.forecaster, end.arm) == place
    primary = is_end and metric == end.metric and against != place.arm
    windows = study.num_windows * len(mine[0]["count"]) if runs else 0
    return {
        "metric": metric,
        "value": _mean(value),
        "spread": _spread(value),
        "floor": _mean(floor),
        "floor_spread": _spread(floor),
        "better": "lower",
        "protocol": f"forecast: {study.task}, {study.part} part",
        "n": windows,
        "seed": ", ".join(map(str, study.seeds)),
        "data": study.data,
        "regime": study.regimes[place.regime].name,
        "forecaster": place.forecaster,
        "arm": place.arm,
        "reference": against,
        "difference": gap.difference,
        "difference_low": gap.low,
        "difference_high": gap.high,
        "difference_low_series": gap.low_series,
        "difference_high_series": gap.high_series,
        "num_seeds": gap.num_seeds,
        "role": "primary" if primary else "exploratory",
    }


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _spread(values: list[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def _effect(row: Mapping[Any, Any]) -> str:
    """Return a difference as a percentage with its interval over seeds."""
    if not row["num_seeds"]:
        return "nothing to compare"
    scale = 100 / row["floor"]
    text = f"{scale * row['difference']:+.1f} %"
    if np.isnan(row["difference_low"]):
        return f"{text} (one seed: no interval)"
    return f"{text} [{scale * row['difference_low']:+.1f}, {scale * row['difference_high']:+.1f}]"


def _exploratory_answer(table: pd.DataFrame) -> str:
    rows = _compared(table)
    if rows.empty:
        return "There are no two arms with a finished seed in common, so nothing is compared."
    best = rows.iloc[_largest_gain(rows)].to_dict()
    number = f"{len(rows)} comparison{'' if len(rows) == 1 else 's'}"
    number += f" by {METRICS[0].replace('_', ' ')}"
    sure = int((rows["difference_high"] < 0).sum())
    if sure:
        verdict = f"{sure} of {number} show a gain; the largest is"
    elif round(100 * best["difference"] / best["floor"], 1) < 0:
        verdict = f"No gain is certain in {number}; the largest seen is"
    else:
        verdict = f"None of {number} is a gain; the nearest to one is"
    return (
        f"{verdict} {best['arm']} ({best['forecaster']}, {best['regime']}) against "
        f"{best['reference']}: {_effect(best)}. Exploratory: no comparison was named before as the "
        "one that counts (no primary endpoint)."
    )


def _compared(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[(table["metric"] == METRICS[0]) & (table["arm"] != table["reference"])]
    return rows[rows["num_seeds"] > 0]


def _largest_gain(rows: pd.DataFrame) -> int:
    return int((rows["difference"] / rows["floor"]).to_numpy().argmin())
