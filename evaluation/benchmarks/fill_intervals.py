"""Gaps of known values: how often do they lie within the 90 % interval of their fills?

    python evaluation/benchmarks/fill_intervals.py electricity_hourly_first1000 --data DIR

A PSA-GAN-C is trained on the first three quarters of half of the series (200 at most). Gaps are
punched into what comes after, and into the last quarter of the other half, which it has never met.
Each is filled 99 times: a value of the kind of its draws lies between the fifth least and the fifth
greatest in 90 % of cases. Once with the noise of training (models of before), once with that of the
model. CRPS is in standard deviations of the series.
"""

from __future__ import annotations

import argparse
import copy
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from tsgen import PSAGANForecastEstimator, TrainingOptions, read_series
from tsgen.data import SeriesDataset
from tsgen.errors import DataWarning
from tsgen.psagan import PSAGANPredictor

GAPS, DRAWS, MOST = 120, 99, 200


def cut(dataset: SeriesDataset, share: float) -> tuple[SeriesDataset, np.ndarray]:
    """Return the first part of all series, and where the rest begins."""
    ends = (share * dataset.lengths).astype(np.int64)
    return dataset.cut(np.arange(len(dataset)), np.zeros_like(ends), ends), ends


def scored(
    model: PSAGANPredictor, whole: SeriesDataset, begins: np.ndarray, gap: int
) -> tuple[float, float]:
    """Return the share within the interval, and the CRPS, of gaps after `begins`."""
    random = np.random.default_rng(gap)
    scale = np.array([np.nanstd(whole.series(i)) for i in range(len(whole))])
    rows = np.flatnonzero((whole.lengths - gap > begins + 1) & (scale > 0))
    shares, scores = [], []
    for turn in range(-(-GAPS // len(rows))):
        again = np.sort(random.permutation(rows)[:GAPS])
        part = whole.subset(again)
        first = random.integers(begins[again] + 1, part.lengths - gap)
        steps = first[:, None] + np.arange(gap)
        place = part.offsets[:-1, None] + steps
        truth, values = part.values[place], part.values.copy()
        values[place] = np.nan
        done = model.impute(replace(part, values=values), DRAWS, seed=turn)
        copies = done.offsets[:-1].reshape(len(again), DRAWS)
        drawn = np.sort(done.values[copies[:, :, None] + steps[:, None]], axis=1)
        known = np.isfinite(truth)
        shares.append(((drawn[:, 4] <= truth) & (truth <= drawn[:, -5]))[known])
        weights = (2 * np.arange(DRAWS) + 1 - DRAWS) / DRAWS**2
        crps = np.abs(drawn - truth[:, None]).mean(axis=1)
        crps -= np.tensordot(weights, drawn, axes=(0, 1))
        scores.append((crps / scale[again, None])[known])
    return float(np.concatenate(shares).mean()), float(np.concatenate(scores).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="table of series")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--budget", default="60s", help="processor time of the training")
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--gaps", type=int, nargs="+", default=[1, 5, 24, 72, 150])
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    warnings.simplefilter("ignore", DataWarning)
    whole = read_series(given.data / "timeseries" / f"{given.name}.parquet")
    order = np.random.default_rng(given.seed).permutation(len(whole))
    mine, other = (np.sort(rows[:MOST]) for rows in np.array_split(order, 2))
    known, ends = cut(whole.subset(mine), 0.75)
    options = TrainingOptions(seed=given.seed, budget=given.budget, budget_clock="cpu")
    begin = time.process_time()
    model = PSAGANForecastEstimator(target_length=given.length).train(known, options=options)
    spent = time.process_time() - begin
    before = copy.copy(model)
    before.fill_noise = 1.0
    print(f"{given.name}: {len(mine)} series, {spent:.0f} CPU s, noise {model.fill_noise:.2f}")
    print("| gap | known series: within, before -> now | CRPS | new series | CRPS |")
    print("| --- | --- | --- | --- | --- |")
    sides = [(whole.subset(mine), ends)]
    if len(other):
        sides.append((whole.subset(other), cut(whole.subset(other), 0.75)[1]))
    for gap in given.gaps:
        cells = []
        for series, begins in sides:
            old, new = (scored(m, series, begins, gap) for m in (before, model))
            cells += [f"{old[0]:.2f} -> {new[0]:.2f}", f"{old[1]:.3f} -> {new[1]:.3f}"]
        print(f"| {gap} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
