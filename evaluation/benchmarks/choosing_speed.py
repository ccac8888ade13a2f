"""Training with parts chosen by the data, against the same training with fixed parts.

    python evaluation/benchmarks/choosing_speed.py --data DIR --share 0.3

The fixed parts are the former default, activity "hawkes-poisson" and relevance "popularity". Both
are trained by turns on a share of the users, the first training of each is not counted, and
processor seconds are compared.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from tsgen import Interactions, RIMEstimator, TrainingOptions

LOGS = {
    "online_retail": "28D",
    "complete_journey_sample": "28D",
    "wikipedia_edits": "3D",
    "cdnow": "28D",
}
FIXED = {"activity": "hawkes-poisson", "relevance": "popularity"}


def events_of(path: Path, share: float) -> Interactions:
    table = pd.read_parquet(path)
    if "value" in table:
        table = table[~(table["value"] < 0)]
    users = np.sort(table["user_id"].unique())
    chosen = np.random.default_rng(0).choice(users, round(share * len(users)), replace=False)
    rows = table.loc[table["user_id"].isin(chosen), ["user_id", "item_id", "timestamp"]]
    return Interactions.from_frame(rows.drop_duplicates())


def seconds(events: Interactions, horizon: str, seed: int, **parts: str) -> float:
    begin = time.process_time()
    estimator = RIMEstimator(horizon=horizon, **parts)
    estimator.train(events, options=TrainingOptions(seed=seed, device="cpu", progress=False))
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--logs", nargs="*", default=list(LOGS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0, help="Of the users.")
    options = parser.parse_args()
    print("log, events, seconds fixed, seconds chosen, ratio [least, greatest]")
    for name in options.logs:
        events = events_of(options.data / "events" / f"{name}.parquet", options.share)
        seconds(events, LOGS[name], 0, **FIXED)
        seconds(events, LOGS[name], 0)
        pairs = [
            (seconds(events, LOGS[name], k, **FIXED), seconds(events, LOGS[name], k))
            for k in range(options.rounds)
        ]
        fixed, chosen = np.array(pairs).T
        ratio = chosen / fixed
        print(
            f"{name}, {len(events)}, {np.median(fixed):.1f}, {np.median(chosen):.1f}, "
            f"{np.median(ratio):.2f} [{ratio.min():.2f}, {ratio.max():.2f}]",
            flush=True,
        )


if __name__ == "__main__":
    main()
