"""Do samples follow features that change in time? Models with the features, and without them.

Some series of a table are the targets; others, of the same table or of `features_data`, are
features of all of them (`features = { temperature = "T_out" }`: name and series). The last 20 % of
the steps are the test part (`part = "validation"` cuts the same once more off the training part).
A PSA-GAN is trained on what comes before, on the features too if the arm has `features = true`,
and draws each window of the test part at its own time, with its own features. In deviations of the
real series:

- "crps_steps": the continuous ranked probability score (CRPS) of single steps;
- "crps_means": the same of the mean of a window, which is what a feature moves;
- "correlation_within_blocks": of the drawn and the real means of windows, each less its mean over
  the block of 30 windows it lies in, so that season and trend, which need no feature, do not count.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers
from tsgen.data import SeriesDataset, as_series
from tsgen.errors import DataError, SettingsError
from tsgen.training import TimeBudget

from ..settings import ArmSettings, Count, StudyPart, StudySettings
from ..sources import StudySources
from .training import train_synthesizer

__all__ = ["CovariatesArm", "CovariatesStudy", "covariates"]

_DRAWS, _TEST_SHARE, _BLOCK = 20, 0.2, 30


class CovariatesStudy(StudySettings):
    """A study of features that change in time."""

    part: StudyPart
    """What is scored."""
    targets: list[str | int]
    """Series of the table that are drawn."""
    features: dict[str, str | int]
    """Name of a feature -> the series that is it."""
    features_data: str | None = None
    """Another table that holds the features."""
    freq: str | None = None
    """Means over this length of time in the place of single values."""
    target_length: Count
    """Steps in a window."""
    budget: TimeBudget
    """Processor seconds of each training."""


class CovariatesArm(ArmSettings):
    """A model with or without the features."""

    features: bool
    """Whether it has them."""


def covariates(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Train the arm's model and score its draws of each window of the test part.

    Raises:
        SettingsError: The arm does not say whether it has features.
        DataError: A series that the study names is not there, or no window is observed whole.
    """
    if not isinstance(arm.get("features"), bool):
        raise SettingsError(
            f"An arm has features = {arm.get('features')!r}; expected true or false."
        )
    names = list(study["features"]) if arm["features"] else []
    whole = as_series(_table_of(study, sources), dynamic=names)
    if study["part"] == "validation":
        whole = _first_steps(whole, _cut(whole))
    cut = _cut(whole)
    begin = time.process_time()
    settings = {"target_length": study["target_length"]}
    train = _first_steps(whole, cut)
    model = train_synthesizer("psa-gan", train, settings, budget=study["budget"], seed=seed)
    rows, starts = _windows(whole, cut, study["target_length"])
    measures = _scores(model, whole, rows, starts, seed)
    return {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "schedule": model.plan["schedule"],
        "windows": len(rows),
        "measures": {name: {"value": round(value, 5)} for name, value in measures.items()},
    }


def _table_of(study: Mapping[str, Any], sources: StudySources) -> pd.DataFrame:
    """Return the target series as a long table, the features as its further columns."""
    targets = _series_of(study["data"], study["targets"], study, sources)
    source, items = study.get("features_data", study["data"]), study["features"]
    beside = _series_of(source, list(items.values()), study, sources)
    wide = beside.pivot(index="timestamp", columns="item_id", values="target")
    columns = pd.DataFrame({name: wide[item] for name, item in items.items()})
    return targets.merge(columns.reset_index(), on="timestamp")


def _series_of(
    name: str, items: list[Any], study: Mapping[str, Any], sources: StudySources
) -> pd.DataFrame:
    """Return some series of a table, as means of `freq` if the study has one."""
    table = pd.read_parquet(sources.series_file(name))
    if lacking := sorted(set(items) - set(table["item_id"])):
        raise DataError(f"'{name}' has no series {', '.join(map(repr, lacking))}.")
    table = table[table["item_id"].isin(items)]
    if freq := study.get("freq"):
        by = ["item_id", pd.Grouper(key="timestamp", freq=freq)]
        table = table.groupby(by, sort=False)["target"].mean().reset_index()
    return table[["item_id", "timestamp", "target"]]


def _cut(dataset: SeriesDataset) -> Integers:
    """Return how many steps of each series are not of its last 20 %."""
    return dataset.lengths - np.round(_TEST_SHARE * dataset.lengths).astype(np.int64)


def _first_steps(dataset: SeriesDataset, steps: Integers) -> SeriesDataset:
    return dataset.cut(np.arange(len(dataset)), np.zeros_like(steps), steps)


def _windows(whole: SeriesDataset, cut: Integers, length: int) -> tuple[Integers, Integers]:
    """Return series and first step of the windows that lie end to end behind `cut`.

    Only windows without a missing value count.
    """
    firsts = [np.arange(c, n - length + 1, length) for c, n in zip(cut, whole.lengths, strict=True)]
    rows = np.repeat(np.arange(len(whole)), [len(f) for f in firsts])
    steps = np.concatenate(firsts)
    observed = np.isfinite(_values(whole, rows, steps, length)).all(axis=1)
    if not observed.any():
        raise DataError(f"The test part has no window of {length} steps without missing values.")
    return rows[observed], steps[observed]


def _values(whole: SeriesDataset, rows: Integers, steps: Integers, length: int) -> Array:
    """Return the values (R, length) of series `rows` from `steps` on."""
    values: Array = whole.values[(whole.offsets[rows] + steps)[:, None] + np.arange(length)]
    return values


def _scores(
    model: Any, whole: SeriesDataset, rows: Integers, steps: Integers, seed: int
) -> dict[str, float]:
    """Return the scores of draws of windows, in deviations of their series."""
    length = model.settings.target_length
    scale = np.array([np.nanstd(whole.series(i)) for i in range(len(whole))])[rows, None]
    real = _values(whole, rows, steps, length) / scale
    drawn = _drawn(model, whole, rows, steps, seed) / scale[:, :, None]
    means = drawn.mean(axis=2)
    blocks = (rows, steps // (_BLOCK * length))
    return {
        "crps_steps": _crps(drawn, real),
        "crps_means": _crps(means, real.mean(axis=1)),
        "correlation_within_blocks": float(
            np.corrcoef(
                _less_block_means(means.mean(axis=1), *blocks),
                _less_block_means(real.mean(axis=1), *blocks),
            )[0, 1]
        ),
    }


def _drawn(model: Any, whole: SeriesDataset, rows: Integers, steps: Integers, seed: int) -> Array:
    """Return draws (R, 20, length) of each window, at its own time and with its own features."""
    length, many = model.settings.target_length, np.repeat(np.arange(len(rows)), _DRAWS)
    starts = whole.starts[rows] + steps * model.conditions.calendar.stride
    lengths = np.full(len(many), length)
    drawn = model.sample_after(whole, rows[many], starts[many], lengths, seed=seed)
    values: Array = drawn.values.reshape(len(rows), _DRAWS, length)
    return values


def _crps(drawn: Array, real: Array) -> float:
    """Return the mean of mean |X - y| - mean |X - X'| / 2 of draws (R, S, ...) of real (R, ...)."""
    error = np.abs(drawn - real[:, None]).mean(axis=1)
    ordered, count = np.moveaxis(np.sort(drawn, axis=1), 1, -1), drawn.shape[1]
    weights = 2 * np.arange(count) - count + 1  # sum_{i,j} |x_i - x_j| = 2 sum_k weight_k x_(k)
    return float((error - ordered @ weights / count**2).mean())


def _less_block_means(values: Array, rows: Integers, blocks: Integers) -> Array:
    grouped = pd.Series(values).groupby([rows, blocks])
    centred: Array = values - grouped.transform("mean").to_numpy()
    return centred
