"""Whom do items interest that nobody has met? Rules for new items, on the logs themselves.

    python evaluation/benchmarks/new_items.py --data DIR --name ml_100k --fewest 20

A fifth of the items is taken out of the log wholly, five times. Each rule names, by attributes
alone, the items that one of them goes with; users are ranked by the weight of those that they have
seen. The true audience are the users who have seen the item (of items that `--fewest` users have
seen, 400 at most); a list holds 5 % of the users.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.metrics import roc_auc_score

from tsgen.features import ContentNeighbours, DistilledItems, EqualAttributes, feature_contribution

RULES = {
    "equal attributes (the rule before)": EqualAttributes(),
    "content neighbours": ContentNeighbours(),
    "student, neighbours by embedding alone": DistilledItems(content_power=0.0),
    "student (default)": DistilledItems(),
}
MOST, SHARE, EVERYONE = 400, 0.05, 1_000_000


def read(folder: Path, name: str) -> tuple[sp.csr_array, pd.DataFrame]:
    events = pd.read_parquet(folder / "events" / f"{name}.parquet")
    events = events[events["value"] > 0]
    table = pd.read_parquet(folder / "events" / f"{name}.items.parquet").set_index("item_id")
    users = pd.factorize(events["user_id"])[0]
    items = table.index.get_indexer(events["item_id"])
    kept = items >= 0
    shape = (users.max() + 1, len(table))
    counts = sp.csr_array((np.ones(kept.sum()), (users[kept], items[kept])), shape=shape)
    counts.sum_duplicates()
    return sp.csr_array(counts > 0, dtype=np.float64), table.reset_index(drop=True)


def judged(scores: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    size = int(SHARE * len(scores))
    pairs = list(zip(scores.T, true.T, strict=True))
    lists = [y[np.argsort(-s, kind="stable")[:size]].mean() for s, y in pairs]
    return float(np.mean([roc_auc_score(y, s) for s, y in pairs])), float(np.mean(lists))


def draw(seen: sp.csr_array, table: pd.DataFrame, fewest: int, seed: int) -> dict[str, object]:
    random = np.random.default_rng(seed)
    users = np.asarray(seen.sum(axis=0)).ravel()
    shuffled = random.permutation(np.flatnonzero(users > 0))
    hidden, warm = np.split(shuffled, [len(shuffled) // 5])
    warm, hidden = np.sort(warm), hidden[users[hidden] >= fewest][:MOST]
    past, true = seen[:, warm], seen[:, hidden].toarray() > 0
    width = np.asarray(past.sum(axis=1)).ravel()
    found: dict[str, object] = {
        "items seen (activity alone)": judged(np.repeat(width[:, None], len(hidden), 1), true)
    }
    shuffle = table.iloc[random.permutation(len(table))].reset_index(drop=True)
    rules = [(name, rule, table) for name, rule in RULES.items()]
    for name, rule, rows in [
        *rules,
        ("student, attributes of other items", DistilledItems(), shuffle),
    ]:
        weights = rule.fit(rows.iloc[warm], past, seed).weights(rows.iloc[hidden], EVERYONE)
        found[name] = judged((past @ weights.T).toarray() + 1e-9 * width[:, None], true)
    found["contribution"] = feature_contribution(
        DistilledItems().fit, table.iloc[warm], past, EVERYONE, seed
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--fewest", type=int, default=20)
    parser.add_argument("--draws", type=int, default=5)
    args = parser.parse_args()
    seen, table = read(args.data, args.name)
    found = [draw(seen, table, args.fewest, seed) for seed in range(args.draws)]
    told = [one.pop("contribution") for one in found]
    print(f"{args.name}: attributes tell {np.mean(told):.0%} of what events tell\n")
    print("| users ranked by | AUC | precision at 5 % |\n| --- | --- | --- |")
    for name in found[0]:
        auc, precision = np.array([one[name] for one in found]).T
        print(f"| {name} | {auc.mean():.3f} ± {auc.std():.3f} | {precision.mean():.3f} |")


if __name__ == "__main__":
    main()
