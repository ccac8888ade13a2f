"""Do near markets say more about one without history than far ones?

    python evaluation/benchmarks/markets.py --data DIR

Monthly temperature of 48 US states, 2008 to 2019: from the first half of a year to the second, by a
ridge regression on the states of one half of the country, judged on the other half. Sources weigh
by their distance on the graph of shared borders; the scale is chosen by leaving each source out.
Beside it: all alike, and ten graphs with shuffled names.
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
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
