"""No single event, and no few hours, move the numbers by more than the data say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma

import tsgen
from tsgen.data import Histories, Interactions
from tsgen.intensity.settings import RIMSettings

HORIZON = "28D"
SPAN = 28 * 86_400 * 10**6
DAY = 86_400 * 10**6


@pytest.fixture(scope="module")
def events():
    return tsgen.load_sample("online_retail")


def fitted_at(events, at):
    past = events.where(events.time < at)
    return RIMSettings(horizon=HORIZON).activity_model().fit(Histories.of(past, at), SPAN)


def expected(model, histories):
    return model.intensity(model.state(histories))


@pytest.fixture(scope="module")
def gained(events, most=0.5):
    """What quiet users with an event in the last day did, per expected without it: upper 95 %.

    Quiet are those of whom at most so many events were expected without that event.
    """
    at = int(events.time.max()) + 1
    came, without = 0, 0.0
    for back in range(1, 5):
        now = Histories.of(events, at - back * SPAN)
        model = fitted_at(events, at - back * SPAN)
        fresh = now.subset(now.lengths > 1)
        last = fresh.at - events.time[fresh.ends - 1]
        fresh = fresh.subset(last <= DAY)
        earlier = replace(
            fresh,
            ends=np.array(
                [
                    begin + np.searchsorted(events.time[begin:end], t - DAY)
                    for begin, end, t in zip(fresh.begins, fresh.ends, fresh.at, strict=True)
                ]
            ),
        )
        before = expected(model, earlier)
        quiet = (before <= most) & (earlier.lengths > 0)
        later = Histories.of(events, at - (back - 1) * SPAN, fresh.users)
        came += int((later.lengths - fresh.lengths)[quiet].sum())
        without += float(before[quiet].sum())
    return gamma.ppf(0.95, came + 1) / max(without, 1e-9)


@pytest.mark.parametrize("age", ["1s", "6h", "1D"])
def test_an_event_just_before_the_cut_off_gains_no_more_than_in_past_windows(events, gained, age):
    at = int(events.time.max()) + 1
    model = fitted_at(events, at)
    now = Histories.of(events, at)
    before = expected(model, now)
    quiet = np.flatnonzero((now.lengths > 0) & (before <= 0.5) & (before > 0))
    late = (pd.Timestamp(at, unit="us") - pd.Timedelta(age)).tz_localize("UTC")
    added = pd.DataFrame({
        "user_id": events.users.ids[quiet],
        "item_id": events.items.ids[0],
        "timestamp": late,
    })  # fmt: skip
    table = events.to_frame()
    table["timestamp"] = pd.to_datetime(table["timestamp"], utc=True)
    longer = Interactions.from_frame(
        pd.concat([table[["user_id", "item_id", "timestamp"]], added]), on_duplicate="keep"
    )
    users = longer.users.find(list(events.users.ids[quiet]))
    after = expected(model, Histories.of(longer, at, users))
    assert after.sum() / before[quiet].sum() <= gained


def bundled(_):
    return tsgen.load_sample("online_retail"), "2011-11-01T12:00"


def groceries(shared_data):
    table = pd.read_parquet(shared_data / "events" / "complete_journey_sample.parquet")
    rows = table[["user_id", "item_id", "timestamp"]].drop_duplicates()
    return Interactions.from_frame(rows), "2017-10-01T12:00"


def lists_at(events, at, users, items, size):
    """The lists of some items among some users, by a model trained until then."""
    estimator = tsgen.RIMEstimator(horizon=HORIZON, keep_events=False)
    options = tsgen.TrainingOptions(seed=1, device="cpu", progress=False)
    scores = estimator.train(events, at=at, options=options).scores()
    dense = scores.select_users(users).select_items(items).to_frame()
    best = dense.sort_values("score", ascending=False, kind="stable").groupby("item_id")
    return {item: set(group["user_id"]) for item, group in best.head(size).groupby("item_id")}


@pytest.mark.slow
@pytest.mark.parametrize("log", [bundled, groceries])
def test_six_hours_change_at_most_a_twentieth_of_the_lists_of_users_without_new_events(
    log, shared_data
):
    events, at = log(shared_data)
    moments = [pd.Timestamp(at, tz="UTC") + pd.Timedelta(hours=h) for h in (0, 6)]
    before, after = (Histories.of(events, t.value // 1000) for t in moments)
    users = np.flatnonzero((before.lengths == after.lengths) & (before.lengths > 0))
    counts = np.asarray(before.pair_counts().sum(axis=0)).ravel()
    items = np.argsort(-counts, kind="stable")[:50]
    size = max(round(len(users) / 100), 1)
    first, later = (lists_at(events, t, users, items, size) for t in moments)
    changed = sum(len(first[item] - later[item]) for item in first)
    assert changed <= 0.05 * sum(len(list_) for list_ in first.values())


def shop_with_bursts():
    """Customers of uneven zeal who buy several things at once, for four months."""
    draw = np.random.default_rng(3)
    zeal = draw.gamma(0.6, 1.0, 400)
    visits = draw.choice(400, 2_500, p=zeal / zeal.sum())
    days = draw.uniform(0, 120, len(visits))
    each = draw.geometric(0.4, len(visits))
    taste = draw.dirichlet(np.full(30, 0.2), 400)
    items = [draw.choice(30, p=taste[user]) for user in np.repeat(visits, each)]
    hours = np.repeat(days * 24, each) + draw.uniform(0, 1, each.sum())
    table = pd.DataFrame({"user_id": np.repeat(visits, each), "item_id": items})
    table["timestamp"] = (pd.Timestamp("2024-01-01") + pd.to_timedelta(hours, "h")).round("s")
    return Interactions.from_frame(table, on_duplicate="keep")


def test_six_hours_change_nothing_that_is_learnt_and_hardly_a_list():
    events, horizon = shop_with_bursts(), "14D"
    moments = [pd.Timestamp("2024-04-15T06:00", tz="UTC") + pd.Timedelta(hours=h) for h in (0, 6)]
    options = tsgen.TrainingOptions(seed=1, device="cpu", progress=False)
    first, later = (
        tsgen.RIMEstimator(horizon=horizon, keep_events=False).train(events, at=t, options=options)
        for t in moments
    )
    for name, array in first.parts.activity.arrays().items():
        np.testing.assert_array_equal(later.parts.activity.arrays()[name], array)
    for name, array in vars(first.parts.pairs.network).items():
        np.testing.assert_array_equal(getattr(later.parts.pairs.network, name), array)
    before, after = (Histories.of(events, t.value // 1000) for t in moments)
    same = np.flatnonzero((before.lengths == after.lengths) & (before.lengths > 0))
    quiet = set(events.users.ids[same])
    chosen = []
    for model in (first, later):
        table = model.scores().to_frame()
        best = table[table["user_id"].isin(quiet)].sort_values("score", ascending=False)
        groups = best.groupby("item_id").head(20)  # 5 %, for 1 % would be four users
        chosen.append(set(zip(groups["user_id"], groups["item_id"], strict=True)))
    assert len(chosen[0]) == 600
    assert len(chosen[0] - chosen[1]) <= 0.05 * 600


def test_no_midnight_changes_lists_at_once():
    """The six hours until midnight, after which what is learnt ends a day later: as any others."""
    events, places = shop_with_bursts(), []
    moments = [pd.Timestamp("2024-04-15T18:00", tz="UTC") + pd.Timedelta(hours=h) for h in (0, 6)]
    options = tsgen.TrainingOptions(seed=1, device="cpu", progress=False)
    before, after = (Histories.of(events, t.value // 1000) for t in moments)
    quiet = np.flatnonzero((before.lengths == after.lengths) & (before.lengths > 0))
    for t in moments:
        model = tsgen.RIMEstimator(horizon="7D", keep_events=False).train(
            events, at=t, options=options
        )
        dense = model.scores().select_users(quiet).block(slice(0, len(quiet)), slice(0, 30))
        places.append(np.argsort(-dense, axis=0, kind="stable")[:20])  # 5 %, see above
    changed = sum(len(np.setdiff1d(*lists)) for lists in zip(*(p.T for p in places), strict=True))
    assert changed <= 0.02 * 600  # learnt until each midnight alone, it was 3.8 %
