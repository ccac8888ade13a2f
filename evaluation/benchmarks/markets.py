"""Do near markets say more about one without history than far ones?

    python evaluation/benchmarks/markets.py --data DIR
    python evaluation/benchmarks/markets.py --data DIR --log

Monthly temperature of 48 US states, 2008 to 2019: from the first half of a year to the second, by a
ridge regression on the states of one half of the country, judged on the other half. Sources weigh
by their distance on the graph of shared borders; the scale is chosen by leaving each source out.
Beside it: all alike, and ten graphs with shuffled names.

With --log: Online Retail, split by country (those of at least eight customers). What customers of a
country buy, the first purchase of each pair, is foretold by the shares of items in the other
countries, whose customers weigh by the distance of capitals; the measure is the mean logarithm of
the share, an item of the country's purchases, and the share of its 50 most-bought items among the
50 foretold.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from tsgen.curation import DomainGraph

EAST = """Alabama Connecticut Delaware Florida Georgia Illinois Indiana Kentucky Maine Maryland
Massachusetts Michigan Mississippi New_Hampshire New_Jersey New_York North_Carolina Ohio
Pennsylvania Rhode_Island South_Carolina Vermont Virginia West_Virginia""".replace(
    "_", "\0"
).split()
NORTH = """Connecticut Idaho Illinois Indiana Iowa Maine Massachusetts Michigan Minnesota Montana
Nebraska New_Hampshire New_York North_Dakota Ohio Oregon Pennsylvania Rhode_Island South_Dakota
Vermont Washington Wisconsin Wyoming New_Jersey Nevada""".replace("_", "\0").split()
RIDGE = 1.0
CAPITALS = {
    "United Kingdom": (51.5, -0.1), "Germany": (52.5, 13.4), "France": (48.9, 2.4),
    "Spain": (40.4, -3.7), "Belgium": (50.8, 4.4), "Switzerland": (46.9, 7.4),
    "Portugal": (38.7, -9.1), "Italy": (41.9, 12.5), "Finland": (60.2, 24.9),
    "Norway": (59.9, 10.8), "Channel Islands": (49.2, -2.1), "Austria": (48.2, 16.4),
    "Australia": (-35.3, 149.1), "Netherlands": (52.4, 4.9), "Japan": (35.7, 139.7),
    "Sweden": (59.3, 18.1), "Denmark": (55.7, 12.6),
}  # fmt: skip
PRIOR, MOST = 1.0, 50


def years(folder: Path) -> dict[str, np.ndarray]:
    table = pd.read_parquet(folder / "timeseries" / "us_state_temperature.parquet")
    table = table[table["timestamp"].between("2008-01-01", "2019-12-31")]
    return {
        name: rows["target"].to_numpy().reshape(-1, 12) for name, rows in table.groupby("item_id")
    }


def error(data: dict[str, np.ndarray], target: str, weights: pd.Series) -> float:
    """Return the share of the target's variance that is left."""
    windows = np.concatenate([data[name] for name in weights.index])
    each = np.repeat(weights.to_numpy(), len(data[target]))[:, None]
    mean, scale = windows.mean(), windows.std()
    rows, true = (windows - mean) / scale, (data[target] - mean) / scale
    x, asked = (np.column_stack([part[:, :6], np.ones(len(part))]) for part in (rows, true))
    penalty = RIDGE * np.diag([1.0] * 6 + [0.0])
    beta = np.linalg.solve((x * each).T @ x + penalty, (x * each).T @ rows[:, 6:])
    return float(((asked @ beta - true[:, 6:]) ** 2).mean() / true[:, 6:].var())


def judged(
    graph: DomainGraph, data: dict[str, np.ndarray], sources: list[str]
) -> tuple[float, float]:
    targets = sorted(set(data) - set(sources))

    def loss(name: str, weights: pd.Series) -> float:
        return error(data, name, weights)

    scale = graph.choose_scale(sources, loss, targets=targets).scale
    errors = [error(data, t, graph.source_weights(t, sources, scale=scale)) for t in targets]
    return float(np.mean(errors)), scale


def capitals() -> DomainGraph:
    """Return the great-circle distances of capitals."""
    names = list(CAPITALS)
    north, east = np.radians(np.array([CAPITALS[name] for name in names])).T
    place = np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east),
                             np.sin(north)])  # fmt: skip
    apart = np.arccos(np.clip(place @ place.T, -1, 1)) * (1 - np.eye(len(names)))
    return DomainGraph.from_distances(pd.DataFrame((apart + apart.T) / 2, names, names))


def purchases(folder: Path) -> dict[str, np.ndarray]:
    """Return the customers of each item by country."""
    events = pd.read_parquet(folder / "events" / "online_retail.parquet")
    users = pd.read_parquet(folder / "events" / "online_retail.users.parquet")
    pairs = events[events["value"] > 0][["user_id", "item_id"]].drop_duplicates()
    items = pd.factorize(pairs["item_id"])[0]
    country = pairs["user_id"].map(users.set_index("user_id")["country"]).to_numpy()
    width = int(items.max()) + 1
    return {
        name: np.bincount(items[country == name], minlength=width).astype(float)
        for name in CAPITALS
    }


def told(counts: dict[str, np.ndarray], target: str, weights: pd.Series) -> np.ndarray:
    """Return the share of each item by the weighted others."""
    mixed = sum(weight * counts[name] for name, weight in weights.items()) + PRIOR
    return np.asarray(mixed / mixed.sum())


def log_loss(counts: dict[str, np.ndarray], target: str, weights: pd.Series) -> float:
    own = counts[target]
    return float(-(own @ np.log(told(counts, target, weights))) / own.sum())


def by_country(folder: Path) -> None:
    counts, graph = purchases(folder), capitals()

    def loss(name: str, weights: pd.Series) -> float:
        return log_loss(counts, name, weights)

    def measured(given: DomainGraph | None) -> np.ndarray:
        """Return the loss and the share of the most-bought, by country, and the scale."""
        rows = []
        for target in CAPITALS:
            sources = [name for name in CAPITALS if name != target]
            weights, scale = pd.Series(1.0, sources), np.inf
            if given is not None:
                scale = given.choose_scale(sources, loss, targets=[target]).scale
                weights = given.source_weights(target, sources, scale=scale)
            best, true = (np.argsort(-one, kind="stable")[:MOST]
                          for one in (told(counts, target, weights), counts[target]))  # fmt: skip
            rows.append((loss(target, weights), np.isin(true, best).mean(), scale))
        return np.array(rows)

    alike, ours = measured(None), measured(graph)
    others = [measured(graph.shuffled(seed)).mean(axis=0) for seed in range(10)]
    print("| customers of other countries weigh | log loss | share of the 50 most-bought |")
    print("| --- | --- | --- |")
    print(f"| all alike | {alike[:, 0].mean():.4f} | {alike[:, 1].mean():.3f} |")
    print(f"| by distance | {ours[:, 0].mean():.4f} | {ours[:, 1].mean():.3f} |")
    losses, shares = zip(*(row[:2] for row in others), strict=True)
    print(f"| by distances of shuffled names | {min(losses):.4f} to {max(losses):.4f} | "
          f"{min(shares):.3f} to {max(shares):.3f} |")  # fmt: skip
    gain = alike[:, 0] - ours[:, 0]
    scales = np.unique(ours[:, 2], return_counts=True)
    print(f"\nlower than {sum(ours[:, 0].mean() < one for one in losses)} of 10 shuffled ones; "
          f"lower than all alike in {(gain > 1e-12).sum()} of {len(gain)} countries, higher in "
          f"{(gain < -1e-12).sum()}; scales {scales}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--log", action="store_true")
    args = parser.parse_args()
    if args.log:
        by_country(args.data)
        return
    data = years(args.data)
    edges = pd.read_parquet(args.data / "timeseries" / "us_state_temperature.edges.parquet")
    graph = DomainGraph.from_edges(edges.itertuples(index=False, name=None))
    print("| direction | all alike | graph (scale) | shuffled graphs | better than |")
    print("| --- | --- | --- | --- | --- |")
    for name, states in (("east to west", EAST), ("north to south", NORTH)):
        sources = sorted(state.replace("\0", " ") for state in states)
        targets = sorted(set(data) - set(sources))
        alike = np.mean([error(data, t, pd.Series(1.0, sources)) for t in targets])
        ours, scale = judged(graph, data, sources)
        others = [judged(graph.shuffled(seed), data, sources)[0] for seed in range(10)]
        wins = sum(ours < other for other in others)
        print(f"| {name} | {alike:.4f} | {ours:.4f} ({scale:g}) | "
              f"{min(others):.4f} to {max(others):.4f} | {wins} of 10 |")  # fmt: skip


if __name__ == "__main__":
    main()
