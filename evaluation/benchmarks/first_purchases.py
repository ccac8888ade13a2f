"""Does the pair network find first purchases better by late uptake and attributes?

    python evaluation/benchmarks/first_purchases.py --data DIR --name complete_journey_sample
    python evaluation/benchmarks/first_purchases.py --data DIR --name online_retail --share 0.4

A validation window: the last horizon but one; items of at least `--fewest` events, a share of the
users. Precision of lists of 1 % of the users for each item (UserRec), and of 1 % of the items for
each user (ItemRec), of all pairs and, selected among them alone, of new ones; two seeds. Beside the
default: BM25 item-kNN, times past events of the user.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.data import Histories
from tsgen.metrics import one_percent
from tsgen.scores import top_columns, top_rows

ARMS = {
    "item-kNN": {"relevance": "bm25", "repeats": "none"},
    "default pairs": {},
    "pairs with late uptake and attributes": {"pairs": {"first_purchases": True}},
}


def read(args: argparse.Namespace) -> Interactions:
    folder = args.data / "events"
    events = pd.read_parquet(folder / f"{args.name}.parquet")
    events = events[events["value"] > 0][["user_id", "item_id", "timestamp"]]
    users = np.random.default_rng(0).permutation(events["user_id"].unique())
    events = events[events["user_id"].isin(users[: int(args.share * len(users))])]
    often = events["item_id"].value_counts()
    events = events[events["item_id"].isin(often.index[often >= args.fewest])]
    items = pd.read_parquet(folder / f"{args.name}.items.parquet")
    items = items[items["item_id"].isin(events["item_id"])]
    return Interactions.from_frame(events, items=items)


def precisions(scores, true: sp.csr_array, seen: sp.csr_array | None) -> tuple[float, float]:
    """Return those of lists of users, and of lists of items."""
    dense = true.toarray()
    users = top_rows(scores, one_percent(dense.shape[0]), exclude=seen)[0]
    items = top_columns(scores, one_percent(dense.shape[1]), exclude=seen)[0]
    found = [dense[row[row >= 0], item].mean() for item, row in enumerate(users) if row.max() >= 0]
    listed = [dense[user, row[row >= 0]].mean() for user, row in enumerate(items)]
    return float(np.mean(found)), float(np.mean(listed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--name", default="complete_journey_sample")
    parser.add_argument("--horizon", default="28D")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--fewest", type=int, default=10)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    log, span = read(args), pd.Timedelta(args.horizon).value // 1000
    cut = int(log.time.max()) + 1 - 2 * span
    past, now = Histories.of(log, cut), Histories.of(log, cut + span)
    seen = sp.csr_array(past.pair_counts() > 0, dtype=np.float64)
    came = sp.csr_array((now.pair_counts() - past.pair_counts()) > 0, dtype=np.float64)
    active, sold = past.lengths > 0, np.asarray(seen.sum(axis=0)).ravel() > 0
    print(f"{args.name}: {active.sum()} users, {sold.sum()} items, {came.sum():.0f} pairs came, "
          f"{(came - came.multiply(seen)).sum():.0f} of them new\n")  # fmt: skip
    print("| arm | all pairs, UserRec / ItemRec | new pairs | CPU s |\n| --- | --- | --- | --- |")
    for name, settings in ARMS.items():
        rows, began = [], time.process_time()
        for seed in (1, 2):
            estimator = RIMEstimator(horizon=args.horizon, activity="popularity", **settings)
            options = TrainingOptions(seed=seed, progress=False)
            scores = estimator.train(log, at=pd.Timestamp(cut, unit="us"), options=options).scores()
            users, items = log.users.codes(scores.user_ids), log.items.codes(scores.item_ids)
            kept, asked = active[users], sold[items]
            part = scores.select_users(np.flatnonzero(kept)).select_items(np.flatnonzero(asked))
            true, old = (sp.csr_array(m[users[kept]][:, items[asked]]) for m in (came, seen))
            new = sp.csr_array(true - true.multiply(old))
            rows.append((*precisions(part, true, None), *precisions(part, new, old)))
        all_users, all_items, new_users, new_items = np.mean(rows, axis=0)
        print(f"| {name} | {all_users:.4f} / {all_items:.4f} | {new_users:.4f} / {new_items:.4f} | "
              f"{time.process_time() - began:.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
