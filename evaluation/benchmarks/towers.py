"""Do fast towers rank as the model that taught them, and how much faster?

    python evaluation/benchmarks/towers.py --data DIR --name ml_100k --horizon 14D
    python evaluation/benchmarks/towers.py --speed

First form: a model is trained on all but the last horizon of a log and teaches towers. Agreement:
of the 100 users that the model puts first for an item the share that is among the first 200 of the
towers, mean over items with events. AUC and precision: of the users' ranking for an item, against
who has an event of it in the last horizon, mean over the items with at least five such users; for
all pairs and for new ones alone. Second form: seconds of CPU, one thread, from histories of 10^5
users to their intensities of 10^3 items.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.data import Histories
from tsgen.features import TowerSettings, distil
from tsgen.scores import DenseScores, top_rows

FEWEST, LIST = 5, 100
QUIET = TrainingOptions(seed=1, progress=False)


def agreement(first: np.ndarray, second: np.ndarray, size: int = LIST) -> float:
    best = top_rows(DenseScores(first), size)[0]
    wide = top_rows(DenseScores(second), 2 * size)[0]
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(best, wide, strict=True)]))


def judged(scores: np.ndarray, true: np.ndarray, kept: np.ndarray) -> tuple[float, float]:
    areas, shares = [], []
    for column in range(scores.shape[1]):
        rows = kept[:, column]
        y, s = true[rows, column], scores[rows, column]
        if FEWEST <= y.sum() < len(y):
            areas.append(roc_auc_score(y, s))
            shares.append(y[np.argsort(-s, kind="stable")[: len(y) // 20]].mean())
    return float(np.mean(areas)), float(np.mean(shares))


def compare(folder: Path, name: str, horizon: str, settings: TowerSettings) -> None:
    table = pd.read_parquet(folder / "events" / f"{name}.parquet")
    log = Interactions.from_frame(table[table["value"] > 0][["user_id", "item_id", "timestamp"]])
    cut = pd.Timestamp(int(log.time.max()), unit="us") - pd.Timedelta(horizon)
    joint = RIMEstimator(horizon=horizon).train(log, at=cut, options=QUIET)
    began = time.process_time()
    fast = distil(joint, settings.rank, rounds=settings.rounds, settings=settings, seed=1)
    taught = time.process_time() - began
    users = log.users.codes(joint.states.users.ids)
    past = Histories.of(log, int(cut.value // 1000), users)
    now = Histories.of(log, int(log.time.max()) + 1, users)
    items = log.items.codes(joint.items.ids)
    seen = past.pair_counts()[:, items].toarray() > 0
    true = (now.pair_counts() - past.pair_counts())[:, items].toarray() > 0
    warm = np.flatnonzero(np.isfinite(joint.parts.relevance.item_bias))
    scores = {}
    for model, scorer in (("joint model", joint), ("towers", fast)):
        whole = scorer.scores()
        scores[model] = whole.block(slice(0, len(users)), slice(0, len(items)))
    shared = agreement(scores["joint model"][:, warm], scores["towers"][:, warm])
    print(
        f"{name}, {len(users):,} users, {len(warm):,} items, rank {settings.rank}, "
        f"{settings.rounds} rounds: {shared:.1%} of the first {LIST} are in the towers' first "
        f"{2 * LIST}; taught in {taught:.0f} s of CPU\n"
    )
    print("| pairs | scorer | AUC | precision at 5 % |\n| --- | --- | --- | --- |")
    for pairs, kept in (("all", np.ones_like(seen)), ("new", ~seen)):
        for model, values in scores.items():
            auc, precision = judged(values, true, kept)
            print(f"| {pairs} | {model} | {auc:.4f} | {precision:.4f} |")


def speed(num_users: int, num_items: int, events: int) -> None:
    draw = np.random.default_rng(0)
    popularity = 1 / np.arange(1, num_items + 1) ** 0.8
    taste = draw.integers(0, 20, num_users)
    user = np.repeat(np.arange(num_users), draw.poisson(events, num_users))
    item = draw.choice(num_items, len(user), p=popularity / popularity.sum())
    own = draw.random(len(user)) < 0.5
    item = np.where(own, item // 20 * 20 + taste[user], item) % num_items
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.uniform(0, 180, len(user)), "D")
    table = pd.DataFrame({"user_id": user, "item_id": item, "timestamp": days})
    log = Interactions.from_frame(table)
    joint = RIMEstimator(horizon="14D").train(table[user < num_users // 20], options=QUIET)
    fast = distil(joint, seed=1)
    seconds = {}
    for name, model in (("joint model", joint), ("towers", fast)):
        began = time.process_time()
        scores = model.scores(events=log)
        for begin in range(0, num_users, 5_000):
            scores.block(slice(begin, begin + 5_000), slice(0, len(model.items)))
        seconds[name] = time.process_time() - began
    ratio = seconds["joint model"] / seconds["towers"]
    print(f"{num_users:,} users x {num_items:,} items, {len(log):,} events: "
          f"{seconds['joint model']:.1f} s by the model, {seconds['towers']:.1f} s by the towers, "
          f"{ratio:.1f} times faster")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--name", default="ml_100k")
    parser.add_argument("--horizon", default="14D")
    parser.add_argument("--rank", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--speed", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.speed:
        speed(100_000, 1_000, 30)
    else:
        settings = TowerSettings(rank=args.rank, rounds=args.rounds)
        compare(args.data, args.name, args.horizon, settings)


if __name__ == "__main__":
    main()
