"""Protocol "gap-filling": gaps punched into held-out real data, filled, and scored.

The last 20 % of each series (at least one window) are held out; with part = "validation" the same
is cut once more off the training part. A model is trained on what comes before. Then, for each gap
length, one gap at a random place of the held-out part is punched into each of `num_series` random
series, and filled from the whole series around it. Scores are in standard deviations of the series'
training part: the continuous ranked probability score (CRPS; for a single fill the absolute error)
over the gap, and over its first and last step alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from tsgen.arrays import AnyArray
from tsgen.data import SeriesDataset
from tsgen.training import TimeBudget

from ..settings import ArmSettings, Count, StudyPart, StudySettings, refuse_idle
from ..sources import StudySources
from .training import train_synthesizer

__all__ = ["GapFillingArm", "GapFillingStudy", "gap_filling"]

_NUM_SAMPLES = 50


class GapFillingStudy(StudySettings):
    """A study of gaps that are filled."""

    part: StudyPart
    """What is scored."""
    target_length: Count
    """Steps in a window of the model."""
    gaps: list[Count]
    """Lengths of the gaps, in steps."""
    num_series: Count
    """Gaps of each length, each in a series of its own."""
    budget: TimeBudget | None = None
    """Processor seconds of training."""
    period: Count = 24
    """Steps in a season, for the simple fills; a day of hours by default."""


class GapFillingArm(ArmSettings):
    """A PSA-GAN-C by its settings, or a simple fill."""

    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of PSA-GAN-C; all others are the default."""
    baseline: Literal["linear", "seasonal", "seasonal draws"] | None = None
    """A simple fill."""

    @model_validator(mode="after")
    def _trains_or_not(self) -> Self:
        refuse_idle(self, "baseline", "settings")
        return self


def gap_filling(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Train the arm's model, or take its simple fill, and score it at each gap length."""
    real = sources.series(study["data"])
    if study["part"] == "validation":
        real = _held_back(real, study["target_length"])[0]
    train_part, begin = _held_back(real, study["target_length"])
    fill, facts = _filler(study, arm, seed, train_part)
    scale = np.array([np.nanstd(train_part.series(i)) for i in range(len(real))])
    measures: dict[str, Any] = {}
    for length in study["gaps"]:
        random = np.random.default_rng([2026, length])  # the same gaps for every arm and seed
        varied = np.flatnonzero(scale > 0)
        chosen = random.choice(varied, min(study["num_series"], len(varied)), replace=False)
        first = random.integers(begin[chosen] + 1, real.lengths[chosen] - length)
        steps = first[:, None] + np.arange(length)
        truth = real.values[real.offsets[chosen][:, None] + steps]
        drawn = fill(_punched(real, chosen, steps), steps)  # (gaps, draws, steps)
        score = _crps(drawn, truth) / scale[chosen, None]
        measures[f"gap {length}"] = _interval(score.mean(axis=1))
        measures[f"gap {length}, edges"] = _interval(score[:, [0, -1]].mean(axis=1))
    return {**facts, "measures": measures}


def _held_back(real: SeriesDataset, window: int) -> tuple[SeriesDataset, AnyArray]:
    """Return what comes before the last 20 % of each series, and where those begin."""
    cut = real.lengths - np.maximum(window, np.ceil(0.2 * real.lengths).astype(np.int64))
    return real.cut(np.arange(len(real)), np.zeros_like(cut), cut), cut


def _punched(real: SeriesDataset, chosen: AnyArray, steps: AnyArray) -> SeriesDataset:
    """Return the chosen series with `steps` of each missing."""
    part = real.subset(chosen)
    values = part.values.copy()
    values[part.offsets[:-1, None] + steps] = np.nan
    return replace(part, values=values)


def _filler(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, train_part: SeriesDataset
) -> Any:
    """Return how the arm fills gaps, and facts of its training."""
    begin = time.process_time()
    if "baseline" in arm:
        simple = _SIMPLE[arm["baseline"]]
        return partial(simple, period=study.get("period", 24)), {"cpu_seconds": 0.0}
    settings = {"target_length": study["target_length"], **arm.get("settings", {})}
    budget = study.get("budget")
    model = train_synthesizer("psa-gan-c", train_part, settings, budget=budget, seed=seed)
    facts = {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "schedule": model.plan["schedule"],
        "settings": arm.get("settings", {}),
    }

    def fill(holed: SeriesDataset, steps: AnyArray) -> AnyArray:
        done = model.impute(holed, _NUM_SAMPLES, seed=seed)
        begins = done.offsets[:-1].reshape(len(holed), _NUM_SAMPLES)
        return np.asarray(done.values[begins[:, :, None] + steps[:, None]])

    return fill, facts


def _linear(holed: SeriesDataset, steps: AnyArray, period: int) -> AnyArray:
    """Draw the straight line between the neighbours of each gap."""
    rows = []
    for i, gap in enumerate(steps):
        series = holed.series(i)
        observed = np.flatnonzero(np.isfinite(series))
        rows.append(np.interp(gap, observed, series[observed]))
    return np.stack(rows)[:, None]


def _seasonal(holed: SeriesDataset, steps: AnyArray, period: int) -> AnyArray:
    """Take the mean of the nearest day before and the nearest after, at the same hour."""
    return np.asarray(np.nanmean(_seasons(holed, steps, 1, period), axis=1, keepdims=True))


def _seasonal_draws(holed: SeriesDataset, steps: AnyArray, period: int) -> AnyArray:
    """Take the same hours of the seven nearest days on each side as draws."""
    days = _seasons(holed, steps, 7, period)
    return np.where(np.isnan(days), np.nanmean(days, axis=1, keepdims=True), days)


def _seasons(holed: SeriesDataset, steps: AnyArray, count: int, period: int) -> AnyArray:
    """Return the `count` nearest observed seasons on each side: (gaps, 2 count, steps)."""
    length, whole = steps.shape[1], -(-steps.shape[1] // period)
    near = [*range(whole, whole + count), *range(-whole - count + 1, 1 - whole)]
    rows = []
    for i, gap in enumerate(steps):
        series = holed.series(i)
        place = gap + period * np.array(near)[:, None]
        inside = (place >= 0) & (place < len(series))
        read = series[np.clip(place, 0, len(series) - 1)]
        rows.append(np.where(inside, read, np.nan).reshape(-1, length))
    return np.stack(rows)


_SIMPLE = {"linear": _linear, "seasonal": _seasonal, "seasonal draws": _seasonal_draws}


def _crps(drawn: AnyArray, truth: AnyArray) -> AnyArray:
    """Return mean |X - y| - mean |X - X'| / 2 over the draws (gaps, draws, steps), step by step."""
    ordered, count = np.sort(drawn, axis=1), drawn.shape[1]
    weights = 2 * np.arange(count) - count + 1  # sum_{i,j} |x_i - x_j| = 2 sum_k weight_k x_(k)
    spread = (weights[:, None] * ordered).sum(axis=1) / count**2
    return np.asarray(np.abs(drawn - truth[:, None]).mean(axis=1) - spread)


def _interval(scores: AnyArray) -> dict[str, float]:
    """Return the mean over the gaps with its 95 % interval."""
    half = 1.96 * scores.std(ddof=1) / np.sqrt(len(scores))
    mean = scores.mean()
    return {
        name: round(float(value), 4)
        for name, value in (("value", mean), ("low", mean - half), ("high", mean + half))
    }
