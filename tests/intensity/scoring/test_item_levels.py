"""Items' levels multiply a user's intensities, whose sum stays."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.data import Histories, Interactions
from tsgen.intensity.model import RIMModel
from tsgen.intensity.scoring import UserStates

SPAN, HORIZONS = pd.Timedelta("7D"), 8


def shop(num_users=300, num_items=120, per_user=40, seed=0):
    """Fashions: each horizon an item's log demand is half what it was, and half new luck."""
    random = np.random.default_rng(seed)
    luck = random.normal(0, 1.5, (HORIZONS + 5, num_items))
    for step in range(1, len(luck)):
        luck[step] = 0.5 * luck[step - 1] + 0.75**0.5 * luck[step]
    rows = []
    for user in range(num_users):
        times = random.uniform(0, HORIZONS, random.poisson(per_user * random.gamma(1, 1)))
        for time in times:
            demand = np.exp(luck[int(time) + 5])
            item = random.choice(num_items, p=demand / demand.sum())
            rows.append((f"u{user:03d}", f"i{item:03d}", pd.Timestamp("2024-01-01") + time * SPAN))
    return Interactions.from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]))


@pytest.fixture(scope="module")
def log():
    return shop()


@pytest.fixture(scope="module")
def cut():
    return pd.Timestamp("2024-01-01", tz="UTC") + (HORIZONS - 1) * SPAN


@pytest.fixture(scope="module")
def model(log, cut):
    options = tsgen.TrainingOptions(seed=1, device="cpu", progress=False)
    return tsgen.RIMEstimator(horizon="7D", repeats="mixture").train(log, at=cut, options=options)


def at_power(model, log, power):
    """The same model with another power."""
    parts = replace(model.parts, item_power=power)
    past = log.where(log.time < model.states.at)
    states = UserStates.of(
        Histories.of(past, model.states.at), past.users, parts, model.settings.span
    )
    names = ("timezone", "user_table", "item_table", "history", "seed", "summary")
    rest = {name: getattr(model, name) for name in names}
    return RIMModel(model.settings, parts, past.items, states, **rest)


def sums(model):
    dense = model.scores().block(slice(0, len(model.states)), slice(0, len(model.items)))
    return dense.astype(np.float64)


def test_levels_multiply_and_each_user_keeps_the_sum(model, log):
    plain, levelled = sums(at_power(model, log, 0.0)), sums(at_power(model, log, -0.2))
    np.testing.assert_allclose(levelled.sum(axis=1), plain.sum(axis=1), rtol=1e-4)
    expected = plain * np.exp(
        -0.2 * np.where(plain.any(axis=0), model.parts.relevance.item_bias, 0)
    )
    expected *= (plain.sum(axis=1) / expected.sum(axis=1))[:, None]
    np.testing.assert_allclose(levelled, expected, rtol=2e-3, atol=1e-7)


def test_where_popularity_fades_totals_of_the_most_bought_are_nearer_to_what_comes(model, log, cut):
    """The power is learnt in the horizon before; what comes was not looked at."""
    now, later = (Histories.of(log, (cut + k * SPAN).value // 1000) for k in (0, 1))
    came = np.asarray((later.pair_counts() - now.pair_counts())[now.lengths > 0].sum(axis=0))
    past = np.asarray(now.pair_counts().sum(axis=0)).ravel()
    most = model.items.codes(log.items.ids[np.argsort(-past, kind="stable")[:30]])
    here = log.items.codes(model.items.ids)

    def ratio(made):
        expected = made.scores(present=True).item_sums()
        share = expected[most].sum() / expected.sum()
        return share / (came.ravel()[here][most].sum() / came.ravel()[here].sum())

    without, learnt = ratio(at_power(model, log, 0.0)), ratio(model)
    assert model.parts.item_power < 0 < np.log(without)
    assert abs(np.log(learnt)) < abs(np.log(without))


@pytest.mark.parametrize("attributes", [False, True])
def test_newer_histories_and_tables_of_items_keep_the_levels(model, log, cut, attributes):
    """The same events again, as newer ones: what they say is what the states said."""
    powered, past = at_power(model, log, -0.3), log.where(log.time < cut.value // 1000)
    if attributes:
        past = replace(past, item_table=pd.DataFrame({"kind": ["a", "b"] * (len(past.items) // 2)}))
    newer = powered.scores(events=past, at=cut)
    users = newer.user_ids.get_indexer(powered.scores().user_ids)
    items = newer.item_ids.get_indexer(powered.items.ids)
    seen = np.isfinite(powered.parts.relevance.item_bias)
    dense = newer.block(slice(0, newer.shape[0]), slice(0, newer.shape[1])).astype(np.float64)
    own = sums(powered)
    np.testing.assert_allclose(dense[users][:, items][:, seen], own[:, seen], rtol=1e-4, atol=1e-9)
    flat = sums(at_power(model, log, 0.0))
    assert not np.allclose(own[:, seen], flat[:, seen], rtol=0.05)


def test_it_is_saved_and_said(model, tmp_path):
    model.save(tmp_path / "m")
    again = tsgen.load(tmp_path / "m")
    assert again.parts.item_power == model.parts.item_power
    assert model.summary["item_power"] == round(model.parts.item_power, 4)
    np.testing.assert_array_equal(again.scores().item_sums(), model.scores().item_sums())
