from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tsgen
from returning_users import read, returning
from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.data import Histories
from tsgen.intensity.pairs import learned as pairs
from tsgen.intensity.pairs.features import EARLIER_MEMORY, Memory
from tsgen.intensity.pairs.learned import LearnedPairs
from tsgen.intensity.scoring.newer_events import of_listed_items
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


def test_a_blend_is_between_what_two_times_have_learnt(table, model):
    """With the facts of the one; what one user is given lies between, or near, the two."""
    now, before = model.parts.pairs, train(table, at="2024-02-12").parts.pairs
    blend = now.blended(before, 0.25)
    assert blend.facts is now.facts
    assert np.log(blend.scale) == pytest.approx(
        0.75 * np.log(now.scale) + 0.25 * np.log(before.scale)
    )
    np.testing.assert_allclose(
        np.log(blend.share), 0.75 * np.log(now.share) + 0.25 * np.log(before.share)
    )
    mean, _, low, high = now.network.bounds
    features = np.clip(mean, *(np.clip(end, low, high) for end in before.network.bounds[2:]))[None]
    offset = np.zeros(1, np.float32)  # where neither's limits tell
    one, other, both = (
        pairs.network.logarithms(features, offset)[0] for pairs in (now, before, blend)
    )
    assert both == pytest.approx(0.75 * one + 0.25 * other, abs=1e-4)


class Silent:
    """A network that expects next to nothing of any pair."""

    def logarithms(self, features, offset):
        return np.full(len(offset), -80.0, np.float32)


def test_who_has_had_all_items_and_comes_back_to_none_is_left_to_the_product(model):
    """What a sum over items leaves then is rounding; divided by, it gave shares of -3e7."""
    items = model.items.ids
    days = pd.date_range("2024-01-01", periods=len(items), freq="6h")
    log = read(pd.concat([pd.DataFrame({"user_id": user, "item_id": items, "timestamp": days})
                          for user in ("a", "b", "c")]))  # fmt: skip
    histories = Histories.of(of_listed_items(log, model.items), int(log.time.max()) + 1)
    parts, activity = model.parts, np.ones(3)
    silent = replace(parts.pairs, network=Silent())
    share, extra, _ = silent.split(
        histories, 7 * 86_400_000_000, activity, parts.relevance, parts.relevance.users(histories)
    )
    np.testing.assert_array_equal(share, 1.0)
    np.testing.assert_array_equal(extra.data, 0.0)
    assert extra.nnz == 3 * len(items)


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


def test_pairs_saved_before_their_memory_was_are_remembered_as_they_were(model):
    arrays = {name: np.asarray(value) for name, value in model.parts.pairs.arrays().items()}
    assert LearnedPairs.from_arrays(arrays).facts.memory == Memory()
    del arrays["memory"]
    assert LearnedPairs.from_arrays(arrays).facts.memory == EARLIER_MEMORY


def test_too_few_returns_fall_back_on_the_mixture():
    table = returning(users=60).iloc[::25]
    assert not isinstance(train(table).parts.pairs, LearnedPairs)


def test_what_speaks_for_first_purchases_is_saved_and_read_off_newer_histories(table, tmp_path):
    items = pd.DataFrame({"item_id": [f"i{k:02d}" for k in range(12)], "kind": list("abc") * 4})
    log = Interactions.from_frame(table, items=items, on_duplicate="keep")
    parts = {"activity": "popularity", "relevance": "popularity"}
    estimator = RIMEstimator(horizon="7D", pairs={"first_purchases": True}, **parts)
    model = estimator.train(log, at="2024-02-19", options=QUIET)
    facts = model.parts.pairs.facts
    assert facts.vectors.shape[0] == facts.uptake.shape[0] == 12
    model.save(tmp_path / "model")
    loaded = tsgen.load(tmp_path / "model")
    np.testing.assert_array_equal(dense(loaded), dense(model))
    at = pd.Timestamp("2024-02-19")
    again = loaded.scores(events=read(table[table["timestamp"] < at]), at=at)
    rows = model.states.users.codes(again.user_ids)
    block = again.block(slice(0, again.shape[0]), slice(0, 12))
    np.testing.assert_allclose(block, dense(model)[rows], rtol=1e-4, atol=1e-7)
