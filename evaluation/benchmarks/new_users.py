"""Whom do users without an event turn to? What their attributes say, with whole users held out.

    python evaluation/benchmarks/new_users.py --data DIR --name ml_100k --without zip_code
    python evaluation/benchmarks/new_users.py --data DIR --name complete_journey_sample

A fifth of the users with attributes is taken out of the log wholly, five times; the table of users
still lists them. AUC of audiences: of the users' ranking for an item against who of them has seen
it, mean over the items that `--fewest` of them have seen. Precision: of the first 20 items of each.
AUC of activity: of the users' expected events against who had more than the median.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from tsgen import Interactions, RIMEstimator, TrainingOptions

ARMS = {
    "all alike (activity alone)": {"new_users": "none"},
    "columns (default)": {"new_users": "columns"},
    "encoder": {"new_users": "encoder"},
    "columns, attributes of other users": {"new_users": "columns"},
}
PARTS = {"activity": "popularity", "relevance": "popularity", "repeats": "none"}


def auc(scores: np.ndarray, true: np.ndarray) -> np.ndarray:
    ranks, ones = rankdata(scores, axis=0), true.sum(axis=0)
    return ((ranks * true).sum(axis=0) - ones * (ones + 1) / 2) / (ones * (len(true) - ones))


def judged(scores: np.ndarray, true: np.ndarray, events: np.ndarray, fewest: int) -> list[float]:
    asked = (true.sum(axis=0) >= fewest) & (true.sum(axis=0) < len(true))
    best = np.argsort(-scores, axis=1, kind="stable")[:, :20]
    activity = auc(scores.sum(axis=1)[:, None], (events > np.median(events))[:, None])
    return [
        float(auc(scores[:, asked], true[:, asked]).mean()),
        float(np.take_along_axis(true, best, axis=1).mean()),
        float(activity[0]),
    ]


def draw(events: pd.DataFrame, users: pd.DataFrame, args: argparse.Namespace, seed: int) -> dict:
    random = np.random.default_rng(seed)
    ids = random.permutation(users["user_id"][users["user_id"].isin(events["user_id"])])
    hidden = ids[: len(ids) // 5]
    out = events["user_id"].isin(hidden)
    attributes = [name for name in users if name != "user_id"]
    found = {}
    for name, settings in ARMS.items():
        table = users.copy()
        if "other" in name:
            table[attributes] = users[attributes].iloc[random.permutation(len(users))].to_numpy()
            table = table.astype(users.dtypes)
        log = Interactions.from_frame(events[~out], users=table)
        began = time.process_time()
        estimator = RIMEstimator(horizon=args.horizon, **PARTS, **settings)
        model = estimator.train(log, options=TrainingOptions(seed=seed, progress=False))
        scores = model.scores()
        rows, columns = (
            pd.Index(scores.user_ids).get_indexer(hidden),
            pd.Index(scores.item_ids).get_indexer(events["item_id"][out]),
        )
        block = scores.select_users(rows).block(slice(0, len(rows)), slice(0, scores.shape[1]))
        whose = pd.Index(hidden).get_indexer(events["user_id"][out])
        true = np.zeros(block.shape, bool)
        true[whose[columns >= 0], columns[columns >= 0]] = True
        counts = np.bincount(whose, minlength=len(rows))
        seconds = time.process_time() - began
        found[name] = [*judged(block, true, counts, args.fewest), seconds]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--horizon", default="28D")
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--fewest", type=int, default=5)
    parser.add_argument("--draws", type=int, default=5)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    folder = args.data / "events"
    events = pd.read_parquet(folder / f"{args.name}.parquet")
    events = events[events["value"] > 0][["user_id", "item_id", "timestamp"]]
    users = pd.read_parquet(folder / f"{args.name}.users.parquet").drop(columns=args.without)
    draws = [draw(events, users, args, seed) for seed in range(args.draws)]
    print(f"{args.name}, {args.draws} draws\n")
    print("| users without events are ranked by | AUC of audiences | precision of 20 items | "
          "AUC of activity | CPU s |\n| --- | --- | --- | --- | --- |")  # fmt: skip
    for name in ARMS:
        each = np.array([found[name] for found in draws])
        mean, spread = each.mean(axis=0), each.std(axis=0)
        print(f"| {name} | {mean[0]:.4f} ± {spread[0]:.4f} | {mean[1]:.4f} | "
              f"{mean[2]:.3f} ± {spread[2]:.3f} | {mean[3]:.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
