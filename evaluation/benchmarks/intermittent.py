"""Demand that is mostly zero: do samples have its zeros, its runs of them, and its sizes?

    python evaluation/benchmarks/intermittent.py --data DIR --budget 180s

Half of the series of carparts (51 months) train a PSA-GAN; windows of the same months drawn of
these, and windows of these themselves (the floor), are set against those of the other half, in ten
draws of 400 windows. Runs and sizes are compared by the Wasserstein distance of their logarithms.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.stats import wasserstein_distance

from tsgen import PSAGANEstimator, TrainingOptions, read_series

WINDOWS, DRAWS = 400, 10


def runs_of_zeros(windows: np.ndarray) -> np.ndarray:
    """Return the lengths of all runs, those cut at an end of a window included."""
    zero = np.pad(windows == 0, ((0, 0), (1, 1))).astype(int)
    steps = np.diff(zero, axis=1)
    return np.nonzero(steps == -1)[1] - np.nonzero(steps == 1)[1]


def distances(windows: np.ndarray, real: np.ndarray) -> dict[str, float]:
    logs = [np.log(w[w > 0]) for w in (windows, real)]
    runs = [np.log(runs_of_zeros(w)) for w in (windows, real)]
    return {
        "share of zeros, difference": abs(float((windows == 0).mean() - (real == 0).mean())),
        "windows of zeros alone, difference": abs(
            float((windows == 0).all(axis=1).mean() - (real == 0).all(axis=1).mean())
        ),
        "runs of zeros": float(wasserstein_distance(*runs)),
        "sizes": float(wasserstein_distance(*logs)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--budget", default="180s", help="processor time of the training")
    parser.add_argument("--length", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    random = np.random.default_rng(given.seed)
    whole = read_series(given.data / "timeseries" / "carparts.parquet")
    complete = np.flatnonzero([np.isfinite(whole.series(i)).all() for i in range(len(whole))])
    mine, others = np.array_split(random.permutation(complete), 2)
    train, test = whole.subset(np.sort(mine)), whole.subset(np.sort(others))
    options = TrainingOptions(seed=given.seed, budget=given.budget, budget_clock="cpu")
    model = PSAGANEstimator(target_length=given.length).train(train, options=options)
    drawn = model.sample(1, like=train, length="like", seed=given.seed)

    def windows(dataset: object) -> np.ndarray:
        rows = random.choice(len(dataset), WINDOWS, replace=False)
        begin = random.integers(0, dataset.lengths[rows] - given.length + 1)
        return np.stack(
            [dataset.series(i)[b : b + given.length] for i, b in zip(rows, begin, strict=True)]
        )

    table: dict[str, list[tuple[float, float]]] = {}
    for _ in range(DRAWS):
        real = windows(test)
        sides = distances(windows(drawn), real), distances(windows(train), real)
        for name, value in sides[0].items():
            table.setdefault(name, []).append((value, sides[1][name]))
    print(
        f"{len(train)} series in training, {len(test)} held out; windows of {given.length} months"
    )
    print("| measure | samples | real windows of training (floor) |\n| --- | --- | --- |")
    for name, pairs in table.items():
        mean, spread = np.mean(pairs, axis=0), np.std(pairs, axis=0, ddof=1)
        cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(mean, spread, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
