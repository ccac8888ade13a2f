import numpy as np
import pandas as pd
import pytest

import tsgen
from returning_users import read, returning
from tsgen import RIMEstimator, TrainingOptions
from tsgen.intensity.pairs import learned as pairs
from tsgen.intensity.pairs.learned import LearnedPairs
from tsgen.metrics import precision, select_users

QUIET = TrainingOptions(seed=3, device="cpu", progress=False)


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
