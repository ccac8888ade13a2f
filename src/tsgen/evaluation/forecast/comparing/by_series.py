"""Series by series: where an arm of a forecasting study helps most, and where least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray
from tsgen.data import SeriesDataset
from tsgen.metrics import student_quantile

from ..regime_windows import TestWindows, make_scene
from ..scores import metric_of
from ..settings import ForecastStudy
from .pairing import ArmPlace, FinishedCells, PairedRun, arm_comparisons, paired_runs
from .table import main_comparison

__all__ = ["forecast_by_series"]

_MANY = 10
_PAST = 2
"""Steps shown before a forecast, in lengths of it."""


def forecast_by_series(
    study: ForecastStudy,
    dataset: SeriesDataset,
    cells: FinishedCells,
    table: pd.DataFrame,
    channels: tuple[str, ...] = (),
) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """Return the ten series that the study's main arm helps most and the ten it helps least.

    The main arm is the primary one, or the one with the largest gain. Where no two arms are
    compared, there are the ten series forecast best and the ten forecast worst.

    Args:
        study: The study.
        dataset: What `check_dataset` gave.
        cells: Finished cells.
        table: Of `study_table`.
        channels: Of which `dataset` holds the series.

    Returns:
        What is compared (`arm`, `reference`, `forecaster`, `metric`, `num_series`) with `rows`,
        best first: `series`, mean `error` and `reference_error` over `runs`, and `change`, the
        difference in parts of the reference's error, with its 95 % interval over runs (`low`,
        `high`; None of a single run). And arrays of these rows, of the last window of the first
        seed: `by_series.real` (rows, 3 L), two lengths of what was known and what came, and
        `by_series.arm` and `by_series.reference`, the medians, NaN before they begin. Both are
        empty for cells that earlier versions kept.
    """
    main = main_comparison(table)
    if main is None:
        return {}, {}
    mine, other = _places(study, main)
    runs = [run for run in paired_runs(study, cells, mine, other) if "items" in run.mine]
    every = _series_rows(runs, str(main["metric"]), compared=mine != other)
    rows = every if len(every) <= 2 * _MANY else every[:_MANY] + every[-_MANY:]
    if not rows:
        return {}, {}
    facts = {
        "arm": mine.arm, "reference": other.arm, "forecaster": mine.forecaster,
        "metric": str(main["metric"]), "num_series": len(every), "rows": rows,
    }  # fmt: skip
    names = [row["series"] for row in rows]
    arrays: dict[str, AnyArray] = {}
    left = set(names)
    for run in runs:  # draws keep other series each
        here = [k for k, name in enumerate(names) if name in left and name in run.mine["items"]]
        if not here or "medians" not in run.mine or "medians" not in run.other:
            continue
        scene = make_scene(
            dataset, study, study.regimes[mine.regime], study.seeds[0], draw=run.draw,
            channels=channels,
        )  # fmt: skip
        drawn = _drawn(run, scene.windows(study), [names[k] for k in here])
        for role, part in drawn.items():
            whole = np.full((len(names), part.shape[1]), np.nan)
            arrays.setdefault(role, whole)[here] = part
        left -= {names[k] for k in here}
    return facts, arrays


def _places(study: ForecastStudy, row: Mapping[Any, Any]) -> tuple[ArmPlace, ArmPlace]:
    names = [regime.name for regime in study.regimes]
    wanted = ArmPlace(names.index(row["regime"]), row["forecaster"], row["arm"])
    return next(
        (place, other)
        for place, other in arm_comparisons(study)
        if place == wanted and other.arm == row["reference"]
    )


def _series_rows(runs: Sequence[PairedRun], metric: str, *, compared: bool) -> list[dict[str, Any]]:
    """Return a row for every series with an error, the best first."""
    mine = pd.DataFrame([_errors(run.mine, metric) for run in runs])
    other = pd.DataFrame([_errors(run.other, metric) for run in runs])
    error, floor = mine.mean(), other.mean()
    gaps = (mine - other) / floor
    change, number = gaps.mean(), gaps.count()
    reach = number.map(student_quantile) * gaps.std() / number**0.5
    columns = {
        "error": error, "reference_error": floor, "change": change, "low": change - reach,
        "high": change + reach, "runs": number,
    }  # fmt: skip
    rows = pd.DataFrame(columns).rename_axis("series").reset_index()
    order = "change" if compared else "error"
    rows = rows[np.isfinite(rows[order])].sort_values(order, kind="stable")
    return [
        {name: None if value != value else value for name, value in row.items()}
        for row in rows.to_dict("records")
    ]


def _errors(cell: Mapping[str, Any], metric: str) -> dict[str, float]:
    """Return each series' own error, infinite or NaN where it has no scale."""
    parts = {name: np.asarray(values)[:, None] for name, values in cell["series"].items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        return dict(zip(cell["items"], metric_of(parts, metric).tolist(), strict=True))


def _drawn(run: PairedRun, windows: TestWindows, names: Sequence[str]) -> dict[str, AnyArray]:
    """Return what was known, what came and both medians of the last window of these series."""
    length = windows.length
    last = {str(windows.dataset.item_ids[i]): place for place, i in enumerate(windows.rows)}
    places, past = [last[name] for name in names], np.arange(-_PAST * length, 0)
    begins = windows.begins[places][:, None]
    steps = windows.dataset.offsets[windows.rows[places]][:, None] + begins + past
    before = np.where(begins + past >= 0, windows.dataset.values[np.maximum(steps, 0)], np.nan)
    empty = np.full(before.shape, np.nan)
    arrays = {"by_series.real": np.hstack([before, windows.truth[places]])}
    for role, cell in (("arm", run.mine), ("reference", run.other)):
        medians = dict(zip(cell["items"], cell["medians"], strict=True))
        made = np.array([medians[name] for name in names], np.float64)
        arrays[f"by_series.{role}"] = np.hstack([empty, made])
    return arrays
