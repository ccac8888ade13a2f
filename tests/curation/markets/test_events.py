import numpy as np
import pandas as pd
import pytest

from small_shop import QUIET, START, read
from tsgen import RIMEstimator
from tsgen.curation import DomainGraph, market_events, train_for_market
from tsgen.errors import DataError

GRAPH = DomainGraph.from_edges([("NZ", "AU"), ("AU", "ID"), ("ID", "IN"), ("IN", "TR")])
COUNTRIES = ["NZ", "AU", "ID", "IN", "TR"]
PLAIN = RIMEstimator(horizon="7D", relevance="popularity", activity="popularity", repeats="none")


def shop(whole_ids=False):
    """Ten users a country; the nearer to NZ, which knows no tea, the more tea they buy."""
    random = np.random.default_rng(0)
    user = random.integers(0, 50, 1500)
    tea = random.random(1500) < np.array([0.0, 0.8, 0.6, 0.3, 0.1])[user // 10]
    names = np.arange(50) if whole_ids else np.array([f"u{k:02d}" for k in range(50)])
    table = pd.DataFrame({
        "user_id": names[user],
        "item_id": np.where(tea, "tea", random.choice(["mug", "hat"], 1500)),
        "timestamp": START + pd.to_timedelta(random.integers(0, 50 * 86400, 1500), "s"),
    })  # fmt: skip
    users = pd.DataFrame({"user_id": names, "country": np.repeat(COUNTRIES, 10)})
    return read(table, users=users)


def test_users_of_near_markets_are_there_more_often():
    log, weights = market_events(shop(), GRAPH, "NZ", scale=1.0, seed=1)
    counts = log.user_table["country"].value_counts()
    assert counts["AU"] > counts["ID"] > counts["TR"]
    assert counts["NZ"] == counts["AU"]
    assert abs(log.num_users - 50) <= 1
    assert weights.scale == 1.0
    assert log.users.ids.is_unique


@pytest.mark.parametrize("whole_ids", [False, True])
def test_a_copy_has_the_history_and_the_attributes_of_its_user(whole_ids):
    events = shop(whole_ids)
    log, _ = market_events(events, GRAPH, "NZ", scale=0.5, seed=1)
    known = events.users.codes(log.users.ids)
    copies = np.flatnonzero(known < 0)
    assert len(copies)
    assert log.users.ids.dtype == events.users.ids.dtype
    for place in copies[:5]:
        of = place - 1
        while known[of] < 0:
            of -= 1
        for array in (log.item, log.time):
            one, other = (array[log.offsets[k] : log.offsets[k + 1]] for k in (place, of))
            np.testing.assert_array_equal(one, other)
        assert log.user_table["country"][place] == log.user_table["country"][of]


def test_the_scale_is_the_one_by_which_left_out_shares_are_best_foretold():
    _, weights = market_events(shop(), GRAPH, "NZ", seed=1)
    assert weights.losses[weights.scale] == min(weights.losses.values())
    assert np.isfinite(weights.scale)  # shares change along the line: near markets say more


def test_a_model_for_the_market_knows_what_near_ones_buy_and_each_user_once():
    events = shop()
    options = {"at": "2024-02-15", "options": QUIET}
    alike = PLAIN.train(events, **options)
    near = train_for_market(PLAIN, events, GRAPH, "NZ", scale=0.5, seed=1, **options)
    assert events.users.codes(near.states.users.ids).min() >= 0
    assert near.states.users.ids.is_unique
    shares = []
    for model in (alike, near):
        person = model.recommend("u03", size=3).set_index("item_id")["intensity"]
        shares.append(person["tea"] / person.sum())
    assert shares[1] > shares[0] + 0.05
    assert near.summary["market"]["target"] == "NZ"
    assert near.audience("tea", size=3, where={"country": "NZ"})["user_id"].lt("u10").all()


def test_bad_input_is_named():
    from dataclasses import replace

    events = shop()
    with pytest.raises(DataError, match=r"no attribute 'county'.*Did you mean 'country'"):
        market_events(events, GRAPH, "NZ", column="county")
    with pytest.raises(DataError, match="no attribute 'country'"):
        market_events(replace(events, user_table=None), GRAPH, "NZ")
    with pytest.raises(DataError, match="has no domain 'XX'"):
        market_events(events, GRAPH, "XX", scale=1.0)
    table = events.user_table.assign(country=lambda t: t["country"].mask(t.index < 3))
    with pytest.raises(DataError, match="3 of 50 users have no market"):
        market_events(replace(events, user_table=table), GRAPH, "NZ")
    late = events.where(np.isin(events.user // 10, [0, 1, 2, 3]))
    with pytest.raises(DataError, match="Market 'TR' has users but no event"):
        market_events(late, GRAPH, "NZ")
