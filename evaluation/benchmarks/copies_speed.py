"""CPU seconds of the search for copies among all windows of 64 hours of M4 hourly.

    python evaluation/benchmarks/copies_speed.py --data DIR

A tenth of 1,000 samples are cut from the training part, with noise of 1 % of their spread; the rest
and the test windows come from the last quarter of the series.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

import tsgen
from tsgen.metrics import find_copies

LENGTH = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="Folder of the datasets.")
    parser.add_argument("--samples", type=int, default=1000)
    options = parser.parse_args()
    series = tsgen.read_series(options.data / "timeseries" / "m4_hourly.parquet")
    draw = np.random.default_rng(0)
    train, test = [], []
    for entry in series:
        values = np.asarray(entry["target"], np.float64)
        end = 3 * len(values) // 4
        train.append(values[:end])
        later = np.lib.stride_tricks.sliding_window_view(values[end:], LENGTH)
        test.append(later[:: LENGTH // 4])
    values = np.concatenate(train)
    lengths = [max(len(part) - LENGTH + 1, 0) for part in train]
    offsets = np.cumsum([0, *(len(part) for part in train[:-1])])
    begins = np.concatenate([o + np.arange(n) for o, n in zip(offsets, lengths, strict=True)])
    later = draw.permutation(np.concatenate(test))[: 2 * options.samples]
    made, real = later[: options.samples].copy(), later[options.samples :]
    copied = draw.choice(begins, options.samples // 10)
    for row, begin in enumerate(copied):
        window = values[begin : begin + LENGTH]
        made[row] = window + 0.01 * window.std() * draw.normal(size=LENGTH)
    start = time.process_time()
    check = find_copies(made, real, values, begins)
    seconds = time.process_time() - start
    print(f"{len(begins):,} windows searched for {len(made):,} samples: {seconds:.1f} CPU s")
    print(f"copies: {check.copied}, {check.nearer:.1%} of the samples")


if __name__ == "__main__":
    main()
