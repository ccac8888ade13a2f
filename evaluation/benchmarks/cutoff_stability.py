"""How much of the lists changes when the cut-off moves by six hours.

    python evaluation/benchmarks/cutoff_stability.py --data DIR --log wikipedia_edits \
        --horizon 3D --share 0.4 --at 1970-01-20 1970-01-25T12:00

Of the users without an event in these hours, 1 % are listed for each of the 50 items with most
events, by a default model trained until the cut-off and by one trained until six hours later; the
share of places that others take is printed. Beside it: the share that changes if the first model
is asked about the later time and nothing is learnt anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.data import Histories

HOURS, ITEMS, SHARE = 6, 50, 0.01


def events_of(path: Path, share: float) -> Interactions:
    table = pd.read_parquet(path)
    if "value" in table:
        table = table[~(table["value"] < 0)]
    users = np.sort(table["user_id"].unique())
    chosen = np.random.default_rng(0).choice(users, round(share * len(users)), replace=False)
    rows = table.loc[table["user_id"].isin(chosen), ["user_id", "item_id", "timestamp"]]
    return Interactions.from_frame(rows.drop_duplicates())


def train(events: Interactions, at: pd.Timestamp, horizon: str, seed: int) -> Any:
    options = TrainingOptions(seed=seed, device="cpu", progress=False)
    return RIMEstimator(horizon=horizon).train(events, at=at, options=options)


def lists(scores: Any, users: Any, items: Any, size: int) -> list[set[int]]:
    chosen = scores.select_users(users).select_items(items)
    dense = chosen.block(slice(0, len(users)), slice(0, len(items)))
    best = np.argsort(-dense, axis=0, kind="stable")[:size]
    return [set(column) for column in best.T]


def changed(first: list[set[int]], later: list[set[int]]) -> float:
    return sum(len(a - b) for a, b in zip(first, later, strict=True)) / sum(map(len, first))


def compare(events: Interactions, at: str, horizon: str, seed: int) -> tuple[float, float, int]:
    moments = [pd.Timestamp(at, tz="UTC") + pd.Timedelta(hours=h) for h in (0, HOURS)]
    before, after = (Histories.of(events, moment.value // 1000) for moment in moments)
    users = np.flatnonzero((before.lengths == after.lengths) & (before.lengths > 0))
    counts = np.asarray(before.pair_counts().sum(axis=0)).ravel()
    items = np.argsort(-counts, kind="stable")[:ITEMS]
    size = max(round(SHARE * len(users)), 1)
    first, later = (train(events, moment, horizon, seed) for moment in moments)
    now = lists(first.scores(), users, items, size)
    waited = first.scores(
        events=events.where(events.time < moments[1].value // 1000), at=moments[1]
    )
    return (
        changed(now, lists(later.scores(), users, items, size)),
        changed(now, lists(waited, users, items, size)),
        size * len(items),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--log", default="online_retail")
    parser.add_argument("--horizon", default="28D")
    parser.add_argument("--share", type=float, default=1.0, help="Of the users.")
    parser.add_argument("--at", nargs="+", required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    events = events_of(options.data / "events" / f"{options.log}.parquet", options.share)
    for at in options.at:
        learnt, waited, places = compare(events, at, options.horizon, options.seed)
        print(
            f"{options.log}, {options.horizon}, {at}: {learnt:.1%} of {places} places change, "
            f"{waited:.1%} if nothing is learnt anew",
            flush=True,
        )


if __name__ == "__main__":
    main()
