"""Do channels that are generated together go together? Cross-correlations beside their floor.

python evaluation/channels_study.py --data DIR --panel etth1

The series of a table that were observed together are the channels of one entry; the last 20 % are
the test part (`--part validation` cuts the same once more off the training part). Three ways of
drawing 1,000 windows, each default preset, the same budget of processor seconds:

- together: a PSA-GAN of all channels;
- apart: a univariate PSA-GAN of the same series, every channel of a window drawn after its own
  series at the same time, so that only the calendar is shared;
- shuffled: the windows of "together", each channel's put in an order of its own.

The distance is `tsgen.metrics.cross_correlation_distance` to windows of the test part at n = 1,000,
mean and standard deviation over 20 draws; the floor puts windows of the training part in the place
of the samples. Rows of `studies/channels/cells.csv` that exist are not computed again.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from tsgen import PSAGANEstimator, TrainingOptions, to_dataset
from tsgen.data import MultivariateDataset
from tsgen.evaluation.fidelity import joint_windows
from tsgen.metrics import cross_correlation, cross_correlation_distance
from tsgen.report import plot_cross_correlation
from tsgen.rng import numpy_stream

PLACE = Path(__file__).parent / "studies" / "channels"
PANELS = {"etth1": (7, 64), "los_loop_speed": (8, 64)}  # first channels of the table, window
COUNT, DRAWS, TEST_SHARE = 1000, 20, 0.2


def panel_of(place: Path, name: str) -> MultivariateDataset:
    table = pd.read_parquet(place / "timeseries" / f"{name}.parquet")
    first = table["item_id"].drop_duplicates()[: PANELS[name][0]]
    dataset = to_dataset(table[table["item_id"].isin(first)])
    return MultivariateDataset.of_panel(dataset, item_id=name)


def halves(panel: MultivariateDataset, part: str) -> tuple[MultivariateDataset, ...]:
    """Return the training part and the part to be compared with."""
    last = round(TEST_SHARE * panel.lengths[0])
    before, after = panel.split(last=last)
    return (before, after) if part == "test" else before.split(last=last)


def draw_together(train: MultivariateDataset, length: int, budget: str, seed: int):
    """Return windows (n, C, L), and where they begin."""
    options = TrainingOptions(seed=seed, budget=budget, budget_clock="cpu", progress=False)
    model = PSAGANEstimator(target_length=length).train(train, options=options)
    drawn = model.sample(COUNT, seed=seed)
    return drawn.values.reshape(-1, COUNT, length).transpose(1, 0, 2), drawn.starts, model


def draw_apart(train: MultivariateDataset, starts, length: int, budget: str, seed: int):
    """Return windows (n, C, L) of a univariate model, the channels at the same times."""
    options = TrainingOptions(seed=seed, budget=budget, budget_clock="cpu", progress=False)
    series = train.series
    model = PSAGANEstimator(target_length=length).train(series, options=options)
    rows = np.repeat(np.arange(len(series)), COUNT)
    times, lengths = np.tile(starts, len(series)), np.full(len(rows), length)
    drawn = model.sample_after(series, rows, times, lengths, seed=seed)
    return drawn.values.reshape(-1, COUNT, length).transpose(1, 0, 2), model


def shuffled(windows: np.ndarray, seed: int) -> np.ndarray:
    order = numpy_stream(seed, "shuffled")
    channels = windows.transpose(1, 0, 2)
    return np.stack([c[order.permutation(COUNT)] for c in channels], axis=1)


def distances(made: np.ndarray, test: np.ndarray, seed: int) -> tuple[float, float]:
    """Return mean and deviation over draws of the distance at n = COUNT."""
    found = []
    for draw in range(DRAWS):
        random = numpy_stream(seed, "draws", draw)
        trial, check = (w[random.permutation(len(w))[:COUNT]] for w in (made, test))
        found.append(cross_correlation_distance(check, trial))
    return float(np.mean(found)), float(np.std(found, ddof=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--panel", choices=PANELS, required=True)
    parser.add_argument("--part", choices=("validation", "test"), default="test")
    parser.add_argument("--budget", default="180s", help="processor seconds of each training")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", type=Path, help="folder to save the model of all channels in")
    options = parser.parse_args()
    table = PLACE / "cells.csv"
    known = pd.read_csv(table) if table.exists() else pd.DataFrame()
    asked = {k: getattr(options, k) for k in ("panel", "part", "budget", "seed")}
    if len(known) and (known[list(asked)] == list(asked.values())).all(axis=1).any():
        print(known.to_string(index=False))
        return
    begin = time.process_time()
    length, seed = PANELS[options.panel][1], options.seed
    train, test = halves(panel_of(options.data, options.panel), options.part)
    real, known_windows = (
        joint_windows(dataset, length, 2 * COUNT, seed=seed, name=name)
        for dataset, name in ((test, "the test part"), (train, "the training part"))
    )
    together, starts, model = draw_together(train, length, options.budget, seed)
    apart, univariate = draw_apart(train, starts, length, options.budget, seed)
    arms = {
        "real (floor)": (known_windows, None),
        "together": (together, model),
        "apart": (apart, univariate),
        "shuffled": (shuffled(together, seed), None),
    }
    rows = []
    for arm, (windows, fitted) in arms.items():
        value, spread = distances(windows, real, seed)
        steps = sum(fitted.plan["schedule"]) if fitted else ""
        rows.append(asked | {"arm": arm, "distance": value, "spread": spread, "steps": steps})
    PLACE.mkdir(parents=True, exist_ok=True)
    known = pd.concat([known, pd.DataFrame(rows)], ignore_index=True)
    known.to_csv(table, index=False, float_format="%.4f")
    roles = {"real": cross_correlation(real), "synthetic": cross_correlation(together)}
    figure = plot_cross_correlation(roles, train.channels).get_figure()
    figure.savefig(PLACE / f"{options.panel}_{options.part}.png", dpi=110)
    if options.model:
        model.save(options.model, overwrite=True)
    print(known.to_string(index=False))
    print(f"{time.process_time() - begin:.0f} processor seconds in all")


if __name__ == "__main__":
    main()
