"""What the pair part learns from a window: which pairs, what they did, and how much is expected."""

import numpy as np
import pandas as pd
import pytest

from intensity_doubles import Even
from tsgen.data import Histories, Interactions
from tsgen.intensity.pairs import fitting as pair_fitting
from tsgen.intensity.pairs.features import GAP, ItemFacts
from tsgen.intensity.pairs.fitting import PairWindow, fit_pairs
from tsgen.intensity.pairs.learned import describe
from tsgen.intensity.pairs.mixture import NUM_CLASSES, history_class
from tsgen.intensity.pairs.settings import PairSettings

SETTINGS = PairSettings()

HORIZON = 10**6
"""One second: times of the tables are horizons."""

BEGIN, ITEMS = 10, 6


def log_of(rows, num_users=None):
    """Make a log of (user, item, time in horizons) rows."""
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    count = 1 + table["user_id"].max() if num_users is None else num_users
    table["item_id"] = table["item_id"].map("i{}".format)
    users = pd.DataFrame({"user_id": range(count)})
    items = pd.DataFrame({"item_id": [f"i{k}" for k in range(ITEMS)]})
    return Interactions.from_frame(
        table.astype({"timestamp": float}), users=users, items=items, on_duplicate="keep"
    )


def random_rows(num_users=30, seed=0):
    """Users with different pasts, and what they do in the horizon from `BEGIN` on."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(num_users):
        for low, high, count in ((0, BEGIN, user % 7), (BEGIN, BEGIN + 1, random.integers(0, 6))):
            times = random.uniform(low, high, count)
            rows += [(user, int(random.integers(0, ITEMS)), float(t)) for t in times]
    return rows


def window_of(events, users=None, activity=None, shares=None):
    everyone = Histories.of(events, BEGIN * HORIZON)
    users = np.arange(len(everyone)) if users is None else users
    past = everyone.subset(users)
    ends = Histories.of(events, (BEGIN + 1) * HORIZON).ends[users]
    expected = np.linspace(0.5, 3.0, len(users)) if activity is None else activity
    shares = np.linspace(0.1, 0.3, ITEMS) if shares is None else shares
    return PairWindow(past, everyone, ends, expected, Even(shares))


class Network:
    """Stands for `PairNetwork`: notes what it is given, and expects twice the product."""

    given = None

    @classmethod
    def fit(cls, features, offset, counts, keys, seed, settings=None):
        cls.given = features, offset, counts, seed
        return cls()

    def logarithms(self, features, offset):
        return offset + np.log(np.float32(2.0))


@pytest.fixture
def network(monkeypatch):
    Network.given = None
    monkeypatch.setattr(pair_fitting, "PairNetwork", Network)
    return Network


def later_of(events, user, item):
    """Times of a pair's events in the window, by a loop."""
    return sorted(
        float(time) / HORIZON
        for u, i, time in zip(events.user, events.item, events.time, strict=True)
        if u == user and i == item and BEGIN * HORIZON <= time < (BEGIN + 1) * HORIZON
    )


def visits_of(times):
    """Events that follow the one before by more than a fortieth of a horizon."""
    return sum(k == 0 or t - times[k - 1] > GAP for k, t in enumerate(times))


def described(window, num_new=50):
    """The pairs of a window with a past, as `LearnedPairs` describes them when it is asked."""
    some = np.flatnonzero(window.past.lengths > 0)
    past = window.past.subset(some)
    facts = ItemFacts.of(window.everyone, HORIZON, SETTINGS.num_neighbours)
    activity = np.maximum(window.activity[some], 1e-12)
    return some, describe(
        past, HORIZON, facts, activity, window.base, window.base.users(past), num_new
    )


# ---- what is learnt from -------------------------------------------------------------------------


def test_the_network_learns_the_visits_of_the_pairs_that_it_will_be_asked_about(network):
    events = log_of(random_rows())
    window = window_of(events)
    found = fit_pairs([window], Histories.of(events, 11 * HORIZON), HORIZON, seed=4)
    features, offset, visits, seed = network.given
    users, (table, _, expected_features, expected_offset) = described(window)
    np.testing.assert_array_equal(features, expected_features)
    np.testing.assert_array_equal(offset, expected_offset)
    asked = zip(users[table.request], table.item, strict=True)
    assert visits.tolist() == [visits_of(later_of(events, u, i)) for u, i in asked]
    assert seed == 4
    assert isinstance(found.network, Network)


def test_windows_are_learnt_from_together(network):
    events = log_of(random_rows())
    one, two = window_of(events, np.arange(0, 20)), window_of(events, np.arange(20, 30))
    fit_pairs([one], Histories.of(events, 11 * HORIZON), HORIZON, seed=4)
    alone = network.given
    fit_pairs([one, two], Histories.of(events, 11 * HORIZON), HORIZON, seed=4)
    for part, both in zip(alone[:3], network.given[:3], strict=True):
        np.testing.assert_array_equal(both[: len(part)], part)
        assert len(both) > len(part)


def test_the_scale_turns_expected_visits_into_events(network):
    """An edit saved ten times is one visit and ten events."""
    rows = random_rows()
    events = log_of(rows + [(u, i, t + 1e-4) for u, i, t in rows if t >= BEGIN for _ in range(2)])
    window = window_of(events)
    found = fit_pairs([window], Histories.of(events, 11 * HORIZON), HORIZON, seed=4)
    users, (table, *_, offset) = described(window)
    asked = zip(users[table.request], table.item, strict=True)
    observed = sum(len(later_of(events, u, i)) for u, i in asked)
    assert observed > 1.5 * network.given[2].sum()
    assert found.scale == pytest.approx(observed / (2 * np.exp(offset.astype(float)).sum()))


def smoothest(logs, weights):
    """Return what minimises sum w (x - logs)^2 + sum of squared bends / 0.2^2."""
    from scipy.optimize import minimize

    def loss(x):
        return weights @ (x - logs) ** 2 + 25 * np.sum((x[2:] - 2 * x[1:-1] + x[:-2]) ** 2)

    return minimize(loss, logs, tol=1e-14).x


def test_the_share_of_other_pairs_is_what_they_did_over_what_was_expected(network):
    """By classes of history: visits, each drawn towards all of them by fifty expected events."""
    one_new = PairSettings(num_new=1)  # so that some pairs are not described
    events = log_of(random_rows(num_users=60))
    window = window_of(events)
    found = fit_pairs([window], Histories.of(events, 11 * HORIZON), HORIZON, 4, one_new)
    users, (table, logs, *_) = described(window, 1)
    observed, expected, squares = np.zeros((3, NUM_CLASSES))
    came = 0
    classes = history_class(window.past.lengths)
    mine = {(users[r], i): float(np.exp(log)) for r, i, log in
            zip(table.request, table.item, logs, strict=True)}  # fmt: skip
    for user in users:
        known = {item: share for (u, item), share in mine.items() if u == user}
        others = [later_of(events, user, i) for i in range(ITEMS) if i not in known]
        visits = sum(map(visits_of, others))
        came += sum(map(len, others))
        observed[classes[user]] += visits
        squares[classes[user]] += visits**2
        expected[classes[user]] += window.activity[user] * max(1 - sum(known.values()), 0.0)
    everyone = observed.sum() / expected.sum()
    assert came > observed.sum() > 0
    shares = np.log((observed + 50 * everyone) / (expected + 50))[1:]
    weights = np.divide(observed**2, squares, where=squares > 0, out=np.zeros(NUM_CLASSES))[1:]
    smooth = np.exp(smoothest(shares, weights + 1e-3)) * came / observed.sum()
    np.testing.assert_allclose(found.share[1:], smooth, rtol=1e-3)
    assert found.share[0] == 1.0  # without a history there is nothing else


def test_the_facts_are_of_everyone_at_the_cut_off(network):
    events = log_of(random_rows())
    everyone = Histories.of(events, 11 * HORIZON)
    found = fit_pairs([window_of(events, np.arange(5, 30))], everyone, HORIZON, seed=4)
    expected = ItemFacts.of(everyone, HORIZON, SETTINGS.num_neighbours)
    np.testing.assert_array_equal(found.facts.table, expected.table)
    np.testing.assert_array_equal(found.facts.neighbours.toarray(), expected.neighbours.toarray())


def test_an_activity_of_nothing_is_nearly_nothing(network):
    events = log_of(random_rows())
    window = window_of(events, activity=np.zeros(30))
    fit_pairs([window], Histories.of(events, 11 * HORIZON), HORIZON, seed=4)
    assert np.isfinite(network.given[1]).all()


def test_blocks_of_users_give_the_same_numbers(network, monkeypatch):
    events = log_of(random_rows())
    whole = fit_pairs([window_of(events)], Histories.of(events, 11 * HORIZON), HORIZON, seed=4)
    given = network.given
    monkeypatch.setattr("tsgen.intensity.pairs.learned._EVENTS_AT_A_TIME", 9)
    parts = fit_pairs([window_of(events)], Histories.of(events, 11 * HORIZON), HORIZON, seed=4)
    for one, other in zip(given[:3], network.given[:3], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    np.testing.assert_allclose(whole.share, parts.share)
    np.testing.assert_allclose(whole.scale, parts.scale)


@pytest.mark.parametrize(("returns", "learns"), [(29, False), (30, True), (60, True)])
def test_thirty_pairs_that_come_back_are_needed(network, returns, learns):
    rows = [(user, 0, 1.0) for user in range(60)] + [
        (user, 0, BEGIN + 0.5) for user in range(returns)
    ]
    events = log_of(rows)
    found = fit_pairs([window_of(events)], Histories.of(events, 11 * HORIZON), HORIZON, seed=4)
    assert (found is not None) is learns


def test_returns_of_several_windows_count_together(network):
    rows = [(user, 0, 1.0) for user in range(60)] + [(user, 0, BEGIN + 0.5) for user in range(40)]
    events = log_of(rows)
    halves = [window_of(events, np.arange(k * 20, k * 20 + 20)) for k in (0, 1)]
    everyone = Histories.of(events, 11 * HORIZON)
    assert fit_pairs(halves[:1], everyone, HORIZON, seed=4) is None
    assert fit_pairs(halves, everyone, HORIZON, seed=4) is not None


# ---- what happened then --------------------------------------------------------------------------


def test_events_and_visits_are_those_of_the_window_alone():
    rows = [
        (0, 0, 1.0), (0, 0, BEGIN + 0.1), (0, 0, BEGIN + 0.1 + GAP / 2), (0, 0, BEGIN + 0.5),
        (0, 1, BEGIN + 0.11), (1, 0, BEGIN + 0.12), (1, 0, BEGIN + 1.2), (2, 5, 2.0),
    ]  # fmt: skip
    events = log_of(rows)
    window = window_of(events)
    counts, visits = pair_fitting._later(window.past, window.ends, HORIZON)
    expected = np.zeros((3, ITEMS))
    expected[0, 0], expected[0, 1], expected[1, 0] = 3, 1, 1
    np.testing.assert_array_equal(counts.toarray(), expected)
    expected[0, 0] = 2
    np.testing.assert_array_equal(visits.toarray(), expected)


def test_events_of_different_pairs_never_make_one_visit():
    """The same moment for two items of a user, and for two users of an item."""
    rows = [(u, i, BEGIN + 0.5) for u in range(3) for i in range(ITEMS)]
    window = window_of(log_of(rows))
    counts, visits = pair_fitting._later(window.past, window.ends, HORIZON)
    np.testing.assert_array_equal(counts.toarray(), np.ones((3, ITEMS)))
    np.testing.assert_array_equal(visits.toarray(), np.ones((3, ITEMS)))


def test_a_first_event_at_the_beginning_of_time_is_a_visit():
    events = log_of([(0, 0, 0.0), (1, 0, 0.0)])
    past = Histories.of(events, 0)
    counts, visits = pair_fitting._later(past, Histories.of(events, HORIZON).ends, HORIZON)
    np.testing.assert_array_equal(visits.toarray()[:, 0], [1, 1])
    np.testing.assert_array_equal(counts.toarray()[:, 0], [1, 1])


# ---- who is asked --------------------------------------------------------------------------------


def test_users_with_a_past_are_asked_as_many_as_there_is_room_for():
    past = Histories.of(log_of(random_rows(num_users=70)), BEGIN * HORIZON)
    some = np.flatnonzero(past.lengths > 0)
    assert pair_fitting._sample(past, 10**9, 50, 1).tolist() == some.tolist()
    num_items = past.events.num_items  # no user has pairs of more items than there are
    cost = np.minimum(past.lengths, num_items) + min(50, num_items)
    room = int(cost[some].sum()) // 5
    few = pair_fitting._sample(past, room, 50, 1)
    assert set(few) <= set(some)
    assert (np.diff(few) > 0).all()
    assert cost[few].sum() <= room < cost[few].sum() + 2 * cost.max()
    assert few.tolist() == pair_fitting._sample(past, room, 50, 1).tolist()
    assert few.tolist() != pair_fitting._sample(past, room, 50, 2).tolist()
    assert len(pair_fitting._sample(past, 1, 50, 1)) == 1


def test_the_room_is_shared_by_the_windows(network, monkeypatch):
    asked = []
    sample = pair_fitting._sample

    def note(past, num_pairs, num_new, seed, share):
        asked.append((num_pairs, seed, share))
        return sample(past, num_pairs, num_new, seed, share)

    monkeypatch.setattr(pair_fitting, "_sample", note)
    events = log_of(random_rows())
    windows = [window_of(events) for _ in range(3)]
    fit_pairs(windows, Histories.of(events, 11 * HORIZON), HORIZON, seed=4)
    assert asked == [(200_000, 4, 1.0)] * 3
    fit_pairs(windows, Histories.of(events, 11 * HORIZON), HORIZON, seed=4)
    assert len(asked) == 3  # a window that two fits learn from is described once


def test_one_window_has_all_the_room_and_none_teaches_nothing(network, monkeypatch):
    asked = []
    monkeypatch.setattr(
        pair_fitting, "_sample", lambda past, room, *_: asked.append(room) or np.arange(len(past))
    )
    events = log_of(random_rows())
    everyone = Histories.of(events, 11 * HORIZON)
    fit_pairs([window_of(events)], everyone, HORIZON, seed=4)
    assert asked == [SETTINGS.max_pairs]
    assert fit_pairs([], everyone, HORIZON, seed=4) is None


def test_what_is_learnt_adds_up_to_the_activity_and_describes_as_many_pairs_as_set(network):
    events = log_of(random_rows())
    everyone = Histories.of(events, 11 * HORIZON)
    found = fit_pairs([window_of(events)], everyone, HORIZON, 4, PairSettings(num_new=3))
    assert (found.whole, found.num_new) == (1.0, 3)


def test_a_window_near_the_beginning_of_the_log_is_asked_for_a_part_of_its_users(monkeypatch):
    """The second begins 1.2 horizons after the log does, the third too early to say anything."""
    shares, rooms, sample = [], [], pair_fitting._sample

    def note(*asked):
        shares.append(asked[-1])
        rooms.append(asked[1])
        return sample(*asked)

    monkeypatch.setattr(pair_fitting, "_sample", note)
    rows = [(u, i, t + 0.8) for u, i, t in random_rows(num_users=80)]
    rows = [(u, i, t) for u, i, t in rows if t < 4] + [(0, 0, 0.8)]
    events = log_of(rows)
    everyone = [Histories.of(events, k * HORIZON) for k in (3, 2, 1)]
    base = window_of(events).base
    windows = [
        PairWindow(past, past, Histories.of(events, past.at.max() + HORIZON).ends,
                   np.ones(len(past)), base)
        for past in everyone
    ]  # fmt: skip
    fit_pairs(windows, Histories.of(events, 4 * HORIZON), HORIZON, seed=4)
    assert shares == pytest.approx([1, 0.2])
    assert rooms == [500_000] * 2  # of 600,000, as if there were 1.2 windows
    past = everyone[0]
    some = pair_fitting._sample(past, 10**9, 50, 1)
    part = pair_fitting._sample(past, 10**9, 50, 1, 0.5)
    assert set(part) < set(some)
    assert len(part) == -(-len(some) // 2)


def test_who_is_asked_does_not_depend_on_what_users_are_called():
    rows = random_rows(num_users=40)
    renamed = np.random.default_rng(1).permutation(40)
    past = Histories.of(log_of(rows), BEGIN * HORIZON)
    other = Histories.of(log_of([(int(renamed[u]), i, t) for u, i, t in rows]), BEGIN * HORIZON)
    few, again = (pair_fitting._sample(h, 600, 50, 1) for h in (past, other))
    assert set(renamed[few]) == set(again)


def test_where_nobody_has_a_past_one_is_asked_all_the_same():
    past = Histories.of(log_of([(0, 0, 11.0), (1, 0, 12.0)]), BEGIN * HORIZON)
    assert pair_fitting._sample(past, 100, 50, 1).tolist() == [0]
    assert pair_fitting._sample(past.subset(np.zeros(2, bool)), 100, 50, 1).tolist() == []


def test_shares_stay_above_zero_and_nothing_expected_divides_by_nothing():
    nothing = np.zeros((NUM_CLASSES, 4))
    shares = pair_fitting._shares([nothing, nothing])
    assert shares[0] == 1.0
    np.testing.assert_allclose(shares[1:], 1e-6)


def test_one_user_of_many_visits_moves_its_class_less_than_many_users_do():
    """Two hundred visits where a hundred were expected, by one user or by two hundred."""
    usual = np.zeros((NUM_CLASSES, 4))
    usual[1:] = 100.0, 100.0, 300.0, 100.0
    np.testing.assert_allclose(pair_fitting._shares([usual])[1:], 3.0)
    moved = []
    for squares in (200.0, 20_000.0):
        busy = usual.copy()
        busy[4] = 200.0, 100.0, 600.0, squares
        moved.append(pair_fitting._shares([busy])[4])
    assert 3.0 < moved[1] < 3.8 < 4.0 < moved[0]
