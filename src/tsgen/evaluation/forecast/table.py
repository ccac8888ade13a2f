"""From the cells of a forecasting study to one tidy table, its answer and its pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray
from tsgen.errors import DataError

from .cells import ForecastCell, cells_of, generators_of, runs_of
from .intervals import paired_difference
from .scores import METRICS, metric_of
from .settings import Endpoint, ForecastStudy

__all__ = ["forecast_answer", "forecast_arrays", "study_table"]

Cells = Mapping[ForecastCell, Mapping[str, Any]]
Pairs = tuple[list[Mapping[str, Any]], list[Mapping[str, Any]], list[int]]


def study_table(study: ForecastStudy, cells: Cells) -> pd.DataFrame:
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
    for regime, forecaster, arm, against in _comparisons(study):
        pairs = _pairs(study, cells, (regime, forecaster, arm), (regime, *against))
        for metric in METRICS:
            rows.append(_row(study, regime, forecaster, arm, against[1], metric, pairs))
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


def forecast_arrays(study: ForecastStudy, cells: Cells) -> dict[str, AnyArray]:
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


def _comparisons(study: ForecastStudy) -> Iterator[tuple[int, str, str, tuple[str, str]]]:
    """Yield (regime, forecaster, arm, what it is held against: forecaster and arm)."""
    real = [name for name, arm in study.arms.items() if arm.method == "real"]
    base = next((name for name in real if not study.arms[name].early_stopping), None)
    base = base or (real or list(study.arms))[0]
    seen = dict.fromkeys((c.regime, c.forecaster, c.arm) for c in cells_of(study))
    for regime, forecaster, arm in seen:
        has_base = (regime, forecaster, base) in seen
        held = forecaster if has_base else next(iter(study.forecasters))
        yield regime, forecaster, arm, (held, base)
        end = study.primary
        if end and (regime, forecaster, arm) == (end.regime, end.forecaster, end.arm):
            for _, _, other in (s for s in seen if s[:2] == (regime, forecaster)):
                if other not in {arm, base}:
                    yield regime, forecaster, arm, (forecaster, other)


def _pairs(
    study: ForecastStudy, cells: Cells, arm: tuple[int, str, str], other: tuple[int, str, str]
) -> Pairs:
    """Return the finished cells of the runs that both have, and each one's draw of the series."""
    mine, theirs, draws = [], [], []
    for draw, generator, seed in runs_of(study, arm[2], other[2]):
        one = cells.get(_cell(study, arm, draw, generator, seed), {})
        two = cells.get(_cell(study, other, draw, generator, seed), {})
        if "series" not in one or "series" not in two:
            continue
        if one["windows"] != two["windows"]:
            raise DataError(
                f"Seed {seed}: the arms {arm[2]} and {other[2]} were not tested on the same "
                "windows; delete their cells and run the study again."
            )
        mine.append(one["series"])
        theirs.append(two["series"])
        draws.append(draw)
    return mine, theirs, draws


def _cell(
    study: ForecastStudy, arm: tuple[int, str, str], draw: int, generator: int | None, seed: int
) -> ForecastCell:
    """Return the cell of an arm in a run; real series have no generator."""
    own = generator if generator in generators_of(study, arm[2]) else None
    return ForecastCell(arm[0], seed, arm[2], arm[1], draw, own)


def _row(
    study: ForecastStudy,
    regime: int,
    forecaster: str,
    arm: str,
    against: str,
    metric: str,
    pairs: Pairs,
) -> dict[str, Any]:
    value, floor = ([float(metric_of(parts, metric)) for parts in side] for side in pairs[:2])
    gap = paired_difference(*pairs[:2], metric, groups=pairs[2])
    end = study.primary or Endpoint(forecaster="", arm="")
    is_end = (end.regime, end.forecaster, end.arm) == (regime, forecaster, arm)
    primary = is_end and metric == end.metric and against != arm
    windows = study.num_windows * len(pairs[0][0]["count"]) if pairs[0] else 0
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
        "regime": study.regimes[regime].name,
        "forecaster": forecaster,
        "arm": arm,
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
    rows = table[(table["metric"] == METRICS[0]) & (table["arm"] != table["reference"])]
    rows = rows[rows["num_seeds"] > 0]
    if rows.empty:
        return "There are no two arms with a finished seed in common, so nothing is compared."
    relative = (rows["difference"] / rows["floor"]).to_numpy()
    best = rows.iloc[int(relative.argmin())].to_dict()
    return (
        f"Exploratory, no primary endpoint: of {len(rows)} comparisons by "
        f"{METRICS[0].replace('_', ' ')}, the largest gain is {best['arm']} ({best['forecaster']}, "
        f"{best['regime']}) against {best['reference']}: {_effect(best)}."
    )
