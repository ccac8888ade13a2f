"""CPU seconds of `explain_scores` on 500 households of Complete Journey and eight groups.

    python evaluation/benchmarks/explaining_speed.py --data DIR

The model is the default one; the users are those of its best list for the item with most events.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

import tsgen
from tsgen.responsible import explain_scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="Folder of the datasets.")
    parser.add_argument("--users", type=int, default=500)
    options = parser.parse_args()
    folder = options.data / "events"
    log = tsgen.read_interactions(
        folder / "complete_journey_sample.parquet",
        users=pd.read_parquet(folder / "complete_journey_sample.users.parquet"),
        on_duplicate="keep",
    )
    model = tsgen.RIMEstimator(horizon="28D").train(log)
    item = log.items.ids[int(np.bincount(log.item).argmax())]
    users = model.audience(item, size=options.users)["user_id"].tolist()
    begin = time.process_time()
    why = explain_scores(model, item, users, ages=["7D", "30D", "90D", "180D"])
    seconds = time.process_time() - begin
    print(f"{len(users)} users, {why.values.shape[1]} groups ({why.method}): {seconds:.1f} CPU s")


if __name__ == "__main__":
    main()
