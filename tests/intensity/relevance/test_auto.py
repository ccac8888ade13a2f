"""Popularity whose fading is learnt."""

import numpy as np
import pytest

from intensity.conftest import HORIZON, QUIET, log_of, nobody, probabilities, read_back
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.intensity.relevance import AutoRelevance, PopularityRelevance


def shop(drift, seed=0, num_items=20, length=8):
    """Every second as many purchases; where tastes drift, the items bought move on."""
    random = np.random.default_rng(seed)
    rows = []
    for second in range(length):
        items = random.zipf(1.6, 400) % num_items
        moved = (items + (2 * second if drift else 0)) % num_items
        times = second + random.uniform(0, 1, 400)
        users = random.integers(0, 60, 400)
        rows += [(f"u{u:02d}", f"i{i:02d}", float(t))
                 for u, i, t in zip(users, moved, times, strict=True)]  # fmt: skip
    return log_of(rows)


def fit(events, at, **settings):
    histories = Histories.of(events, int(at * HORIZON))
    part = AutoRelevance(**settings)
    return part, histories, part.fit(histories, HORIZON, QUIET, held_out=nobody(histories))


@pytest.mark.parametrize("drift", [False, True])
def test_items_fade_as_fast_as_the_log_says(drift):
    _, histories, model = fit(shop(drift), 8)
    weights = model.choice["weights"]
    quick = weights["popularity, fading 0.3"] + weights["popularity, fading 1"]
    assert quick > 0.7 if drift else quick < 0.5
    np.testing.assert_allclose(probabilities(model, histories).sum(axis=1), 1, rtol=1e-5)
    scores = model.choice["scores"]
    late, even = scores["popularity, fading 1"], scores["popularity"]
    assert late > even + 0.1 if drift else even > late
    assert all(scores["stack"] >= score - 1e-3 for score in scores.values())


def test_the_totals_of_items_follow_their_demand():
    """What was bought most of all is no longer what will be bought."""
    events = shop(drift=True)
    _, histories, model = fit(events, 7)
    came = Histories.of(events, 8 * HORIZON).pair_counts().sum(axis=0)
    came = np.asarray(came - histories.pair_counts().sum(axis=0)).ravel()
    past = np.asarray(histories.pair_counts().sum(axis=0)).ravel()
    most = np.argsort(-past)[:5]
    even = PopularityRelevance().fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    ours, alike = (400 * probabilities(m, histories)[0][most].sum() for m in (model, even))
    assert abs(ours / came[most].sum() - 1) < abs(alike / came[most].sum() - 1)


def test_one_window_by_hand():
    events = shop(drift=False)
    _, _, model = fit(events, 8, num_windows=1)
    past, now = Histories.of(events, 7 * HORIZON), Histories.of(events, 8 * HORIZON)
    rows = now.flat()[1]
    later = rows[events.time[rows] >= 7 * HORIZON]
    for fading, name in ((None, "popularity"), (3.0, "popularity, fading 3")):
        alone = PopularityRelevance(fading).fit(past, HORIZON, QUIET, held_out=nobody(past))
        logs = alone.item_bias[events.item[later]].astype(float)
        assert model.choice["scores"][name] == pytest.approx(logs[np.isfinite(logs)].mean(), 1e-4)


def test_without_a_window_all_events_count_alike_and_a_given_fading_is_kept():
    events = shop(drift=True)
    _, histories, model = fit(events, 1.9)
    even = PopularityRelevance().fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    np.testing.assert_allclose(model.item_bias, even.item_bias, rtol=1e-6)
    assert model.choice["windows"] == 0
    _, histories, given = fit(events, 8, fading=2.0)
    two = PopularityRelevance(2.0).fit(histories, HORIZON, QUIET, held_out=nobody(histories))
    np.testing.assert_array_equal(given.item_bias, two.item_bias)


def test_it_is_read_back_and_nothing_to_learn_is_said():
    part, histories, model = fit(shop(drift=True), 8)
    again = read_back(part, model)
    np.testing.assert_array_equal(again.item_bias, model.item_bias)
    nothing = Histories.of(histories.events, 0)
    with pytest.raises(DataError, match="nothing to learn"):
        part.fit(nothing, HORIZON, QUIET, held_out=nobody(nothing))


def test_users_held_out_teach_nothing():
    events = shop(drift=True)
    histories = Histories.of(events, 8 * HORIZON)
    out = np.arange(len(histories)) % 2 == 0
    part = AutoRelevance()
    model = part.fit(histories, HORIZON, QUIET, held_out=out)
    left = histories.subset(~out)
    other = part.fit(left, HORIZON, QUIET, held_out=nobody(left))
    np.testing.assert_array_equal(model.item_bias, other.item_bias)
