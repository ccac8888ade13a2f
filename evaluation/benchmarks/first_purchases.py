"""Does the pair network find first purchases better by late uptake and attributes?

    python evaluation/benchmarks/first_purchases.py --data DIR --name complete_journey_sample
    python evaluation/benchmarks/first_purchases.py --data DIR --name wikipedia_edits --horizon 7D

A validation window: the last horizon but one; items of at least `--fewest` events, a share of the
users. Precision of lists of 1 % of the users for each item (UserRec), and of 1 % of the items for
each user (ItemRec), of all pairs, of new and of seen ones, each selected among its kind alone; 95 %
by drawing users anew. Beside both models BM25 item-kNN, and a recurrent network over histories.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.evaluation import evaluate_audience

ARMS: dict[str, dict[str, Any]] = {
    "default pairs": {},
    "pairs with late uptake and attributes": {"pairs": {"first_purchases": True}},
}
BESIDE = ("item-kNN", "sequence model")
SIDES = ("user_rec_precision", "item_rec_precision")
KINDS = ("", "_new_pairs", "_seen_pairs")


def read(args: argparse.Namespace) -> Interactions:
    """Return the log up to the end of the validation window."""
    folder = args.data / "events"
    events = pd.read_parquet(folder / f"{args.name}.parquet")
    events = events[events["value"] > 0][["user_id", "item_id", "timestamp"]]
    users = np.random.default_rng(0).permutation(events["user_id"].unique())
    events = events[events["user_id"].isin(users[: int(args.share * len(users))])]
    often = events["item_id"].value_counts()
    events = events[events["item_id"].isin(often.index[often >= args.fewest])]
    table = folder / f"{args.name}.items.parquet"
    items = pd.read_parquet(table) if table.exists() else None
    if items is not None:
        items = items[items["item_id"].isin(events["item_id"])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log = Interactions.from_frame(events, items=items)
    span = pd.Timedelta(args.horizon).value // 1000
    return log.where(log.time < log.time.max() + 1 - span)


def line(name: str, rows: pd.DataFrame, kind: str, columns: tuple[str, str, str]) -> str:
    """Return the two precisions of an arm, of a kind of pairs, with their intervals."""
    cells = []
    for side in SIDES:
        row = rows[rows["metric"] == side + kind].iloc[0]
        value, low, high = (row[column] for column in columns)
        sign = "+" if columns[0] == "difference" else ""
        cells.append(f"{value:{sign}.4f} [{low:{sign}.4f}, {high:{sign}.4f}]")
    return f"| {name} | {kind.replace('_', ' ').strip() or 'all pairs'} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--name", default="complete_journey_sample")
    parser.add_argument("--horizon", default="28D")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--fewest", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    log = read(args)
    print(f"{args.name}: {log!r}\n\n| arm | pairs | UserRec | ItemRec |\n" + "| --- " * 4 + "|")
    for name, settings in ARMS.items():
        first, began = name == next(iter(ARMS)), time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            judged = evaluate_audience(
                log,
                RIMEstimator(horizon=args.horizon, **settings),
                seed=args.seed,
                options=TrainingOptions(seed=args.seed, progress=False),
                sequence_model=first,
            ).table
        arms = {name: "model"} | ({arm: arm for arm in BESIDE} if first else {})
        for label, arm in arms.items():
            rows = judged[judged["arm"] == arm]
            for kind in KINDS:
                print(line(label, rows, kind, ("value", "low", "high")))
        rows = judged[judged["arm"] == "model"]
        for kind in KINDS:
            best = "; ".join(rows.set_index("metric").loc[[s + kind for s in SIDES], "reference"])
            columns = ("difference", "difference_low", "difference_high")
            print(line(f"{name} minus the best rule ({best})", rows, kind, columns))
        print(f"({time.process_time() - began:.0f} CPU s)", flush=True)


if __name__ == "__main__":
    main()
