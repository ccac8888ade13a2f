"""No single event moves a user by more than many users' events support."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Histories, Interactions
from tsgen.intensity.activity import HawkesActivity, HawkesPoissonActivity, decay_grid
from tsgen.intensity.activity.hawkes.scale_support import gap_support, recent_support

DAY = 86_400 * 10**6
DAYS = 120


def steady_log(seed, num_users=1_500):
    """Poisson purchases at rates that differ as a gamma distribution does; nothing excites."""
    random = np.random.default_rng(seed)
    count = random.poisson(random.gamma(0.7, 1 / 0.7, num_users) * 0.05 * DAYS)
    days = pd.to_timedelta(random.uniform(0, DAYS, count.sum()), "D").floor("s")
    table = pd.DataFrame({"user_id": np.repeat(np.arange(num_users), count), "item_id": "i"})
    return table.assign(timestamp=pd.Timestamp("2024-01-01") + days)


def intensity(table, activity, at, extra=None):
    """Return each user's intensity after learning from `table`; `extra` is not learnt from."""
    read = Interactions.from_frame
    fitted = activity.fit(Histories.of(read(table), at), 28 * DAY)
    events = read(pd.concat([table, extra])) if extra is not None else read(table)
    past = Histories.of(events, at)
    return pd.Series(fitted.intensity(fitted.state(past)), events.users.ids)


@pytest.mark.parametrize("kind", [HawkesPoissonActivity, HawkesActivity])
@pytest.mark.parametrize("seconds", [1, 3_600, 86_400])
def test_an_event_just_now_moves_a_user_as_far_as_such_events_moved_others(kind, seconds):
    table = steady_log(0)
    at = int((pd.Timestamp("2024-01-01") + pd.Timedelta(days=DAYS)).value // 1_000)
    activity = kind(decays=decay_grid(20), support=50)
    moment = pd.Timestamp("2024-01-01") + pd.Timedelta(days=DAYS) - pd.Timedelta(seconds=seconds)
    buyers = table["user_id"].value_counts()
    users = [buyers.index[buyers == n][0] for n in (1, 3, 9)]
    extra = pd.DataFrame({"user_id": users, "item_id": "i", "timestamp": moment})
    without, moved = (intensity(table, activity, at, more) for more in (None, extra))
    # Of gamma rates (shape .7) over 120 days, one purchase more adds 28 / (120 + 14) = .21 on
    # average; what the recent weigh more than the old comes on top.
    assert ((moved - without)[users] < 1.5).all()


def test_stationary_shops_give_the_same_numbers_six_hours_later():
    table = steady_log(1)
    end = pd.Timestamp("2024-01-01") + pd.Timedelta(days=DAYS)
    events = Interactions.from_frame(table)
    fitted = HawkesPoissonActivity(decays=decay_grid(20), support=50).fit(
        Histories.of(events, int(events.time.max()) + 1), 28 * DAY
    )
    state = fitted.state(Histories.of(events, int(end.value // 1_000)))
    now, later = fitted.intensity(state), fitted.intensity(state, 0.25 / 28)
    np.testing.assert_allclose(later, now, rtol=0.1)
    best = [set(np.argsort(-x, kind="stable")[:75]) for x in (now, later)]
    assert len(best[0] - best[1]) <= 0.05 * 75


@pytest.mark.parametrize("seed", [0, 1])
def test_a_steady_shop_is_expected_to_go_on_as_it_did(seed):
    """A scale longer than the log sums up more as the log grows; the level must not."""
    table = steady_log(seed)
    at = int((pd.Timestamp("2024-01-01") + pd.Timedelta(days=DAYS)).value // 1_000)
    expected = intensity(table, HawkesPoissonActivity(decays=decay_grid(20), support=50), at).sum()
    assert expected == pytest.approx(len(table) / DAYS * 28, rel=0.06)


def log_of_days(rows):
    table = pd.DataFrame(rows, columns=["user_id", "day"]).assign(item_id="i")
    table["timestamp"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(table.pop("day"), "D")
    return Interactions.from_frame(table, on_duplicate="keep")


def test_a_scale_is_supported_by_those_with_an_event_that_recent():
    events = log_of_days([
        *((f"a{k}", day) for k in range(3) for day in (0.2, 9.4 + 0.1 * k)),
        *((f"b{k}", day) for k in range(3) for day in (1.3, 5.17)),
        ("c", 9.95),
    ])  # fmt: skip
    past = Histories.of(events, int(pd.Timestamp("2024-01-11").value // 1_000))
    decays = 1 / np.array([0.1, 0.7, 5.0, 20.0])
    last = recent_support([past], decays, DAY, 3)
    assert last.tolist() == [False, True, True, True, False, False, False, True, True]
    gaps = gap_support(past, decays, DAY, 3)  # first to second events alone, 3.9 days and more
    assert gaps.tolist() == [False] * 6 + [True, True, True]
    assert recent_support([past], decays, DAY, 0).all()
    halves = recent_support([past, past], decays, DAY, 3, np.array([0.5, 0.5]))
    assert halves.tolist() == last.tolist()
    less = recent_support([past, past], decays, DAY, 3, np.array([0.5, 0.2]))
    assert less.tolist() == [False] * 2 + [True] * 2 + [False] * 3 + [True] * 2


def test_scales_below_the_stamps_carry_no_weight():
    rows = [(user, day) for user in range(40) for day in range(user % 3, 30, 3)]
    past = Histories.of(log_of_days(rows), int(pd.Timestamp("2024-01-31").value // 1_000))
    decays = 1 / np.array([0.01, 0.02, 0.05, 0.2])
    supported = recent_support([past], decays, 30 * DAY, 2)
    assert supported[:4].tolist() == [False, False, True, True]
