"""The simple rules that an audience model stands beside, by loops over the events before."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.data import Interactions
from tsgen.evaluation.audience.references import REFERENCES, SimpleIntensities, references
from tsgen.evaluation.audience.window import AudienceWindow

N, M, HORIZON = 7, 4, 10**6
AT = 6 * HORIZON
"""The window begins six horizons after the first event."""

random = np.random.default_rng(1)
EVENTS = [(0, 0, 0.0)] + [
    (int(u), int(i), float(t))
    for u, i, t in zip(
        random.integers(0, N - 1, 30),
        random.integers(0, M, 30),
        random.uniform(0, 6, 30),
        strict=True,
    )
]


class Scores:
    shape = (N, M)
    user_ids, item_ids = pd.Index(range(N)), pd.Index([f"i{k}" for k in range(M)])
    excluded = None


def window_of(events, targets=None):
    table = pd.DataFrame(events, columns=["user_id", "item_id", "timestamp"])
    table["item_id"] = table["item_id"].map("i{}".format)
    log = Interactions.from_frame(table, on_duplicate="keep")
    targets = sp.csr_array((N, M)) if targets is None else sp.csr_array(targets)
    return AudienceWindow(Scores(), log.where(log.time < AT), AT, HORIZON, targets, {})


def dense(rule):
    return rule.block(slice(0, N), slice(0, M))


@pytest.fixture(scope="module")
def rules():
    stranger = (99, 1, 3.0)  # whom the model does not know; its past counts for nobody
    return references(window_of([*EVENTS, stranger]), seed=3)


def product(rates):
    """A user's rate times an item's share; everyone is given half an event beside its own."""
    touch = 0.5 * rates.sum() / (rates > 0).sum()
    users, items = rates.sum(axis=1) + touch, rates.sum(axis=0) + touch
    return np.outer(users, items / items.sum())


def rates(weight):
    found = np.zeros((N, M))
    for user, item, time in EVENTS:
        found[user, item] += weight(6 - time)
    return found


def test_there_is_a_sentence_about_every_rule(rules):
    assert list(rules) == list(REFERENCES)


def test_popularity_counts_events_a_horizon(rules):
    np.testing.assert_allclose(dense(rules["popularity"]), product(rates(lambda age: 1 / 6)))


def test_recency_weighs_recent_events_more_and_keeps_the_level(rules):
    weight = lambda age: 1 / (1 + age) / np.log(7)  # noqa: E731
    np.testing.assert_allclose(dense(rules["recency"]), product(rates(weight)), rtol=1e-5)
    steady = sum(weight(age) for age in np.arange(6000) / 1000) / 1000
    assert steady == pytest.approx(1.0, rel=1e-3)  # of one event a horizon, one is expected


def test_repeat_buyers_are_half_the_pairs_own_past_and_half_recency(rules):
    weight = lambda age: 1 / (1 + age) / np.log(7)  # noqa: E731
    expected = rates(weight) / 2 + product(rates(weight)) / 2
    np.testing.assert_allclose(dense(rules["repeat buyers"]), expected, rtol=1e-5)


def test_random_lists_have_the_level_of_the_past_in_an_order_of_their_seed(rules):
    found = dense(rules["random"])
    np.testing.assert_allclose(found, len(EVENTS) / 6 / (N * M), rtol=2e-6)
    assert len(np.unique(found)) == N * M
    again, other = (dense(references(window_of(EVENTS), seed)["random"]) for seed in (3, 4))
    order = [np.argsort(block.ravel()).tolist() for block in (found, again, other)]
    assert order[0] == order[1] != order[2]


def test_without_a_past_there_is_chance_at_the_level_of_the_targets():
    targets = np.zeros((N, M))
    targets[2, 1], targets[3, 3] = 3, 2
    (name,), (rule,) = zip(*references(window_of([(0, 0, 7.0)], targets), 3).items(), strict=True)
    assert name == "random"
    np.testing.assert_allclose(dense(rule), 5 / (N * M), rtol=2e-6)


@pytest.mark.parametrize("name", REFERENCES)
def test_parts_have_the_numbers_of_the_whole(rules, name):
    rule = rules[name]
    whole = dense(rule)
    assert rule.shape == (N, M)
    for rows, columns in ((slice(2, 5), slice(1, 4)), (slice(6, 7), slice(0, 1))):
        np.testing.assert_array_equal(rule.block(rows, columns), whole[rows, columns])
        rule.block(rows, columns)[:] = 0
    np.testing.assert_array_equal(dense(rule), whole)


@pytest.mark.parametrize("numbers", [1, 7, 2_000])
def test_noise_drawn_in_parts_is_the_same_noise(monkeypatch, numbers):
    rule = SimpleIntensities(np.arange(1.0, 41.0), np.ones(30), seed=7)
    whole = rule.block(slice(0, 40), slice(0, 30))
    monkeypatch.setitem(SimpleIntensities.block.__globals__, "_NOISE_NUMBERS", numbers)
    np.testing.assert_array_equal(rule.block(slice(5, 33), slice(2, 20)), whole[5:33, 2:20])


def test_the_noise_of_random_lists_prefers_nobody():
    rule = SimpleIntensities(np.ones(400), np.ones(300), seed=7)
    noise = (rule.block(slice(0, 400), slice(0, 300)) - 1) / 1e-6
    assert 0 <= noise.min() < 0.001
    assert 0.999 < noise.max() <= 1
    assert noise.mean() == pytest.approx(0.5, abs=0.005)
    assert noise.var() == pytest.approx(1 / 12, rel=0.02)
    assert abs(np.corrcoef(noise[:-1].ravel(), noise[1:].ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1]) < 0.02


def test_item_neighbours_share_out_the_events_of_a_user_at_the_level_of_the_past(rules):
    from tsgen.scores import bm25_neighbours

    counts = np.zeros((N, M))
    for user, item, _ in EVENTS:
        counts[user, item] += 1
    near = bm25_neighbours(sp.csr_array(counts), 20).toarray()
    raw = counts @ near
    expected = 0.98 * raw * counts.sum() / 6 / raw.sum() + 0.02 * dense(rules["popularity"])
    found = dense(rules["item-kNN"])
    assert found.sum() == pytest.approx(expected.sum(), rel=0.02)
    np.testing.assert_allclose(found[counts > 0], expected[counts > 0], rtol=0.05)
