"""Studies of fidelity: windows of held-out parts, and the published protocol of the authors."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
import torch
from pydantic import Field, model_validator

from tsgen.arrays import Array
from tsgen.data import SeriesDataset
from tsgen.persistence import load
from tsgen.storage import write_text
from tsgen.training import TimeBudget

from ...fidelity import (
    BASELINES,
    authors_context_fid,
    sampler_noise_spread,
    sampler_of,
    scale_windows,
    window_fidelity,
    windows_of,
)
from ..settings import ArmSettings, Count, StudyPart, StudySettings, refuse_idle
from ..sources import StudySources
from .training import train_synthesizer

__all__ = [
    "AuthorsArm",
    "AuthorsStudy",
    "HeldOutArm",
    "HeldOutStudy",
    "authors",
    "held_out",
]

_NUM_TRAIN, _NUM_TEST = 10_000, 2_000


class _FidelityStudy(StudySettings):
    """What both protocols of fidelity ask for."""

    target_length: Count
    """Steps in a window."""
    budget: TimeBudget | None = None
    """Processor seconds of training; an arm may have its own."""
    weeks: Annotated[int, Field(ge=2)] | None = None
    """Draws of one series and time that are compared with as many real periods."""
    period: Count = 168
    """Steps after which real windows count as draws of one time; a week of hours by default."""


class HeldOutStudy(_FidelityStudy):
    """A study of windows beside those of a part that was held out."""

    part: StudyPart
    """What is scored."""
    encoder: str | None = None
    """Name of an encoder for Context-FID; by default one is trained on the training windows."""
    judge_draws: Annotated[int, Field(ge=2)] = 20
    """Draws over which mean and spread are taken."""


class HeldOutArm(ArmSettings):
    """A PSA-GAN by its settings, or windows that need no model."""

    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of PSA-GAN; all others are the default."""
    budget: TimeBudget | None = None
    """Processor seconds of training in the place of the study's."""
    noise_scale: Annotated[float, Field(gt=0)] | None = None
    """Scale of the noise that a trained model draws with; 1 is what was found in training."""
    noise_deviation: Annotated[float, Field(gt=0)] | None = None
    """Its deviation, instead; 1 is that of training, whatever was found at its end."""
    constraints: Literal["infer", "none"] = "infer"
    """Whether samples keep the grain and the bounds of their series."""
    baseline: Literal["gaussian", "jitter", "mixing", "block_bootstrap"] | None = None
    """Windows that need no model; a key of `BASELINES`."""

    @model_validator(mode="after")
    def _trains_or_not(self) -> Self:
        refuse_idle(self, "baseline", "settings", "budget", "noise_scale", "noise_deviation")
        return self


class AuthorsStudy(_FidelityStudy):
    """A study by the published protocol."""

    encoder: str
    """Name of the encoder: the authors', for figures to compare with theirs."""


class AuthorsArm(ArmSettings):
    """A PSA-GAN by its settings."""

    settings: dict[str, Any] = Field(default_factory=dict)
    """Those of PSA-GAN; all others are the default."""
    budget: TimeBudget | None = None
    """Processor seconds of training in the place of the study's."""
    noise_scale: Annotated[float, Field(gt=0)] | None = None
    """Scale of the noise that a trained model draws with."""


def _cut_last(dataset: SeriesDataset, length: int) -> tuple[SeriesDataset, SeriesDataset]:
    """Cut off the last max(length, 20 %) steps of each series."""
    everything = np.arange(len(dataset))
    cut = dataset.lengths - np.maximum(length, np.ceil(0.2 * dataset.lengths).astype(np.int64))
    return (
        dataset.cut(everything, np.zeros_like(cut), cut),
        dataset.cut(everything, cut, dataset.lengths),
    )


def _train(
    dataset: SeriesDataset,
    study: Mapping[str, Any],
    arm: Mapping[str, Any],
    seed: int,
    models: Path,
) -> Any:
    """Train the arm's model within its budget of CPU seconds on one core, or find it again.

    Models are kept in the folder `models`, so arms that differ in how they draw share
    one training, and a change in how samples are judged costs no training.
    """
    torch.set_num_threads(1)
    budget = arm.get("budget", study.get("budget"))
    settings = {"target_length": study["target_length"], **arm.get("settings", {})}
    what = json.dumps([dataset.fingerprint(), settings, budget, seed], sort_keys=True)
    place = models / hashlib.sha256(what.encode()).hexdigest()[:12]
    if (place / "facts.json").exists():
        model, facts = load(place / "model"), json.loads((place / "facts.json").read_text())
    else:
        model, facts = _train_anew(dataset, settings, budget, seed)
        model.save(place / "model", overwrite=True)
        write_text(place / "facts.json", json.dumps(facts), overwrite=True)
    facts |= {"settings": arm.get("settings", {})}
    if "noise_scale" in arm:
        model = model.with_noise_scale(arm["noise_scale"])
        facts["noise_scale"] = arm["noise_scale"]
    if "noise_deviation" in arm:  # as it is in training: 1, whatever was found at its end
        model = model.with_noise_scale(arm["noise_deviation"] / model.noise_scale)
    return model, facts | {"calibrated_noise": round(model.noise_scale, 4)}


def _train_anew(
    dataset: SeriesDataset, settings: Mapping[str, Any], budget: str, seed: int
) -> tuple[Any, dict[str, Any]]:
    """Train a model; return it with what is known of its training."""
    begin = time.process_time()
    model = train_synthesizer("psa-gan", dataset, settings, budget=budget, seed=seed)
    facts = {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "schedule": model.plan["schedule"],
        "budget": budget,
        "machine": platform.machine(),
        "torch": torch.__version__,
    }
    return model, facts


def _draw_windows(model: Any, count: int, seed: int, constraints: str = "infer") -> Array:
    """Draw windows after random series and times of the training part; "none" is no constraint."""
    held = None if constraints == "none" else constraints
    drawn = model.sample(count, constraints=held, missing="none", seed=seed)
    return np.asarray(drawn.values.reshape(count, -1))


def held_out(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Score windows on the test part, or with part = "validation" on a cut of the training part."""
    length = study["target_length"]
    real = sources.series(study["data"])
    train_part, test_part = _cut_last(real, length)
    if study["part"] == "validation":
        train_part, test_part = _cut_last(train_part, length)
    training = windows_of(train_part, length, _NUM_TRAIN, seed=1).values
    unseen = windows_of(test_part, length, _NUM_TEST, seed=2).values
    facts: dict[str, Any] = {}
    spread: dict[str, Any] = {}
    if "baseline" in arm:
        scaled, _ = scale_windows(training)
        made = BASELINES[arm["baseline"]](scaled, _NUM_TEST, seed=seed)
    else:
        model, facts = _train(train_part, study, arm, seed, sources.models)
        made = _draw_windows(model, _NUM_TEST, seed, arm.get("constraints", "infer"))
        if "weeks" in study:
            spread = _spread_of_draws(model, train_part, study, seed)
    result = window_fidelity(
        training,
        unseen,
        made,
        seed=seed,
        num_windows=1000,
        encoder=sources.encoder(study["encoder"]) if "encoder" in study else None,
        draws=study.get("judge_draws", 20),
    )
    numbers = _measures(result.table) | spread
    return {**facts, "draws": result.facts["draws"], "measures": numbers}


def _measures(table: pd.DataFrame) -> dict[str, Any]:
    """Return value, spread and floor of each measure, the control without rounding, the ceiling."""
    names = ["value", "spread", "floor", "floor_spread"]
    names += [name for name in ("unrounded", "unrounded_spread", "ceiling") if name in table]
    rows = table.set_index("metric")[names].round(5)
    return {str(metric): row.to_dict() for metric, row in rows.iterrows()}


def authors(
    study: Mapping[str, Any], arm: Mapping[str, Any], seed: int, sources: StudySources
) -> dict[str, Any]:
    """Score by the published protocol: whole series, paired by series and time, n = 512."""
    length = study["target_length"]
    real = sources.series(study["data"])
    model, facts = _train(real, study, arm, seed, sources.models)
    sampler, encoder = sampler_of(model, real, length), sources.encoder(study["encoder"])
    score = authors_context_fid(real, sampler, encoder, target_length=length, n=512, seed=seed)
    spread = _spread_of_draws(model, real, study, seed) if "weeks" in study else {}
    return {**facts, "measures": _measures(score.table) | spread}


def _spread_of_draws(
    model: Any, real: SeriesDataset, study: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """Compare draws of one series and time with real weeks."""
    length = study["target_length"]
    weeks = {
        "period": study.get("period", 168),
        "draws": study["weeks"],
        "pairs": 256,
        "repeats": 3,
        "age_deviation": model.age_deviation,
    }
    sampler = sampler_of(model, real, length)
    variety = sampler_noise_spread(real, sampler, target_length=length, seed=seed, **weeks)
    return _measures(variety.table)
