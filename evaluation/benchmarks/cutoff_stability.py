"""How much of the lists changes when the cut-off moves by six hours.

    python evaluation/benchmarks/cutoff_stability.py --data DIR --log wikipedia_edits \
        --horizon 3D --share 0.4 --at 1970-01-20 --moves 12

Of the users without an event in these hours, 1 % are listed for each of the 50 items with most
events, by a default model trained until the cut-off and by one trained until six hours later; the
share of places that others take is printed. Beside it: the share that changes if the first model
is asked about the later time and nothing is learnt anew. `--moves` goes on from there by as many
times six hours, and the mean and the worst of them are printed.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
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


def compare(
    events: Interactions, first: tuple[pd.Timestamp, Any], later: tuple[pd.Timestamp, Any]
) -> tuple[float, float, int]:
    """Return how much changes from a moment and its model to another, and how much by waiting."""
    before, after = (Histories.of(events, moment.value // 1000) for moment, _ in (first, later))
    users = np.flatnonzero((before.lengths == after.lengths) & (before.lengths > 0))
    counts = np.asarray(before.pair_counts().sum(axis=0)).ravel()
    items = np.argsort(-counts, kind="stable")[:ITEMS]
    size = max(round(SHARE * len(users)), 1)
    now = lists(first[1].scores(), users, items, size)
    past = events.where(events.time < later[0].value // 1000)
    waited = first[1].scores(events=past, at=later[0])
    return (
        changed(now, lists(later[1].scores(), users, items, size)),
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
    parser.add_argument("--moves", type=int, default=1, help="From each of these times on.")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    events = events_of(options.data / "events" / f"{options.log}.parquet", options.share)
    shares = []
    for at in options.at:
        moments = pd.date_range(at, periods=options.moves + 1, freq=f"{HOURS}h", tz="UTC")
        trained = ((m, train(events, m, options.horizon, options.seed)) for m in moments)
        for first, later in pairwise(trained):
            learnt, waited, places = compare(events, first, later)
            shares.append((learnt, waited))
            print(
                f"{options.log}, {options.horizon}, {first[0]:%Y-%m-%dT%H}: {learnt:.1%} of "
                f"{places} places change, {waited:.1%} if nothing is learnt anew",
                flush=True,
            )
    mean, worst = np.mean(shares, axis=0), np.max(shares, axis=0)
    print(
        f"{len(shares)} moves: {mean[0]:.1%} on the mean, {worst[0]:.1%} at most; "
        f"{mean[1]:.1%} and {worst[1]:.1%} if nothing is learnt anew"
    )


if __name__ == "__main__":
    main()
