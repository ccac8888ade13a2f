"""Do samples follow features that change in time? Real data, with the features and without.

For each data set a PSA-GAN is trained twice on the first 80 % of the steps, with the same processor
seconds, and draws each held-out day of the last 20 %, at its own time and with its own features.
Printed for each model: the CRPS of single steps and of the mean of a day, in deviations of the real
values, and the correlation of the drawn and the real means of days after the mean of their month
was taken away.

    python evaluation/covariates_study.py --data DIR --seconds 120
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from tsgen import PSAGANEstimator, TrainingOptions
from tsgen.data import to_dataset

DRAWS = 20
DAY = 24


def series(folder, name):
    """Return a long table of a data set, hourly."""
    table = pd.read_parquet(folder / f"{name}.parquet")
    hourly = table.groupby(["item_id", pd.Grouper(key="timestamp", freq="h")])["target"].mean()
    return hourly.reset_index()


def beside(table, items, names):
    """Return chosen series of a table as columns, by time."""
    wide = table[table["item_id"].isin(items)]
    wide = wide.pivot(index="timestamp", columns="item_id", values="target")[list(items)]
    return wide.set_axis(names, axis=1).reset_index()


def vic_electricity(folder):
    """Return the demand of Victoria beside its temperature."""
    table = series(folder, "vic_electricity")
    demand = table[table["item_id"] == "demand"]
    return demand.merge(beside(table, ["temperature"], ["temperature"])), ["temperature"]


def trondheim_traffic(folder):
    """Return eight road sensors beside temperature and rain."""
    items = ["voll_air_temperature", "voll_sum(precipitation_amount PT1H)"]
    weather = beside(series(folder, "trondheim_weather"), items, ["temperature", "rain"])
    return series(folder, "trondheim_traffic").merge(weather), ["temperature", "rain"]


def energy_appliances(folder):
    """Return the appliances and lights of a house beside the weather outside."""
    table = series(folder, "energy_appliances")
    outside = ["T_out", "RH_out", "Windspeed"]
    known = [name for name in outside if name in set(table["item_id"])]
    used = table[table["item_id"].isin(["Appliances", "lights"])]
    return used.merge(beside(table, known, known)), known


SETS = {f.__name__: f for f in (vic_electricity, trondheim_traffic, energy_appliances)}


def crps(drawn, real):
    """Return the mean CRPS of samples (R, S, ...) of real values (R, ...)."""
    near = np.abs(drawn - real[:, None]).mean(axis=1)
    ordered = np.sort(drawn, axis=1)
    count = drawn.shape[1]
    weights = (2 * np.arange(count) - count + 1).reshape((1, -1) + (1,) * (drawn.ndim - 2))
    spread = (weights * ordered).sum(axis=1) / count**2
    return float((near - spread).mean())


def scores(model, whole, rows, starts):
    """Return the scores of draws of the days that begin at `starts` of the series `rows`."""
    many = np.repeat(np.arange(len(rows)), DRAWS)
    lengths = np.full(len(many), DAY)
    drawn = model.sample_after(whole, rows[many], starts[many], lengths, seed=1)
    drawn = drawn.values.reshape(len(rows), DRAWS, DAY)
    place = whole.offsets[rows] + starts - whole.starts[rows]
    real = whole.values[place[:, None] + np.arange(DAY)]
    scale = np.array([np.nanstd(whole.series(row)) for row in range(len(whole))])[rows]
    drawn, real = drawn / scale[:, None, None], real / scale[:, None]
    seen = np.isfinite(real).all(axis=1)
    days, means = real[seen].mean(axis=1), drawn[seen].mean(axis=(1, 2))
    month = pd.Series(starts[seen] // (30 * DAY)).astype(str) + "/" + rows[seen].astype(str)
    apart = [v - pd.Series(v).groupby(month.values).transform("mean").to_numpy()
             for v in (days, means)]  # fmt: skip
    return {
        "CRPS of steps": crps(drawn[seen], real[seen]),
        "CRPS of days": crps(drawn[seen].mean(axis=2), days),
        "correlation within months": float(np.corrcoef(*apart)[0, 1]),
    }


def study(folder, name, seconds, seed):
    """Return one row for each model."""
    table, features = SETS[name](folder)
    rows = []
    for label, columns in (("with features", features), ("without", [])):
        whole = to_dataset(table, dynamic=columns)
        cut = (whole.lengths * 0.8).astype(int)
        everyone = np.arange(len(whole))
        train = whole.cut(everyone, np.zeros_like(cut), cut)
        options = TrainingOptions(seed=seed, budget=seconds, budget_clock="cpu", progress=False)
        model = PSAGANEstimator(target_length=DAY).train(train, options=options)
        days = [
            np.arange(c, length - DAY, DAY) for c, length in zip(cut, whole.lengths, strict=True)
        ]
        owners = np.repeat(everyone, [len(d) for d in days])
        starts = whole.starts[owners] + np.concatenate(days)
        found = scores(model, whole, owners, starts)
        rows.append({"data": name, "model": label, "seed": seed, **found})
        print(rows[-1], flush=True)
    return rows


def main():
    """Run the study and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", dest="sets", action="append", choices=SETS)
    given = parser.parse_args()
    folder = given.data / "timeseries"
    rows = [
        row for name in given.sets or SETS for row in study(folder, name, given.seconds, given.seed)
    ]
    print(pd.DataFrame(rows).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
