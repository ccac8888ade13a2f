"""The protocols of the studies: an arm and a seed to the numbers of one cell."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from activity_protocol import activity
from audience_study import audience
from gap_filling import gap_filling
from user_split import user_split

from tsgen import PSAGANEstimator, SeriesDataset, TrainingOptions, read_series
from tsgen.evaluation import (
    BASELINES,
    Sampler,
    authors_context_fid,
    load_encoder,
    sampler_noise_spread,
    window_fidelity,
    windows_of,
)
from tsgen.persistence import load
from tsgen.psagan import PSAGANSynthesizer

__all__ = ["PROTOCOLS"]

NUM_TRAIN, NUM_TEST = 10_000, 2_000
MODELS = Path(__file__).parent / "studies" / "models"


def cut_last(dataset: SeriesDataset, length: int) -> tuple[SeriesDataset, SeriesDataset]:
    """Cut off the last max(length, 20 %) steps of each series."""
    everything = np.arange(len(dataset))
    cut = dataset.lengths - np.maximum(length, np.ceil(0.2 * dataset.lengths).astype(np.int64))
    return (
        dataset.cut(everything, np.zeros_like(cut), cut),
        dataset.cut(everything, cut, dataset.lengths),
    )


def train(dataset: SeriesDataset, study: dict[str, Any], arm: dict[str, Any], seed: int) -> Any:
    """Train the arm's model within its budget of CPU seconds on one core, or find it again.

    Models are kept in `studies/models` (not committed), so arms that differ in how they draw share
    one training, and a change in how samples are judged costs no training.
    """
    torch.set_num_threads(1)
    budget = arm.get("budget", study.get("budget"))
    settings = {"target_length": study["target_length"], **arm.get("settings", {})}
    what = json.dumps([dataset.fingerprint(), settings, budget, seed], sort_keys=True)
    place = MODELS / hashlib.sha256(what.encode()).hexdigest()[:12]
    if (place / "facts.json").exists():
        model, facts = load(place / "model"), json.loads((place / "facts.json").read_text())
    else:
        model, facts = train_anew(dataset, settings, budget, seed)
        model.save(place / "model", overwrite=True)
        (place / "facts.json").write_text(json.dumps(facts))
    facts |= {"settings": arm.get("settings", {})}
    if "noise_scale" in arm:
        model = model.with_noise_scale(arm["noise_scale"])
        facts["noise_scale"] = arm["noise_scale"]
    return model, facts


def train_anew(
    dataset: SeriesDataset, settings: dict[str, Any], budget: str, seed: int
) -> tuple[PSAGANSynthesizer, dict[str, Any]]:
    """Train a model; return it with what is known of its training."""
    options = TrainingOptions(seed=seed, budget=budget, budget_clock="cpu", progress=False)
    begin = time.process_time()
    model = PSAGANEstimator(**settings).train(dataset, options=options)
    facts = {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "schedule": model.plan["schedule"],
        "budget": budget,
        "machine": platform.machine(),
        "torch": torch.__version__,
    }
    return model, facts


def draw_windows(model: PSAGANSynthesizer, count: int, seed: int) -> np.ndarray:
    """Draw windows after random series and times of the training part."""
    drawn = model.sample(count, seed=seed)
    return drawn.values.reshape(count, -1)


def held_out(study: dict[str, Any], arm: dict[str, Any], seed: int, data: Path) -> dict[str, Any]:
    """Score windows on the test part, or with part = "validation" on a cut of the training part."""
    length = study["target_length"]
    real = read_series(data / "timeseries" / f"{study['data']}.parquet")
    train_part, test_part = cut_last(real, length)
    if study["part"] == "validation":
        train_part, test_part = cut_last(train_part, length)
    known = windows_of(train_part, length, NUM_TRAIN, seed=1).values
    unseen = windows_of(test_part, length, NUM_TEST, seed=2).values
    facts: dict[str, Any] = {}
    spread: dict[str, Any] = {}
    if "baseline" in arm:
        scaled = [min_max(windows) for windows in (known, unseen)]
        made = BASELINES[arm["baseline"]](scaled[0], NUM_TEST, seed=seed)
    else:
        model, facts = train(train_part, study, arm, seed)
        made = draw_windows(model, NUM_TEST, seed)
        if "weeks" in study:
            spread = spread_of_draws(model, train_part, study, seed)
    result = window_fidelity(
        known, unseen, made, seed=seed, num_windows=1000, encoder=encoder_of(study, data)
    )
    found = measures(result.table) | spread
    return {**facts, "draws": result.facts["draws"], "measures": found}


def min_max(windows: np.ndarray) -> np.ndarray:
    """Scale each window to [0, 1]."""
    low, span = windows.min(1, keepdims=True), np.ptp(windows, axis=1)[:, None]
    return np.where(span > 0, (windows - low) / np.where(span > 0, span, 1.0), 0.5)


def encoder_of(study: dict[str, Any], data: Path) -> Any:
    """Return the authors' encoder that the study names."""
    return load_encoder(data / "encoders" / f"{study['encoder']}.safetensors")


def measures(table: pd.DataFrame) -> dict[str, Any]:
    """Return value, spread, floor and its spread of each measure."""
    names = ["value", "spread", "floor", "floor_spread"]
    rows = table.set_index("metric")[names].round(5)
    return {metric: row.to_dict() for metric, row in rows.iterrows()}


def authors(study: dict[str, Any], arm: dict[str, Any], seed: int, data: Path) -> dict[str, Any]:
    """Score by the published protocol: whole series, paired by series and time, n = 512."""
    length = study["target_length"]
    real = read_series(data / "timeseries" / f"{study['data']}.parquet")
    model, facts = train(real, study, arm, seed)
    sampler, encoder = sampler_of(model, real, length), encoder_of(study, data)
    score = authors_context_fid(real, sampler, encoder, target_length=length, n=512, seed=seed)
    spread = spread_of_draws(model, real, study, seed)
    return {**facts, "measures": measures(score.table) | spread}


def sampler_of(model: PSAGANSynthesizer, real: SeriesDataset, length: int) -> Sampler:
    """Return what draws a window after each of the series and times asked for."""
    row = {item_id: i for i, item_id in enumerate(real.item_ids)}

    def sampler(ids: list[Any], starts: np.ndarray, seed: int) -> np.ndarray:
        rows = np.array([row[item_id] for item_id in ids])
        lengths = np.full(len(rows), length)
        drawn = model.sample_after(real, rows, starts, lengths, seed=seed)
        return drawn.values.reshape(len(rows), length)

    return sampler


def spread_of_draws(
    model: PSAGANSynthesizer, real: SeriesDataset, study: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Compare draws of one series and time with real weeks."""
    length = study["target_length"]
    weeks = {"period": 168, "draws": study["weeks"], "pairs": 256, "repeats": 3}
    sampler = sampler_of(model, real, length)
    found = sampler_noise_spread(real, sampler, target_length=length, seed=seed, **weeks)
    return measures(found.table)


PROTOCOLS = {
    "held-out": held_out,
    "authors": authors,
    "activity": activity,
    "user-split": user_split,
    "audience": audience,
    "gap-filling": gap_filling,
}
