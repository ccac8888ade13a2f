import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import beta, gamma, hyp2f1

from intensity.conftest import HORIZON, log_of, random_log, seconds
from tsgen.data import Histories
from tsgen.intensity.activity import (
    MovingAverageActivity,
    PopularityActivity,
    decayed_sums,
    last_window,
)
from tsgen.intensity.customer_base import (
    CustomerBaseActivity,
    bgnbd_expected,
    bgnbd_log_likelihood,
)
from tsgen.intensity.hawkes import HawkesActivity, HawkesPoissonActivity

MODELS = {
    "popularity": PopularityActivity(),
    "moving average": MovingAverageActivity(),
    "hawkes": HawkesActivity(),
    "hawkes poisson": HawkesPoissonActivity(),
    "customer base": CustomerBaseActivity(),
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
    again = type(model)(**model.parameters())
    np.testing.assert_array_equal(again.intensity(state), intensity)
    # Nothing happens from 8 on, so a later request sees the same state, faded.
    later = model.state(Histories.of(events, 10 * HORIZON))
    np.testing.assert_allclose(model.intensity(state, 2.0), model.intensity(later), rtol=1e-9)
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


@given(
    st.tuples(*[st.floats(0.2, 4)] * 4),
    st.integers(0, 12),
    st.floats(0.1, 5),
    st.floats(0, 5),
)
def test_the_customer_base_likelihood_is_the_papers_formula(parameters, x, last, more):
    r, alpha, a, b = parameters
    last = last if x else 0.0
    age = last + more + 0.01
    value = beta(a, b + x) / beta(a, b) * gamma(r + x) * alpha**r
    value /= gamma(r) * (alpha + age) ** (r + x)
    if x:
        value += (
            beta(a + 1, b + x - 1) / beta(a, b) * gamma(r + x) * alpha**r
            / (gamma(r) * (alpha + last) ** (r + x))
        )  # fmt: skip
    found = bgnbd_log_likelihood(
        np.array(parameters), np.array([float(x)]), np.array([last]), np.array([age])
    )
    assert found[0] == pytest.approx(np.log(value), rel=1e-9, abs=1e-9)
    if abs(a - 1) > 0.01:
        z = 1 / (alpha + age + 1)
        grown = ((alpha + age) / (alpha + age + 1)) ** (r + x)
        grown *= hyp2f1(r + x, b + x, a + b + x - 1, z)
        plain = (a + b + x - 1) / (a - 1) * (1 - grown)
        if x:
            plain /= 1 + a / (b + x - 1) * ((alpha + age) / (alpha + last)) ** (r + x)
        expected = bgnbd_expected(
            np.array(parameters), np.array([float(x)]), np.array([last]), np.array([age])
        )
        assert expected[0] == pytest.approx(plain, rel=1e-6)


def test_expected_purchases_stay_finite_for_thousands_of_events_and_at_a_of_one():
    for a in (0.5, 1.0, 2.0):
        found = bgnbd_expected(
            np.array([0.5, 2.0, a, 2.0]),
            np.array([0.0, 5.0, 100_000.0]),
            np.array([0.0, 3.0, 50.0]),
            np.array([1.0, 4.0, 50.0]),
        )
        assert np.isfinite(found).all()
        # 100,000 in 50 horizons, shrunk by alpha; drop-out takes at most 2000 * a / (b + x) of it.
        assert found[2] == pytest.approx(100_000.5 / 52, rel=0.04)


def test_a_simulated_customer_base_is_recovered_and_forecast():
    random = np.random.default_rng(3)
    rows = []
    for user in range(4000):
        rate, drop = random.gamma(0.8, 1 / 0.5), random.beta(1.2, 3.0)
        time = float(random.uniform(0, 2))
        while time < 12:
            rows.append((f"u{user:05d}", time))
            if len(rows) > 1 and rows[-2][0] == rows[-1][0] and random.random() < drop:
                break
            time += random.exponential(1 / rate)
    events = log_of(rows)
    at = Histories.of(events, 8 * HORIZON)
    model = CustomerBaseActivity().fit(at, HORIZON)
    r, alpha, a, b = model.parameters_
    assert r == pytest.approx(0.8, rel=0.15)
    assert alpha == pytest.approx(0.5, rel=0.2)
    assert a / (a + b) == pytest.approx(1.2 / 4.2, rel=0.2)
    counts = Histories.of(events, 9 * HORIZON).lengths - at.lengths
    assert model.intensity(model.state(at)).sum() == pytest.approx(counts.sum(), rel=0.06)


def test_events_at_one_time_are_one_visit():
    rows = [(f"u{u}", float(t)) for u in range(200)
            for t in np.cumsum(np.random.default_rng(u).exponential(1.0, 6))]  # fmt: skip
    single, triple = log_of(rows), log_of([row for row in rows for _ in range(3)])
    found = []
    for events in (single, triple):
        at = Histories.of(events, 6 * HORIZON)
        model = CustomerBaseActivity().fit(at, HORIZON)
        found.append(model.intensity(model.state(at)))
    np.testing.assert_allclose(found[1], 3 * found[0], rtol=1e-6)
