"""Is a new series drawn like its kind? Statics embedded, described, or dealt at random.

    python evaluation/benchmarks/new_stores.py --data DIR

Australian tourism by quarter: 304 series of state, region and purpose; the static number is the
logarithm of the mean. A fifth of the series is held out wholly. A PSA-GAN learns from the others,
and draws after the held-out entries, of which it knows statics, scale and calendar alone. The
profile of a series is what its quarters of the year differ from its mean by, in deviations of the
series. Error: mean absolute difference of the profiles of the draws (20 for each) and of the true
series; correlation: of the two over all series and quarters.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from tsgen import PSAGANEstimator, TrainingOptions
from tsgen.data import SeriesDataset, to_dataset

DRAWS, LENGTH = 20, 16
ARMS = ("none", "embedded", "columns", "encoder", "columns, statics of others")


def read(folder: Path) -> SeriesDataset:
    table = pd.read_parquet(folder / "timeseries" / "australian_tourism.parquet")
    parts = table["item_id"].str.split("/", expand=True)
    table = table.assign(state=parts[0], region=parts[1], purpose=parts[2])
    data = to_dataset(table, static=["state", "region", "purpose"], freq="QS")
    size = [np.log1p(np.nanmean(data.values[a:b])) for a, b in
            zip(data.offsets[:-1], data.offsets[1:], strict=True)]  # fmt: skip
    return replace(data, static_real=np.array(size)[:, None])


def profiles(data: SeriesDataset) -> np.ndarray:
    """Return (series, 4)."""
    rows = []
    for begin, end in zip(data.offsets[:-1], data.offsets[1:], strict=True):
        values = data.values[begin:end]
        scaled = (values - np.nanmean(values)) / max(float(np.nanstd(values)), 1e-9)
        rows.append([np.nanmean(scaled[quarter::4]) for quarter in range(4)])
    return np.array(rows)


def with_statics(data: SeriesDataset, arm: str, seed: int) -> SeriesDataset:
    if arm == "none":
        empty = np.zeros((len(data), 0))
        return replace(data, static_cat=empty.astype(np.int64), static_names=(),
                       static_categories=(), static_real=empty)  # fmt: skip
    if "others" in arm:
        order = np.random.default_rng(seed).permutation(len(data))
        return replace(data, static_cat=data.static_cat[order], static_real=data.static_real[order])
    return data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=600)
    args = parser.parse_args()
    data = read(args.data)
    print("| statics | error of profiles | correlation | CPU s |\n| --- | --- | --- | --- |")
    for arm in ARMS:
        found = []
        for seed in range(args.seeds):
            order = np.random.default_rng(seed).permutation(len(data))
            held, kept = order[: len(data) // 5], np.sort(order[len(data) // 5 :])
            began = time.process_time()
            given = with_statics(data, arm, seed)
            how = {"statics": arm.split(",")[0]} if "columns" in arm or arm == "encoder" else {}
            estimator = PSAGANEstimator(target_length=LENGTH, num_steps=args.steps, **how)
            options = TrainingOptions(seed=seed, progress=False)
            model = estimator.train(given.subset(kept), options=options)
            drawn = model.sample(DRAWS, like=given.subset(held), start="1998-01-01", seed=seed)
            ours = profiles(drawn).reshape(len(held), DRAWS, 4).mean(axis=1)
            true = profiles(data.subset(held))
            errors = np.abs(ours - true).mean()
            found.append((errors, np.corrcoef(ours.ravel(), true.ravel())[0, 1],
                          time.process_time() - began))  # fmt: skip
        error, correlation, seconds = np.mean(found, axis=0)
        spread = np.std([row[0] for row in found])
        print(f"| {arm} | {error:.3f} ± {spread:.3f} | {correlation:.2f} | {seconds:.0f} |",
              flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
