"""Do forecasts hold what their bands say, and how good are they beside those of GluonTS?

    python evaluation/benchmarks/forecast_bands.py --data DIR --name hospital --deepar --feedforward

PSA-GAN-C and, if asked for, GluonTS's DeepAR and SimpleFeedForward learn for as many processor
seconds from what precedes the validation windows (of vic_electricity, of one series), and forecast
these; the test part after them is left alone. With `--part test` they learn from what precedes the
test windows and forecast those. Printed: the mean weighted quantile loss, and the share of values,
and of sums over the horizon, within the 80 % band; of PSA-GAN-C with the widths that it found on
windows hidden from training, and as it draws them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import torch
from gluonts.torch import DeepAREstimator, SimpleFeedForwardEstimator

import tsgen
from tsgen.training import TrainingOptions

# name -> steps ahead, validation windows, test windows, lags of DeepAR
DATASETS = {
    "hospital": (12, 1, 2, [1, 2, 3, 11, 12, 13]),
    "electricity_hourly_last840": (24, 4, 7, [1, 2, 3, 24, 25, 48, 168]),
    "gefcom2012_load": (24, 7, 7, [1, 2, 3, 24, 25, 48, 168]),
    "vic_electricity": (48, 14, 14, [1, 2, 3, 48, 49, 96, 336]),
}
LEVELS = np.arange(1, 10) / 10
MOST_SERIES, PATHS = 1_000, 100


def windows_of(real: Any, ahead: int, count: int, hidden: int, seed: int = 0) -> tuple[Any, Any]:
    """Return entries that end where forecasts begin, and what came, (n, ahead)."""
    every = np.random.default_rng(seed).permutation(len(real))[:MOST_SERIES]
    entries, came = [], []
    for window in range(count):
        end = ahead * (hidden + count - window)
        past, full = (before(real, np.sort(every), back) for back in (end, end - ahead))
        entries += list(past)
        came += [np.asarray(entry["target"])[-ahead:] for entry in full]
    return entries, np.array(came)


def before(real: Any, rows: Any, back: int) -> Any:
    """Return series without their last steps."""
    return real.cut(rows, np.zeros(len(rows), int), real.lengths[rows] - back)


def scored(paths: Any, came: Any) -> str:
    """Return loss and coverage of paths (n, S, ahead) as text."""
    there = np.isfinite(came)
    quantiles = np.quantile(paths, LEVELS, axis=1)
    gaps = np.where(there, came - quantiles, 0.0)
    levels = LEVELS[:, None, None]
    loss = 2 * np.maximum(levels * gaps, (levels - 1) * gaps).sum() / np.abs(came[there]).sum()
    steps = ((came >= quantiles[0]) & (came <= quantiles[-1]))[there].mean()
    whole = there.all(axis=1)
    low, high = np.quantile(paths[whole].sum(axis=2), [0.1, 0.9], axis=1)
    sums = came[whole].sum(axis=1)
    held = ((sums >= low) & (sums <= high)).mean()
    return f"loss {loss / len(LEVELS):.4f}, 80 % band of steps {steps:.1%}, of sums {held:.1%}"


def psagan(train: Any, entries: Any, came: Any, ahead: int, budget: int, seed: int) -> None:
    options = TrainingOptions(
        seed=seed, budget=f"{budget}s", budget_clock="cpu", device="cpu", progress=False
    )
    model = tsgen.PSAGANForecastEstimator(prediction_length=ahead).train(train, options=options)
    found = model.forecast_width
    for width in (found, (1.0, 1.0)):
        model.forecast_width = width
        paths = np.array([f.samples for f in model.predict(entries, PATHS, seed=1)])
        print(f"PSA-GAN-C, width of means {width[0]:.2f}, of steps {width[1]:.2f}:", end=" ")
        print(scored(paths, came), flush=True)


def gluonts(name: str, train: Any, entries: Any, came: Any, budget: int, **settings: Any) -> None:
    class Stop(pl.Callback):
        def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
            trainer.should_stop = time.process_time() - begin > budget

    begin = time.process_time()
    trainer: dict[str, Any] = {
        "max_epochs": 100_000, "callbacks": [Stop()], "enable_progress_bar": False,
        "logger": False, "enable_model_summary": False, "accelerator": "cpu",
        "default_root_dir": tempfile.mkdtemp(),
    }  # fmt: skip
    estimators = {"DeepAR": DeepAREstimator, "SimpleFeedForward": SimpleFeedForwardEstimator}
    estimator = estimators[name](**settings, trainer_kwargs=trainer)
    forecasts = list(estimator.train(train).predict(entries, num_samples=PATHS))
    if name == "SimpleFeedForward":  # steps by themselves
        forecasts = [f.to_sample_forecast(PATHS) for f in forecasts]
    paths = [f.samples for f in forecasts]
    print(f"{name}:", scored(np.array(paths), came), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--name", choices=DATASETS, default="hospital")
    parser.add_argument("--budget", type=int, default=90, help="Processor seconds of a training.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", choices=("validation", "test"), default="validation")
    parser.add_argument("--deepar", action="store_true")
    parser.add_argument("--feedforward", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    pl.seed_everything(asked.seed)
    table = pd.read_parquet(asked.data / "timeseries" / f"{asked.name}.parquet")
    if asked.name == "vic_electricity":
        table = table[table["item_id"] == table["item_id"].iloc[0]]
    real = tsgen.to_dataset(table)
    ahead, count, hidden, lags = DATASETS[asked.name]
    if asked.part == "test":
        count, hidden = hidden, 0
    train = before(real, np.arange(len(real)), ahead * (hidden + count))
    entries, came = windows_of(real, ahead, count, hidden)
    psagan(train, entries, came, ahead, asked.budget, asked.seed)
    asks = (train, entries, came, asked.budget)
    ends: dict[str, Any] = {"prediction_length": ahead, "context_length": 2 * ahead}
    if asked.deepar:
        gluonts("DeepAR", *asks, **ends, freq=train.freq, lags_seq=lags, lr=2e-3)
    if asked.feedforward:
        gluonts("SimpleFeedForward", *asks, **ends)


if __name__ == "__main__":
    main()
