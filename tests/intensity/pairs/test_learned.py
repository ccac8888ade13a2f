import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.data import Histories
from tsgen.intensity.pairs import learned as pairs
from tsgen.intensity.pairs.features import FEATURES, ItemFacts, pair_table
from tsgen.intensity.pairs.learned import LearnedPairs
from tsgen.intensity.pairs.neighbours import item_neighbours, largest_in_rows
from tsgen.intensity.pairs.network import PairNetwork
from tsgen.metrics import precision, select_users

QUIET = TrainingOptions(seed=3, device="cpu", progress=False)
START = pd.Timestamp("2024-01-01")
DAY = 86_400 * 10**6


def returning(seed=0, days=56, users=60, items=12, back=True):
    """Users who come back to three items of their own; or, with back=False, never come back."""
    random = np.random.default_rng(seed)
    rate = random.gamma(1.0, 0.25, users)
    own = random.integers(0, items, (users, 3))
    rows = []
    for user in range(users):
        count = random.poisson(rate[user] * days)
        times = random.uniform(0, days, count)
        if back:
            chosen = np.where(random.random(count) < 0.8, own[user][random.integers(0, 3, count)],
                              random.integers(0, items, count))  # fmt: skip
        else:
            chosen = random.permutation(items)[:count]
        rows += [(f"u{user:02d}", f"i{item:02d}", START + pd.Timedelta(days=time))
                 for item, time in zip(chosen, times, strict=False)]  # fmt: skip
    return pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])


def read(table):
    return Interactions.from_frame(table, on_duplicate="keep")


def train(table, at="2024-02-19", **settings):
    estimator = RIMEstimator(horizon="7D", num_decays=5, **settings)
    return estimator.train(read(table), at=at, options=QUIET)


@pytest.fixture(scope="module")
def table():
    return returning(seed=1)


@pytest.fixture(scope="module")
def model(table):
    return train(table)


def dense(model):
    n, m = len(model.states), len(model.items)
    return model.scores().block(slice(0, n), slice(0, m)).astype(float)


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


def test_the_largest_of_a_row_are_the_first_where_they_tie():
    import scipy.sparse as sp

    values = sp.csr_array(np.array([[1.0, 3, 3, 2], [0, 0, 5, 0], [0, 0, 0, 0]]))
    assert largest_in_rows(values, 2).toarray().tolist() == [[0, 3, 3, 0], [0, 0, 5, 0], [0] * 4]
    assert largest_in_rows(values, 1).toarray()[0].tolist() == [0, 3, 0, 0]


def test_features_say_what_a_slow_loop_finds(table):
    events = read(table)
    at = events.read_time("2024-02-19")
    histories = Histories.of(events, at)
    facts = ItemFacts.of(histories, 7 * DAY, 4)
    activity = np.linspace(0.5, 2, len(histories))
    found = pair_table(histories, 7 * DAY, facts, activity, 2)
    values = dict(zip(FEATURES, found.features.T, strict=False))
    past = table[table["timestamp"] < "2024-02-19"].copy()
    past["age"] = (pd.Timestamp("2024-02-19") - past["timestamp"]) / pd.Timedelta("7D")
    seen = set(zip(past["user_id"], past["item_id"], strict=True))
    names = list(zip(events.users.ids[found.request], events.items.ids[found.item], strict=True))
    assert seen <= set(names)
    new = pd.Series([user for user, item in names if (user, item) not in seen])
    assert new.value_counts().max() <= 2
    for place in range(0, len(names), 17):
        user, item = names[place]
        of_user = past[past["user_id"] == user]
        own = of_user[of_user["item_id"] == item]["age"]
        checks = {
            "pair decayed 1.0": np.log1p(20 * np.exp(-own).sum()),
            "pair count": np.log1p(len(own)),
            "pair seen": float(len(own) > 0),
            "pair last": np.log(own.min() + 0.02) if len(own) else 0.0,
            "user decayed 0.3": np.log(np.exp(-of_user["age"] / 0.3).sum() + 0.1),
            "user items": np.log(of_user["item_id"].nunique() + 0.1),
            "user activity": np.log(activity[found.request[place]]),
            "item users": np.log(past[past["item_id"] == item]["user_id"].nunique() + 0.1),
        }
        for name, expected in checks.items():
            assert values[name][place] == pytest.approx(expected, rel=1e-4, abs=1e-4), name


def test_a_network_learns_a_known_rate_and_its_level():
    random = np.random.default_rng(0)
    features = random.normal(size=(6000, 3)).astype(np.float32)
    rate = np.exp(0.8 * features[:, 0] - 1.5 - 0.5 * (features[:, 1] > 0))
    counts = random.poisson(rate).astype(float)
    offset = np.zeros(6000, np.float32)
    network = PairNetwork.fit(features, offset, counts, seed=1)
    found = np.exp(network.logarithms(features, offset))
    assert found.sum() == pytest.approx(counts.sum(), rel=0.1)
    assert np.corrcoef(np.log(found), np.log(rate))[0, 1] > 0.97
    far = network.logarithms(100 * features, offset)  # what was never met is taken as the nearest
    assert far.max() <= network.logarithms(network.bounds[[3]].repeat(1, 0), offset[:1]).max() + 3


def test_pairs_of_ones_own_are_found_and_counts_are_kept(table, model):
    assert isinstance(model.parts.pairs, LearnedPairs)
    window = table[table["timestamp"] >= "2024-02-19"]
    later = read(window)
    hits = np.zeros((len(model.states), len(model.items)))
    users = model.states.users.codes(later.users.ids)[later.user]
    items = model.items.codes(later.items.ids)[later.item]
    np.add.at(hits, (users, items), 1)
    assert dense(model).sum() == pytest.approx(hits.sum(), rel=0.3)  # 136 events: a small log

    def found(scores):
        import scipy.sparse as sp

        return precision(select_users(scores, 6), sp.csr_array(hits))

    plain = train(table, repeats="none")
    assert found(dense(model)) > 1.2 * found(dense(plain))


def test_where_nobody_comes_back_seen_pairs_are_unlikely():
    model = train(returning(back=False, users=200, items=30))
    scores, seen = dense(model), model.states.seen.toarray() > 0
    busy = seen.sum(axis=1) > 2
    ratio = scores[busy][seen[busy]].mean() / scores[busy][~seen[busy]].mean()
    assert ratio < 0.25


def test_other_names_and_other_years_change_nothing(table, model):
    random = np.random.default_rng(1)
    names = dict(zip(sorted(table["user_id"].unique()), random.permutation(60), strict=False))
    renamed = train(table.assign(user_id=table["user_id"].map(names)))
    order = renamed.states.users.codes(pd.Index([names[user] for user in model.states.users.ids]))
    np.testing.assert_allclose(dense(renamed)[order], dense(model), rtol=2e-3, atol=1e-6)
    moved = table.assign(timestamp=table["timestamp"] + pd.Timedelta(days=364))
    later = train(moved, at="2025-02-17")
    np.testing.assert_allclose(dense(later), dense(model), rtol=2e-3, atol=1e-6)


def test_blocks_and_the_saved_folder_give_the_same_scores(monkeypatch, table, model, tmp_path):
    model.save(tmp_path / "model")
    loaded = tsgen.load(tmp_path / "model")
    np.testing.assert_array_equal(dense(loaded), dense(model))
    np.testing.assert_array_equal(loaded.states.seen.toarray(), model.states.seen.toarray())
    monkeypatch.setattr(pairs, "_EVENTS_AT_A_TIME", 50)
    at = pd.Timestamp("2024-02-19")
    known = table[table["timestamp"] < at]
    again = loaded.scores(events=read(known), at=at)
    n, m = again.shape
    rows = model.states.users.codes(again.user_ids)
    np.testing.assert_allclose(
        again.block(slice(0, n), slice(0, m)), dense(model)[rows], rtol=1e-4, atol=1e-7
    )


def test_too_few_returns_fall_back_on_the_mixture():
    table = returning(users=60).iloc[::25]
    assert not isinstance(train(table).parts.pairs, LearnedPairs)
