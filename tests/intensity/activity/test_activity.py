import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intensity.conftest import HORIZON, log_of, random_log, seconds
from tsgen.data import Histories
from tsgen.intensity.activity.base import (
    MovingAverageActivity,
    PopularityActivity,
    decayed_sums,
    last_window,
)
from tsgen.intensity.activity.customer_base import CustomerBaseActivity
from tsgen.intensity.activity.hawkes import HawkesActivity, HawkesPoissonActivity
from tsgen.intensity.activity.learned import LearnedActivity

MODELS = {
    "popularity": PopularityActivity(),
    "moving average": MovingAverageActivity(),
    "hawkes": HawkesActivity(),
    "hawkes poisson": HawkesPoissonActivity(),
    "bg-nbd": CustomerBaseActivity("bg-nbd"),
    "mbg-nbd": CustomerBaseActivity("mbg-nbd"),
    "pareto-nbd": CustomerBaseActivity("pareto-nbd"),
    "learned": LearnedActivity(max_steps=20),
}


@given(st.integers(0, 2**31), st.floats(0, 10))
def test_decayed_sums_equal_a_slow_loop(seed, at):
    events = random_log(seed, ties=True)
    decays = np.array([0.0, 1.0, 3.0])
    time = int(at * HORIZON)
    found = decayed_sums(Histories.of(events, time), decays, HORIZON)
    for user in range(events.num_users):
        ages = [(time - t) / HORIZON for t in events.time[events.user == user] if t < time]
        expected = [sum(np.exp(-d * age) for age in ages) for d in decays]
        np.testing.assert_allclose(found[user], expected, rtol=1e-12)


@given(st.integers(0, 2**31))
def test_the_last_window_counts_what_followed_and_nothing_later(seed):
    events = random_log(seed)
    past, counts = last_window(Histories.of(events, 6 * HORIZON), HORIZON, back=2)
    for user in range(events.num_users):
        times = seconds(events, user)
        assert past.lengths[user] == (times < 4).sum()
        assert counts[user] == ((times >= 4) & (times < 5)).sum()


@pytest.mark.parametrize("name", MODELS)
def test_intensities_are_expectations_of_the_state_alone(name):
    events = random_log(1, num_users=80, longest=20)
    at = Histories.of(events, 8 * HORIZON)
    model = MODELS[name].fit(at, HORIZON)
    state = model.state(at)
    intensity = model.intensity(state)
    assert intensity.shape == (80,)
    assert (np.isfinite(intensity) & (intensity >= 0)).all()
    again = MODELS[name].Fitted(**model.parameters())
    np.testing.assert_array_equal(again.intensity(state), intensity)
    # Nothing happens from 8 on, so a later request sees the same state, faded.
    later = model.state(Histories.of(events, 10 * HORIZON))
    np.testing.assert_allclose(model.intensity(state, 2.0), model.intensity(later), rtol=1e-9)
    told = model.counts(state, 0.5)
    np.testing.assert_array_equal(told.mean, model.intensity(state, 0.5))
    assert ((told.shape > 0) & (told.at_least_one() <= 1)).all()
    counts = at.lengths - Histories.of(events, 7 * HORIZON).lengths
    assert 0.3 < intensity.sum() / counts.sum() < 3


@pytest.mark.parametrize("name", MODELS)
def test_later_events_and_shifts_of_all_times_change_nothing(name):
    rows = [(f"u{u}", float(t)) for u in range(30)
            for t in np.random.default_rng(u).uniform(0, 8, 5)]  # fmt: skip
    base = log_of(rows)
    moved = log_of([(u, t if t < 6 else t + 100) for u, t in rows])
    shifted = log_of([(u, t + 3600) for u, t in rows])
    results = []
    for events, at in ((base, 6), (moved, 6), (shifted, 3606)):
        histories = Histories.of(events, at * HORIZON)
        model = MODELS[name].fit(histories, HORIZON)
        results.append(model.intensity(model.state(histories)))
    np.testing.assert_array_equal(results[1], results[0])
    np.testing.assert_allclose(results[2], results[0], rtol=1e-5)


EDGES = {
    "one user": [("a", t / 3) for t in range(24)],
    "one event a user": [(f"u{k}", k / 5) for k in range(40)],
    "all in pairs of ties": [(f"u{k % 7}", float(k // 14)) for k in range(112)],
    "gaps far shorter than the horizon": [(f"u{k % 3}", 1 + k / 90) for k in range(600)],
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("edge", EDGES)
def test_odd_logs_give_finite_intensities_to_everyone(name, edge):
    events = log_of([*EDGES[edge], ("nobody yet", 9.5)])
    histories = Histories.of(events, 8 * HORIZON)
    model = MODELS[name].fit(histories, HORIZON)
    state = model.state(histories)
    for elapsed in (0.0, 3.0):
        told = model.counts(state.astype(np.float32).astype(np.float64), elapsed)
        assert np.isfinite(told.mean).all()
        assert (told.mean >= 0).all()
        assert ((told.at_least_one() >= 0) & (told.at_least_one() <= 1)).all()
    scale = max(1, len(EDGES[edge]))
    assert model.intensity(state).sum() < 20 * scale


def test_users_who_were_not_there_yet_do_not_raise_what_is_expected_of_the_others():
    """Ten old users are quiet; ninety newcomers arrive in the last window, and are in the log."""
    random = np.random.default_rng(2)
    rows = [(f"old{k}", float(t)) for k in range(10) for t in random.uniform(0, 4, 8)]
    rows += [(f"old{k}", 7.2 + k / 50) for k in range(5)]
    rows += [(f"new{k}", float(t)) for k in range(90) for t in random.uniform(7.01, 8, 5)]
    histories = Histories.of(log_of(rows), 8 * HORIZON)
    for model in (MODELS["hawkes poisson"], MODELS["popularity"], MODELS["moving average"]):
        fitted = model.fit(histories, HORIZON)
        before = fitted.state(Histories.of(histories.events, 7 * HORIZON, np.arange(90, 100)))
        assert fitted.intensity(before).sum() == pytest.approx(5, rel=0.2)
