"""The protocols of the studies: an arm and a seed to the numbers of one cell."""

from __future__ import annotations

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
    authors_context_fid,
    fidelity,
    load_encoder,
    sampler_noise_spread,
    windows_of,
)
from tsgen.psagan import PSAGANSynthesizer

__all__ = ["PROTOCOLS"]

NUM_TRAIN, NUM_TEST = 10_000, 2_000


def cut_last(dataset: SeriesDataset, length: int) -> tuple[SeriesDataset, SeriesDataset]:
    """Cut off the last max(length, 20 %) steps of each series."""
    everything = np.arange(len(dataset))
    cut = dataset.lengths - np.maximum(length, np.ceil(0.2 * dataset.lengths).astype(np.int64))
    return (
        dataset.cut(everything, np.zeros_like(cut), cut),
        dataset.cut(everything, cut, dataset.lengths),
    )


def train(dataset: SeriesDataset, study: dict[str, Any], arm: dict[str, Any], seed: int) -> Any:
    """Train the arm's model within its budget of CPU seconds on one core."""
    torch.set_num_threads(1)
    budget = arm.get("budget", study.get("budget"))
    settings = {"target_length": study["target_length"], **arm.get("settings", {})}
    options = TrainingOptions(seed=seed, budget=budget, budget_clock="cpu", progress=False)
    begin = time.process_time()
    model = PSAGANEstimator(**settings).train(dataset, options=options)
    facts = {
        "cpu_seconds": round(time.process_time() - begin, 1),
        "schedule": model.plan["schedule"],
        "budget": budget,
        "settings": arm.get("settings", {}),
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
    if "baseline" in arm:
        scaled = [min_max(windows) for windows in (known, unseen)]
        made = BASELINES[arm["baseline"]](scaled[0], NUM_TEST, seed=seed)
    else:
        model, facts = train(train_part, study, arm, seed)
        made = draw_windows(model, NUM_TEST, seed)
    result = fidelity(
        known, unseen, made, seed=seed, num_windows=1000, encoder=encoder_of(study, data)
    )
    return {**facts, "draws": result.facts["draws"], "measures": measures(result.table)}


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

    def sampler(ids: list[Any], starts: np.ndarray, draw_seed: int) -> np.ndarray:
        row = {item_id: i for i, item_id in enumerate(real.item_ids)}
        rows = np.array([row[item_id] for item_id in ids])
        lengths = np.full(len(rows), length)
        drawn = model.sample_after(real, rows, starts, lengths, seed=draw_seed)
        return drawn.values.reshape(len(rows), length)

    encoder = encoder_of(study, data)
    score = authors_context_fid(real, sampler, encoder, target_length=length, n=512, seed=seed)
    weeks = {"period": 168, "draws": study["weeks"], "pairs": 256, "repeats": 3}
    spread = sampler_noise_spread(real, sampler, target_length=length, seed=seed, **weeks)
    return {**facts, "measures": measures(score.table) | measures(spread.table)}


PROTOCOLS = {
    "held-out": held_out,
    "authors": authors,
    "activity": activity,
    "user-split": user_split,
    "audience": audience,
    "gap-filling": gap_filling,
}
