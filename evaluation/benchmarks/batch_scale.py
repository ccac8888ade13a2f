"""Processor seconds and peak memory of audiences by partitions, beside the same in memory.

    OMP_NUM_THREADS=1 python evaluation/benchmarks/batch_scale.py --events 1000000

A simulated log of a year, 20 events a user on average, as a folder of ten Parquet files; a model of
5 % of the users; lists of 500 for 100 items. Each way runs in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import tsgen
from tsgen.batch import AudienceBatch, run_batch


def write_log(folder: Path, events: int) -> None:
    draw = np.random.default_rng(0)
    users, items = max(events // 20, 100), 2_000
    zeal, fame = draw.gamma(0.5, 1.0, users), draw.gamma(0.3, 1.0, items) + 1e-3
    days = pd.to_timedelta(draw.uniform(0, 365, events), unit="D")
    table = pd.DataFrame({
        "user_id": draw.choice(users, events, p=zeal / zeal.sum()),
        "item_id": draw.choice(items, events, p=fame / fame.sum()),
        "timestamp": (pd.Timestamp("2024-01-01") + days).round("s"),
    })  # fmt: skip
    folder.mkdir()
    for number, part in enumerate(np.array_split(np.arange(events), 10)):
        table.iloc[part].to_parquet(folder / f"{number}.parquet")


def train(log: Path, model: Path) -> None:
    events = tsgen.read_interactions(log, on_duplicate="keep")
    users = np.random.default_rng(1).random(events.num_users) < max(0.05, 2e3 / events.num_users)
    learning = events.where(users[events.user]).present()
    estimator = tsgen.RIMEstimator(horizon="28D", relevance="popularity", keep_events=False)
    estimator.train(learning, options=tsgen.TrainingOptions(seed=1, progress=False)).save(model)


def items_of(model: Path) -> tuple[int, ...]:
    return tuple(tsgen.load(model).items.ids[:100].tolist())


def in_memory(model: Path, log: Path, output: Path) -> None:
    events = tsgen.read_interactions(log, on_duplicate="keep")
    lists = tsgen.load(model).audiences(list(items_of(model)), size=500, events=events)
    lists.attrs = {}
    lists.to_parquet(output)


def in_partitions(model: Path, log: Path, output: Path, memory: str) -> None:
    task = AudienceBatch(items=items_of(model), size=500, read={"on_duplicate": "keep"})
    print(run_batch(model, task, log, output, jobs=1, memory=memory).num_partitions, "partitions")


def report(way: str) -> None:
    use = resource.getrusage(resource.RUSAGE_SELF)
    spent, peak = use.ru_utime + use.ru_stime, use.ru_maxrss / 2**20
    print(f"{way}: {spent:.1f} CPU s, {peak:.2f} GiB at most")


def in_own_process(way: str, folder: Path, memory: str) -> None:
    words = [sys.executable, "-W", "ignore", __file__, "--way", way, "--folder", str(folder)]
    subprocess.run([*words, "--memory", memory], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--memory", default="300MB")
    parser.add_argument("--way", choices=["train", "partitions", "memory"])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.way:
        folder = options.folder
        if options.way == "train":
            train(folder / "log", folder / "model")
        elif options.way == "memory":
            in_memory(folder / "model", folder / "log", folder / "memory.parquet")
        else:
            place = folder / "partitions.parquet"
            in_partitions(folder / "model", folder / "log", place, options.memory)
        report(options.way)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        print(f"{options.events:,} events")
        write_log(folder / "log", options.events)
        for way in ("train", "partitions", "memory"):
            in_own_process(way, folder, options.memory)
        one, two = (pd.read_parquet(folder / f"{w}.parquet") for w in ("partitions", "memory"))
        same = (one["user_id"].to_numpy() == two["user_id"].to_numpy()).mean()
        print(f"{same:.2%} of the places have the same user")


if __name__ == "__main__":
    main()
