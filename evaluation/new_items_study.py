"""First weeks of new items: demand drawn by PSA-GAN from similar items, on Online Retail.

python evaluation/new_items_study.py --data DIR --part validation

An item is new if it is first sold after 2011-01-10. Its attributes are derived, for the log has
only a description: `kind`, the most frequent of the words of the description (counted among older
items), and `band`, the quarter of the price of its first sale. Forecasts of the weekly lines of its
first 8 weeks are draws; they differ in the donors (earlier launches, all or those alike in kind and
band) and in what is drawn: the donor's own first weeks, or a PSA-GAN's series at the donor's scale.
Rows of `studies/new_items_online_retail/cells.csv` that exist are not computed again.
"""

from __future__ import annotations

import argparse
import re
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from tsgen import Interactions, PSAGANEstimator, TrainingOptions
from tsgen.data import SeriesDataset
from tsgen.rng import numpy_stream

PLACE = Path(__file__).parent / "studies" / "new_items_online_retail"
FIRST, WEEKS, DRAWS, FEWEST = "2011-01-10", 8, 100, 10
PARTS = {"validation": ("2011-05-16", "2011-06-06"), "test": ("2011-08-01", "2011-10-10")}
LEVELS = np.arange(1, 10) / 10
GANS = {
    "gan": {"num_steps": 1000},
    "gan-launch": {"num_steps": 1000, "age_blur": 0.02, "id_dropout": 0.5},
}


def read(place: Path, at: str) -> tuple[Interactions, pd.Series]:
    """Return the purchases with kind and band of each item, and when each is first sold."""
    events = pd.read_parquet(place / "events" / "online_retail.parquet")
    events = events[(events["value"] > 0) & events["item_id"].str[0].str.isdigit()]
    events["timestamp"] = pd.to_datetime(events["timestamp"], unit="s")
    sales = events.groupby("item_id").first()  # the log is sorted by time
    begins = sales["timestamp"]
    old = begins[begins < at].index
    items = pd.read_parquet(place / "events" / "online_retail.items.parquet").set_index("item_id")
    words = items["description"].fillna("").map(lambda text: set(re.findall("[A-Z]{3,}", text)))
    counts = Counter(word for item in old for word in words[item])
    common = {word for word, _ in counts.most_common(40)}
    kind = words.map(lambda own: max(own & common, key=counts.__getitem__, default="other"))
    price = sales["value"] / sales["quantity"]
    edges = price[old].quantile([0.25, 0.5, 0.75]).to_numpy()
    band = "q" + (1 + pd.Series(np.searchsorted(edges, price), price.index)).astype(str)
    table = pd.DataFrame({"kind": kind.reindex(band.index), "band": band}).reset_index()
    columns = ["user_id", "item_id", "timestamp"]
    log = Interactions.from_frame(events[columns], items=table, on_duplicate="keep")
    return log, begins


def donors_of(launches: SeriesDataset, codes: np.ndarray) -> np.ndarray:
    """Return the launches alike in kind and band, or in one of them where those are few."""
    same = launches.static_cat == codes
    for alike in (same.all(axis=1), same[:, 0], same[:, 1]):
        if alike.sum() >= FEWEST:
            return np.flatnonzero(alike)
    return np.arange(len(launches))


def loss(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return each item's quantile loss, summed over weeks and meant over levels, (items,)."""
    quantiles = np.quantile(draws, LEVELS, axis=1, method="inverted_cdf")
    gap = truth - quantiles
    level = LEVELS[:, None, None]
    return 2 * np.maximum(level * gap, (level - 1) * gap).mean(axis=0).sum(axis=1)


def judge(draws: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    total = draws.sum(axis=2, keepdims=True), truth.sum(axis=1, keepdims=True)
    return {
        "mean_wql": loss(draws, truth).sum() / truth.sum(),
        "mean_wql_of_total": loss(*total).sum() / truth.sum(),
        "expected_over_happened": draws.mean(axis=1).sum() / truth.sum(),
    }


def paired(draws: np.ndarray, other: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of the difference in mean_wql, by drawing items."""
    gaps, sums = loss(draws, truth) - loss(other, truth), truth.sum(axis=1)
    chosen = numpy_stream(0, "items").integers(0, len(truth), (2000, len(truth)))
    low, high = np.quantile(gaps[chosen].sum(axis=1) / sums[chosen].sum(axis=1), [0.025, 0.975])
    return float(low), float(high)


def compute(place: Path, part: str, seed: int, gans: list[str]) -> list[dict[str, object]]:
    at, last = PARTS[part]
    log, begins = read(place, at)
    series = log.demand_dataset("W-SUN", start="first", until=at)
    ids = np.array(series.item_ids)
    launches = series.subset((begins[ids] >= FIRST).to_numpy() & (series.lengths >= WEEKS))
    fresh = begins.index[(begins >= at) & (begins < last)]
    until = pd.Timestamp(last) + pd.Timedelta(days=7 * WEEKS)
    after = log.demand_dataset("W-SUN", start="first", until=until)
    new = after.subset([after.item_ids.index(item) for item in fresh])
    truth = np.stack([new.series(i)[:WEEKS] for i in range(len(new))])
    codes = np.stack([recode(new, launches, k) for k in range(2)], axis=1)
    random = numpy_stream(seed, "donors")
    shape = (len(new), DRAWS)
    donors = {
        "all": random.integers(0, len(launches), shape),
        "similar": np.stack([random.choice(donors_of(launches, c), DRAWS) for c in codes]),
    }
    first_weeks = np.stack([launches.series(i)[:WEEKS] for i in range(len(launches))])
    arms = {f"own weeks, {name}": first_weeks[chosen] for name, chosen in donors.items()}
    seconds = {}
    for gan in gans:
        clock = time.process_time()
        estimator = PSAGANEstimator(target_length=WEEKS, **GANS[gan])
        model = estimator.train(launches, options=TrainingOptions(seed=seed))
        for name, chosen in donors.items():
            like = dressed(launches, new, codes, chosen)
            held = ["non-negative", "integer"]
            drawn = model.sample(1, like=like, length=WEEKS, constraints=held, seed=seed)
            arms[f"{gan}, {name}"] = drawn.values.reshape(*shape, WEEKS)
        half = arms["own weeks, similar"].copy()
        half[:, ::2] = arms[f"{gan}, similar"][:, ::2]
        arms[f"{gan} and own weeks, similar"] = half
        seconds[gan] = round(time.process_time() - clock, 1)
    base = arms["own weeks, similar"]
    rows = []
    for name, draws in arms.items():
        row = {"part": part, "arm": name, "seed": seed, "items": len(new), "donors": len(launches)}
        low, high = paired(draws, base, truth)
        row |= judge(draws, truth) | {"against_similar_low": low, "against_similar_high": high}
        rows.append(row | {"cpu_seconds": seconds.get(name.split(",")[0].split(" ")[0], 0.0)})
    return rows


def recode(new: SeriesDataset, launches: SeriesDataset, k: int) -> np.ndarray:
    """Return the codes of the new items' categories among those of the launches, -1 if absent."""
    known = {category: i for i, category in enumerate(launches.static_categories[k])}
    names = [new.static_categories[k][code] for code in new.static_cat[:, k]]
    return np.array([known.get(name, -1) for name in names])


def dressed(
    launches: SeriesDataset, new: SeriesDataset, codes: np.ndarray, chosen: np.ndarray
) -> SeriesDataset:
    """Return the donors' series as if they were launched with the new items, and are unknown."""
    rows = chosen.ravel()
    item = np.repeat(np.arange(len(new)), chosen.shape[1])
    lengths = launches.lengths[rows]
    offsets = np.append(0, np.cumsum(lengths))
    place = np.repeat(launches.offsets[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
    static = np.where(codes[item] < 0, launches.static_cat[rows], codes[item])
    return SeriesDataset(
        launches.values[place],
        offsets,
        new.starts[item],
        launches.freq,
        tuple(f"new {i} {k}" for k, i in enumerate(item)),
        static_cat=static,
        static_names=launches.static_names,
        static_categories=launches.static_categories,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of events/*.parquet")
    parser.add_argument("--part", choices=PARTS, required=True)
    parser.add_argument("--gan", choices=GANS, action="append", help="only these")
    parser.add_argument("--seed", type=int, action="append", help="1 by default")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    PLACE.mkdir(parents=True, exist_ok=True)
    path = PLACE / "cells.csv"
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    for seed in options.seed or [1]:
        done = {row["arm"] for row in rows if (row["part"], row["seed"]) == (options.part, seed)}
        todo = [gan for gan in options.gan or GANS if f"{gan}, all" not in done]
        if not todo:
            continue
        rows += compute(options.data, options.part, seed, todo)
        table = pd.DataFrame(rows).drop_duplicates(["part", "arm", "seed"]).round(4)
        table.to_csv(path, index=False)
        print(table[(table["part"] == options.part) & (table["seed"] == seed)].to_string())


if __name__ == "__main__":
    main()
