"""What intensities mean is learnt from pairs, users and items that the window is about."""

import numpy as np
import pandas as pd
import pytest

from intensity_doubles import Even, FittedRate, recorded_settings
from tsgen.data import Histories, Interactions
from tsgen.intensity import recalibration
from tsgen.intensity.pairs.mixture import RepeatMixture
from tsgen.intensity.recalibration import HeldOutWindow, recalibrated
from tsgen.intensity.scoring.parts import FittedParts
from tsgen.intensity.scoring.probability import ProbabilityMap

DAY = 86_400 * 10**6
MIDNIGHT = int(pd.Timestamp("2024-01-03").value // 1000)
"""The window is the day that begins here."""

SETTINGS = recorded_settings(None, None, horizon="1D", repeats="none")


def log_of(rows):
    """Make a log of (user, item, day) rows; users and items keep their order."""
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "day"])
    table["timestamp"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(table.pop("day"), "D")
    names = {"user_id": sorted(table["user_id"].unique())}
    return Interactions.from_frame(table, users=pd.DataFrame(names), on_duplicate="keep")


def random_log(num_users=40, num_items=6, seed=0):
    """Three days; on the third, who is active has up to four events."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(num_users):
        for day in range(3):
            count = 1 + user % 3 if day < 2 else int(random.integers(0, 5))
            items = random.integers(0, num_items, count)
            rows += [(f"u{user:02d}", f"i{item}", day + random.random()) for item in items]
    return log_of(rows)


def parts_of(events, factor=1.0, pairs=None, shares=None):
    """A user's intensity is `factor` a past event, shared out over the items."""
    num = events.num_items
    shares = np.full(num, 1 / num) if shares is None else shares
    return FittedParts(FittedRate(factor), Even(shares), pairs or RepeatMixture.none())


def window_of(events, parts, users=None, now=None):
    past, later = (Histories.of(events, MIDNIGHT + k * DAY) for k in (0, 1))
    everyone = np.ones(len(past), bool)
    users = everyone if users is None else users
    return HeldOutWindow(past, later, parts, users, users if now is None else now)


class Asked:
    """Stands for what a `ProbabilityMap` learns; notes what it is given."""

    def __init__(self, monkeypatch):
        self.fits, self.campaigns, self.totals = [], [], []
        monkeypatch.setattr(recalibration.ProbabilityMap, "fit", self.fit)
        monkeypatch.setattr(recalibration.ProbabilityMap, "learn_campaigns", self.learn)
        monkeypatch.setattr(recalibration.ProbabilityMap, "with_total", self.bring)

    def fit(self, intensity, happened, half):
        self.fits.append((intensity, happened, half))
        return ProbabilityMap(scale=0.5)

    def learn(self, campaigns, half):
        self.campaigns.append((campaigns, half))
        return ProbabilityMap(scale=0.25)

    def bring(self, intensity, total):
        self.totals.append((intensity, total))
        return ProbabilityMap(scale=0.125)


@pytest.fixture
def asked(monkeypatch):
    return Asked(monkeypatch)


def happened_in(events, users, items):
    """Count the events of the window, by a loop: (users, items)."""
    found = np.zeros((len(users), len(items)))
    for user, item, time in zip(events.user, events.item, events.time, strict=True):
        if MIDNIGHT <= time < MIDNIGHT + DAY and user in users and item in items:
            found[list(users).index(user), list(items).index(item)] += 1
    return found


def test_chances_are_learnt_from_each_pair_and_what_it_did_in_the_window(asked):
    events = random_log()
    parts = parts_of(events, factor=0.3)
    found = recalibrated(parts, window_of(events, parts), SETTINGS, seed=1)
    ((intensity, happened, half),) = asked.fits
    past = Histories.of(events, MIDNIGHT).lengths
    counts = happened_in(events, range(40), range(6))
    level = (counts.sum() + 50) / (0.3 * past.sum() + 50)
    np.testing.assert_allclose(intensity, level * np.repeat(0.3 * past / 6, 6), rtol=1e-5)
    assert happened.tolist() == (counts > 0).ravel().tolist()
    by_user = half.reshape(40, 6)
    assert (by_user == by_user[:, :1]).all()  # a user's pairs are all on one side
    assert by_user[:, 0].sum() == 20
    assert found.probability == ProbabilityMap(scale=0.125)
    assert (found.activity, found.relevance, found.pairs) == (
        parts.activity, parts.relevance, parts.pairs,
    )  # fmt: skip
    ((_, even),) = asked.campaigns
    assert even.tolist() == by_user[:, 0].tolist()


def test_only_the_users_of_the_window_teach(asked):
    events = random_log()
    parts = parts_of(events)
    users = np.arange(40) % 4 == 1
    recalibrated(parts, window_of(events, parts, users), SETTINGS, seed=1)
    ((intensity, happened, _),) = asked.fits
    past = Histories.of(events, MIDNIGHT).lengths[users]
    counts = happened_in(events, np.flatnonzero(users), range(6))
    level = (counts.sum() + 50) / (past.sum() + 50)
    np.testing.assert_allclose(intensity, level * np.repeat(past / 6, 6), rtol=1e-5)
    assert happened.tolist() == (counts > 0).ravel().tolist()


def test_without_users_nothing_is_learnt(asked):
    events = random_log()
    parts = parts_of(events)
    window = window_of(events, parts, np.zeros(40, bool))
    assert recalibrated(parts, window, SETTINGS, seed=1) is parts
    assert not asked.fits


def test_of_many_users_as_many_teach_as_there_is_room_for(asked, monkeypatch):
    monkeypatch.setattr(recalibration, "_MOST_PAIRS", 60)
    events = random_log()
    parts = parts_of(events)
    for seed in (1, 1, 2):
        recalibrated(parts, window_of(events, parts), SETTINGS, seed=seed)
    first, again, other = (intensity for intensity, *_ in asked.fits)
    assert len(first) == 60  # ten users of six items
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_totals_of_items_rest_on_all_users_where_only_few_teach_chances(asked, monkeypatch):
    monkeypatch.setattr(recalibration, "_MOST_PAIRS", 60)
    events = random_log()
    parts = parts_of(events, factor=0.3)
    found = recalibrated(parts, window_of(events, parts), SETTINGS, seed=1)
    ((intensity, *_),) = asked.fits
    assert len(intensity) == 60
    counts, past = happened_in(events, range(40), range(6)), Histories.of(events, MIDNIGHT).lengths
    ((of, expected, calibrated, came),) = [
        (row["of"], row["expected"], row["calibrated"], row["came"]) for row in found.record
    ]
    assert (of, came) == ("all items", counts.sum())
    assert expected == pytest.approx(0.3 * past.sum(), abs=0.1)
    level = (counts.sum() + 50) / (0.3 * past.sum() + 50)
    assert calibrated == pytest.approx(level * 0.3 * past.sum(), abs=0.1)


def test_who_is_drawn_stays_drawn_when_others_come(monkeypatch):
    events = random_log()
    others = log_of([(f"u{k:02d}+", "i0", 1.5 + k / 100) for k in range(10)])
    tables = [log.to_frame()[["user_id", "item_id", "timestamp"]] for log in (events, others)]
    more = Interactions.from_frame(pd.concat(tables), on_duplicate="keep")
    drawn = []
    for log in (events, more):
        window = window_of(log, parts_of(log))
        rows = recalibration._sampled(window.past, window.users, 120, seed=1)  # twenty users
        drawn.append(set(window.past.events.users.ids[window.past.users[rows]]))
    stayed = {name for name in drawn[1] if "+" not in name}
    assert len(drawn[0]) == len(drawn[1]) == 20
    assert stayed <= drawn[0]


def test_items_that_the_parts_had_not_met_are_no_part_of_it(asked):
    events = random_log()
    parts = parts_of(events, shares=np.array([0.5, 0.0, 0.5, 0.0, 0.0, 0.0]))
    recalibrated(parts, window_of(events, parts), SETTINGS, seed=1)
    ((intensity, happened, _),) = asked.fits
    assert len(intensity) == 2 * 40
    counts = happened_in(events, range(40), [0, 2])
    assert happened.tolist() == (counts > 0).ravel().tolist()


def test_pairs_that_can_never_recur_teach_nothing(asked):
    events = random_log()
    parts = parts_of(events)
    never = recorded_settings(None, None, horizon="1D", repeats="never")
    recalibrated(parts, window_of(events, parts), never, seed=1)
    ((intensity, happened, half),) = asked.fits
    seen = Histories.of(events, MIDNIGHT).pair_counts().toarray() > 0
    assert len(intensity) == len(happened) == len(half) == (~seen).sum()
    counts = happened_in(events, range(40), range(6))
    assert happened.tolist() == (counts > 0)[~seen].tolist()
    ((campaigns, _),) = asked.campaigns
    everything = campaigns[-1]
    unseen = (~seen).sum(axis=1) * Histories.of(events, MIDNIGHT).lengths / 6
    level = (counts[~seen].sum() + 50) / (unseen.sum() + 50)
    np.testing.assert_allclose(everything.intensity[:, 0], level * unseen, rtol=1e-5)
    assert everything.happened[:, 0].tolist() == ((counts > 0) & ~seen).any(axis=1).tolist()


def test_chances_are_asked_for_at_the_end_and_add_up_to_a_pair_for_so_many_events(asked):
    events = random_log()
    parts = parts_of(events, factor=0.3)
    taught, now = np.arange(40) % 4 != 1, np.arange(40) % 3 == 0
    recalibrated(parts, window_of(events, parts, taught, now), SETTINGS, seed=1)
    ((intensity, total),) = asked.totals
    past = Histories.of(events, MIDNIGHT + DAY).lengths[now]
    np.testing.assert_allclose(intensity, np.repeat(0.3 * past / 6, 6), rtol=1e-5)
    counts = happened_in(events, np.flatnonzero(taught), range(6))
    assert total == pytest.approx((counts > 0).sum() / counts.sum() * intensity.sum())


def test_a_pair_that_recurs_is_counted_once_in_the_sum_of_chances():
    events = random_log(num_users=200, num_items=2)
    parts = parts_of(events, factor=0.3)
    found = recalibrated(parts, window_of(events, parts), SETTINGS, seed=1)
    counts = happened_in(events, range(200), range(2))
    intensity = np.repeat(0.3 * Histories.of(events, MIDNIGHT + DAY).lengths / 2, 2)
    wanted = (counts > 0).sum() / counts.sum() * intensity.sum()
    assert found.probability.probability(intensity).sum() == pytest.approx(wanted, rel=1e-3)


def test_few_pairs_with_an_event_bring_no_level(asked):
    events = random_log(num_users=12)
    parts = parts_of(events)
    assert recalibrated(parts, window_of(events, parts), SETTINGS, seed=1).probability == (
        ProbabilityMap(scale=0.25)
    )
    assert not asked.totals


def test_only_items_that_the_relevance_knows_teach(asked):
    events = random_log()
    parts = parts_of(events, shares=np.array([0.7, 0.0, 0.3, 0.0, 0.0, 0.0]))
    recalibrated(parts, window_of(events, parts), SETTINGS, seed=1)
    ((intensity, *_),) = asked.fits
    pairs = intensity.reshape(40, 2)  # of the items that have a score, and no others
    past = Histories.of(events, MIDNIGHT).lengths
    np.testing.assert_allclose(pairs[:, 0] * 3, pairs[:, 1] * 7, rtol=1e-5)
    np.testing.assert_allclose(pairs[:, 0] / pairs[0, 0], past / past[0], rtol=1e-5)


def test_the_record_of_items_is_of_the_window_the_past_and_what_was_expected(asked, monkeypatch):
    given = []
    monkeypatch.setattr(recalibration, "item_record", lambda *parts: given.append(parts) or ["row"])
    events = random_log()
    parts = parts_of(events, factor=0.5, shares=np.array([0.7, 0.0, 0.3, 0.0, 0.0, 0.0]))
    users = np.arange(40) % 4 != 1
    found = recalibrated(parts, window_of(events, parts, users), SETTINGS, seed=1)
    assert found.record == ["row"]
    ((expected, calibrated, came, past, table),) = given
    assert table is None
    chosen = np.flatnonzero(users)
    counts = happened_in(events, chosen, [0, 2])
    np.testing.assert_array_equal(came, counts.sum(axis=0))
    before = np.zeros((40, 6))
    early = events.time < MIDNIGHT
    np.add.at(before, (events.user[early], events.item[early]), 1)
    np.testing.assert_array_equal(past, before[chosen][:, [0, 2]].sum(axis=0))
    everything = happened_in(events, chosen, range(6)).sum()
    total = 0.5 * before[chosen].sum() * (counts.sum() + 50) / (everything + 50)
    np.testing.assert_allclose(expected, total * np.array([0.7, 0.3]), rtol=1e-5)
    level = (came.sum() + 50) / (total + 50)
    np.testing.assert_allclose(calibrated, level * expected, rtol=1e-5)


# ---- the level -----------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.02, 0.7, 1.0, 40.0])
def test_chances_are_learnt_at_the_level_of_the_window_whatever_the_parts_expected(asked, factor):
    """Which 50 events hold back; counts and chances so have one level, the activity's."""
    events = random_log(num_users=90)
    parts = parts_of(events, factor)
    found = recalibrated(parts, window_of(events, parts), SETTINGS, seed=1)
    observed = happened_in(events, range(90), range(6)).sum()
    expected = factor * Histories.of(events, MIDNIGHT).lengths.sum()
    ((intensity, *_),) = asked.fits
    level = (observed + 50) / (expected + 50)
    assert intensity.sum() == pytest.approx(level * expected, rel=1e-4)
    assert (found.activity, found.pairs) == (parts.activity, parts.pairs)


# ---- campaigns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("num_items", "sizes"), [(1, []), (2, [2]), (4, [4]), (5, [4, 5]), (20, [4, 16, 20])]
)
def test_campaigns_of_growing_sizes_are_sums_over_different_items(num_items, sizes):
    random = np.random.default_rng(2)
    intensity = random.exponential(size=(30, num_items))
    counts = random.poisson(intensity)
    drawn = recalibration._campaigns(intensity, counts, seed=3)
    assert [campaign.num_items for campaign in drawn] == sizes
    for campaign in drawn:
        number = 8 if campaign.num_items < num_items else 1
        assert campaign.intensity.shape == campaign.happened.shape == (30, number)
    if drawn:
        np.testing.assert_allclose(drawn[-1].intensity[:, 0], intensity.sum(axis=1))
        np.testing.assert_array_equal(drawn[-1].happened[:, 0], counts.sum(axis=1) > 0)


def test_campaigns_are_of_items_and_what_happened_is_of_the_same_ones():
    """With one user an item, the users of a campaign are its items."""
    intensity = np.eye(40)
    drawn = recalibration._campaigns(intensity, np.eye(40), seed=3)
    for campaign in drawn:
        np.testing.assert_array_equal(campaign.happened, campaign.intensity > 0)
        assert set(campaign.intensity.sum(axis=0)) == {campaign.num_items}
    first, second = drawn[0].intensity[:, :2].T
    assert not np.array_equal(first, second)
    other = recalibration._campaigns(intensity, np.eye(40), seed=4)
    assert not np.array_equal(drawn[0].intensity, other[0].intensity)


def test_every_second_campaign_is_of_items_much_asked_for():
    intensity = np.ones((3, 200))
    intensity[:, :10] = 1000.0
    (first, *_) = recalibration._campaigns(intensity, np.zeros((3, 200)), seed=3)
    wanted = first.intensity[0] > 3000
    assert wanted[1::2].all()
    assert not wanted[::2].any()


# ---- all together --------------------------------------------------------------------------------


def test_bursts_are_learnt_and_what_is_told_then_is_what_happens():
    """Events come four at a time: the chance of any is a quarter of what counts alone would say."""
    random = np.random.default_rng(0)
    rows = []
    for user in range(1500):
        rate = 1 + user % 8
        rows += [(f"u{user:04d}", f"i{k % 5}", random.random() * 2) for k in range(rate)]
        for item in range(5):
            bursts = random.poisson(0.04 * rate / 4)
            rows += [(f"u{user:04d}", f"i{item}", 2 + random.random())] * (4 * bursts)
    events = log_of(rows)
    parts = parts_of(events, factor=0.2)
    found = recalibrated(parts, window_of(events, parts), SETTINGS, seed=1)
    past = Histories.of(events, MIDNIGHT).lengths
    happened = happened_in(events, range(1500), range(5)) > 0
    for rate in (2, 5, 8):
        users = past == rate
        told = float(found.probability.probability(np.array([0.2 * rate / 5]))[0])
        assert told == pytest.approx(happened[users].mean(), rel=0.25)
        assert told < 0.5 * (1 - np.exp(-0.2 * rate / 5))
