import numpy as np
import pandas as pd

from intensity.conftest import HORIZON, log_of
from returning_users import START, read
from tsgen.data import Histories
from tsgen.intensity.relevance.neighbours import item_neighbours


def test_items_of_the_same_users_are_neighbours_and_a_user_of_few_items_says_more():
    rows = [(f"u{k}", item, k + 0.1) for k in range(4) for item in ("tea", "mug")]
    rows += [("all", item, 5.0) for item in ("tea", "mug", "hat", "car")]
    events = log_of(rows)
    near = item_neighbours(Histories.of(events, 9 * HORIZON), 3).toarray()
    tea, mug, hat, car = events.items.find(["tea", "mug", "hat", "car"])
    assert near[tea, mug] > near[tea, hat]
    assert near[tea, mug] == near[mug, tea]
    assert near[hat, car] > 0
    assert ((near > 0).sum(axis=1) <= 3).all()


def test_neighbours_are_the_largest_bm25_products():
    random = np.random.default_rng(0)
    table = pd.DataFrame({
        "user_id": random.integers(0, 9, 120),
        "item_id": random.integers(0, 7, 120),
        "timestamp": START + pd.to_timedelta(np.arange(120), "h"),
    })  # fmt: skip
    events = read(table)
    counts = events.pair_counts().toarray()
    weight = np.zeros_like(counts)
    totals = counts.sum(axis=0)
    for user in range(9):
        rarity = np.log1p(7 / (1 + (counts[user] > 0).sum()))
        for item in range(7):
            count = counts[user, item]
            length = 0.25 + 0.75 * totals[item] / totals.mean()
            weight[user, item] = rarity * count * 2.2 / (1.2 * length + count)
    alike = weight.T @ weight
    found = item_neighbours(Histories.of(events, 10**18), 3).toarray()
    for item in range(7):
        best = np.sort(alike[item])[::-1][:3]
        np.testing.assert_allclose(np.sort(found[item])[::-1][:3], best)
    np.testing.assert_allclose(found[found > 0], alike[found > 0])
