"""Prices learnt in one window, applied to users as they arrive in the next.

python evaluation/online_campaigns_study.py --data DIR --log online_retail --origins 3

The model learns on events before T. At T + H it scores, by histories that it was not trained on,
the users who came in [T + H, T + 2 H): prices are learnt on these. In [T + 2 H, T + 3 H) users come
one by one, in the order of their first event, and are decided on with what was known at T + 2 H.
Twenty campaigns, each of one of the most frequent items before T, one offer a user, four fifths as
many places as users came in the window before. Realised: whether users then had an event of the
campaign's item, and how many. Intervals: users drawn with replacement.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen import Interactions, RIMEstimator, TrainingOptions, read_interactions
from tsgen.allocation.prices import CampaignPrices
from tsgen.allocation.solving import DensePairs, Limits, solve_dual, solve_greedy
from tsgen.data.events import read_span, to_stamps
from tsgen.errors import TsgenWarning
from tsgen.rng import numpy_stream

CAMPAIGNS, FILLED, DRAWS = 20, 0.8, 500
OPTIONS = {"max_pairs": 20_000_000, "block_numbers": 4_000_000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--log", default="online_retail")
    parser.add_argument("--horizon", default="28D")
    parser.add_argument("--origins", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore", TsgenWarning)
    log = read_interactions(options.data / "events" / f"{options.log}.parquet")
    span, end = read_span(options.horizon), int(log.time.max()) + 1
    parts = [
        origin(log, options.horizon, end - (3 + place) * span, span)
        for place in range(options.origins)
    ]
    table = pd.DataFrame([row for part in parts for row in part])
    place = Path(__file__).parent / "studies" / "online_campaigns"
    place.mkdir(parents=True, exist_ok=True)
    table.to_csv(place / f"{options.log}.csv", index=False)
    print(table.to_string(index=False, float_format="{:.4g}".format))


def origin(log: Interactions, horizon: str, begin: int, span: int) -> list[dict[str, Any]]:
    """Return one row a way to decide, for one origin."""
    known = log.where(log.time < begin).present()
    items = known.items.ids[np.argsort(-known.item_counts(), kind="stable")[:CAMPAIGNS]]
    estimator = RIMEstimator(horizon=horizon, relevance="popularity", repeats="mixture")
    options = TrainingOptions(seed=1, device="cpu", progress=False)
    model = estimator.train(known, at=stamp(begin), options=options)
    learnt, _, _ = arrivals(log, model, items, begin + span, span)
    values, hits, came = arrivals(log, model, items, begin + 2 * span, span)
    places = np.full(CAMPAIGNS, np.floor(FILLED * len(learnt) / CAMPAIGNS))
    chosen = {
        "online, prices": online(values, prices_of(learnt, places), places),
        "online, no prices": online(values, np.zeros(CAMPAIGNS), places),
        "offline greedy": offline(values, places, greedy=True),
        "offline dual": offline(values, places),
        "hindsight": offline(hits + 1e-6 * values, places),
    }
    return rows(chosen, values, hits, came, str(stamp(begin))[:10])


def arrivals(
    log: Interactions, model: Any, items: pd.Index, begin: int, span: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], int]:
    """Return expected and realised events (n, m) of who came in a window, in order of coming."""
    past = log.where(log.time < begin).present()
    window = log.where((log.time >= begin) & (log.time < begin + span))
    scores = model.scores(at=stamp(begin), events=past)
    first = pd.Series(window.time).groupby(window.user).min().sort_values(kind="stable")
    users = scores.user_ids.get_indexer(window.users.ids[first.index])
    codes = first.index.to_numpy()[users >= 0]
    columns = scores.item_ids.get_indexer(items)
    part = scores.select_users(users[users >= 0]).select_items(columns)
    expected = part.block(slice(0, part.shape[0]), slice(0, part.shape[1])).astype(float)
    counts = window.pair_counts()[codes][:, window.items.codes(items)]
    return expected, counts.toarray().astype(float), len(first)


def prices_of(values: npt.NDArray[Any], places: npt.NDArray[Any]) -> npt.NDArray[Any]:
    limits = Limits.of(1, values.shape, at_most=places)
    found = solve_dual(DensePairs(values), limits, tolerance=1e-3, seed=0, **OPTIONS)
    return found.duals.contact


def online(
    values: npt.NDArray[Any], contact: npt.NDArray[Any], places: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Return the campaign of each user, -1 for none, decided one after the other."""
    names = [str(place) for place in range(len(places))]
    free = np.full(len(places), np.inf)
    prices = CampaignPrices(names, contact, np.zeros(len(places)), places.copy(), free)
    decisions = (prices.decide(row).campaigns for row in values)
    return np.array([int(found[0]) if found else -1 for found in decisions])


def offline(
    values: npt.NDArray[Any], places: npt.NDArray[Any], *, greedy: bool = False
) -> npt.NDArray[Any]:
    limits = Limits.of(1, values.shape, at_most=places)
    pairs = DensePairs(values)
    if greedy:
        found = solve_greedy(pairs, limits, **OPTIONS)
    else:
        found = solve_dual(pairs, limits, tolerance=1e-3, seed=0, **OPTIONS)
    chosen = np.full(len(values), -1)
    chosen[found.rows] = found.columns
    return chosen


def rows(
    chosen: dict[str, npt.NDArray[Any]],
    values: npt.NDArray[Any],
    hits: npt.NDArray[Any],
    came: int,
    begins: str,
) -> list[dict[str, Any]]:
    """Return realised and expected events, and the ratio to offline with its interval."""
    n = len(values)
    picked = {name: pick(hits, codes) for name, codes in chosen.items()}
    draw = numpy_stream(1, "online campaigns")
    weights = draw.multinomial(n, np.full(n, 1 / n), size=DRAWS)
    base = weights @ picked["offline dual"]
    table = []
    for name, codes in chosen.items():
        ratio = weights @ picked[name] / np.maximum(base, 1)
        table.append({
            "trained until": begins, "way": name, "users": n, "came": came,
            "contacts": int((codes >= 0).sum()), "expected": pick(values, codes).sum(),
            "realised": picked[name].sum(),
            "of offline": picked[name].sum() / max(picked["offline dual"].sum(), 1),
            "low": np.quantile(ratio, 0.025), "high": np.quantile(ratio, 0.975),
        })  # fmt: skip
    return table


def pick(values: npt.NDArray[Any], codes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.where(codes >= 0, values[np.arange(len(codes)), np.maximum(codes, 0)], 0.0)


def stamp(moment: int) -> pd.Timestamp:
    return to_stamps(np.array([moment]), "UTC")[0]


if __name__ == "__main__":
    main()
