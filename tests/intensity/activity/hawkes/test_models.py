import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

from hawkes_loops import DECAYS, END, slow_features, slow_products
from intensity.conftest import HORIZON, log_of, random_log, seconds
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.intensity.activity.hawkes import (
    HawkesActivity,
    HawkesPoissonActivity,
    decay_grid,
    expected_count,
)
from tsgen.intensity.activity.hawkes.statistics import gather_statistics
from tsgen.metrics import calibration_table


@given(st.integers(0, 2**31))
def test_states_equal_the_features_of_a_slow_loop_and_fade_with_time(seed):
    events = random_log(seed)
    model = HawkesActivity(decays=DECAYS).fit(Histories.of(events, int(END * HORIZON)), HORIZON)
    at = Histories.of(events, int(END * HORIZON))
    state = model.state(at)
    for user in range(events.num_users):
        expected = slow_features(seconds(events, user), END)
        np.testing.assert_allclose(model.features(state)[user], expected, rtol=1e-9, atol=1e-12)
    later = model.state(Histories.of(events, int((END + 2.5) * HORIZON)))
    np.testing.assert_allclose(model.intensity(state, 2.5), model.intensity(later), rtol=1e-9)


def test_a_user_without_history_has_the_base_rate():
    events = random_log(5)
    model = HawkesActivity(decays=DECAYS, predicts="rate").fit(
        Histories.of(events, int(END * HORIZON)), HORIZON
    )
    empty = Histories.of(events, 0, np.array([0]))
    assert model.intensity(model.state(empty)) == pytest.approx(model.coefficients[-1])


def loss_of(events, theta, ridge=1e-3):
    found = gather_statistics(Histories.of(events, int(END * HORIZON)), DECAYS, HORIZON)
    count = found.num_points + 2 * found.num_users
    squares = theta @ found.products @ theta - 2 * found.jumps @ theta
    return squares / count + ridge / 2 * theta @ theta


def test_a_history_of_a_hundred_thousand_events_is_fitted_beside_short_ones():
    random = np.random.default_rng(13)
    rows = [("long", t) for t in np.sort(random.uniform(0, 500, 100_000))]
    rows += [(f"short{k}", t) for k in range(2) for t in (480.0, 490.0 + k, 499.0)]
    decays = decay_grid(5, shortest=0.01)
    histories = Histories.of(log_of(rows), 500 * HORIZON)
    model = HawkesActivity(decays=decays).fit(histories, HORIZON)
    told = model.intensity(model.state(histories))
    assert np.isfinite(told).all()
    assert told[0] == pytest.approx(200, rel=0.25)  # 100,000 in 500 horizons
    assert told[0] > 5 * told[1:].max()


def test_the_least_squares_fit_is_not_beaten_by_an_iterative_solver():
    events = random_log(6, num_users=50)
    model = HawkesActivity(decays=DECAYS).fit(Histories.of(events, int(END * HORIZON)), HORIZON)
    ours = loss_of(events, model.coefficients)
    theirs = minimize(
        lambda theta: loss_of(events, theta), np.ones(7), bounds=[(0, None)] * 7,
        method="L-BFGS-B", options={"maxiter": 1000, "ftol": 1e-15},
    )  # fmt: skip
    assert ours <= theirs.fun + 1e-9
    assert ours == pytest.approx(theirs.fun, abs=1e-6)


def test_the_likelihood_fit_is_the_optimum_of_the_double_loop():
    events = random_log(7, num_users=25)
    users = [seconds(events, user) for user in range(events.num_users)]
    rows = np.array([slow_features(times, t) for times in users for t in times[1:]])
    cost = sum(slow_products(times)[0][-1] for times in users)
    ridge = 1e-3 * (len(rows) + 2 * len(users))

    def loss(theta):
        rate = rows @ theta
        value = cost @ theta - np.log(1e-10 + rate).sum() + ridge / 2 * theta @ theta
        return value, cost - rows.T @ (1 / (1e-10 + rate)) + ridge * theta

    options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 5000}
    best = minimize(loss, np.full(7, 0.3), jac=True, bounds=[(0, None)] * 7, options=options)
    model = HawkesActivity(decays=DECAYS, objective="likelihood").fit(
        Histories.of(events, int(END * HORIZON)), HORIZON
    )
    value, slope = loss(model.coefficients)
    assert value <= best.fun + 1e-7
    assert (slope > -1e-3).all()


def test_expected_counts_solve_the_moment_equations():
    theta = np.array([0.4, 0.3, 0.2, 0.5, 0.1, 0.2, 0.6])
    weights = expected_count(theta, DECAYS)
    state = np.array([3.0, 1.5, 0.2, 2.0, 0.6, 0.05, 1.0])

    def motion(t, y):
        rate = theta @ y[:7]
        return [*(DECAYS * rate - DECAYS * y[:3]), *(-DECAYS * y[3:6]), 0.0, rate]

    solved = solve_ivp(motion, (0, 1), [*state, 0.0], rtol=1e-10, atol=1e-12)
    assert weights @ state == pytest.approx(solved.y[-1, -1], rel=1e-7)
    stiff = decay_grid(50)
    quiet = np.zeros(101)
    quiet[-1] = 2.0
    assert expected_count(quiet, stiff) @ quiet == pytest.approx(4.0, rel=1e-9)  # mu * 1 horizon


def simulate(random, base, branching, decay, num_users, span):
    """Clusters: immigrants at a constant rate, each event with Poisson(branching) children."""
    rows = []
    for user in range(num_users):
        times = [0.0]
        wave = list(random.uniform(0, span, random.poisson(base * span)))
        while wave:
            times += wave
            children = [t + random.exponential(1 / decay) for t in wave
                        for _ in range(random.poisson(branching))]  # fmt: skip
            wave = [t for t in children if t < span]
        rows += [(f"u{user:04d}", t) for t in times]
    return rows


@pytest.mark.parametrize("objective", ["squares", "likelihood"])
def test_known_coefficients_are_recovered_and_counts_are_forecast(objective):
    random = np.random.default_rng(11)
    events = log_of(simulate(random, 0.4, 0.6, 2.0, num_users=400, span=14.0))
    past = Histories.of(events, 12 * HORIZON)
    model = HawkesActivity(decays=np.array([2.0]), objective=objective, start=False).fit(
        past, HORIZON
    )
    assert model.coefficients[0] == pytest.approx(0.6, abs=0.06)
    assert model.coefficients[-1] == pytest.approx(0.4, abs=0.06)
    expected = model.intensity(model.state(past))
    counts = Histories.of(events, 13 * HORIZON).lengths - past.lengths
    assert expected.sum() == pytest.approx(counts.sum(), rel=0.1)
    table = calibration_table(expected, counts, num_groups=4)
    assert table.predicted[-1] > 2 * table.predicted[0]
    assert (np.abs(table.predicted - table.observed) < 4 * table.standard_error).all()


def test_hawkes_poisson_is_the_optimum_that_the_reference_looks_for():
    random = np.random.default_rng(12)
    events = log_of(simulate(random, 0.5, 0.5, 1.5, num_users=150, span=10.0))
    at = Histories.of(events, 10 * HORIZON)
    model = HawkesPoissonActivity(decays=DECAYS).fit(at, HORIZON)
    past = Histories.of(events, 9 * HORIZON)
    counts = at.lengths - past.lengths
    features = model.features(model.state(past))

    def loss(w):
        mean = features @ w
        return -np.mean(counts * np.log(1e-10 + mean) - mean) + 1e-3 / 2 * w @ w

    by_softplus = minimize(lambda z: loss(np.logaddexp(0, z)), np.zeros(7), method="L-BFGS-B")
    assert loss(model.weights) <= by_softplus.fun + 1e-9
    assert loss(model.weights) == pytest.approx(by_softplus.fun, abs=1e-4)
    assert model.intensity(model.state(past)).sum() == pytest.approx(counts.sum(), rel=0.02)


def test_a_window_that_weighs_half_counts_as_half_its_users():
    events = random_log(5, num_users=40, longest=20)
    six, seven, eight = (Histories.of(events, k * HORIZON) for k in (6, 7, 8))
    windows = [(seven, eight.lengths - seven.lengths), (six, seven.lengths - six.lengths)]
    part = HawkesPoissonActivity(decays=DECAYS)
    halved = part.fit_windows(windows, HORIZON, np.array([1.0, 0.5]))
    doubled = part.fit_windows([windows[0], *windows], HORIZON)
    np.testing.assert_allclose(halved.weights, doubled.weights, rtol=1e-3, atol=1e-6)
    now = Histories.of(events, 8 * HORIZON)
    three = HawkesPoissonActivity(decays=DECAYS, num_windows=12).fit(now, HORIZON)
    assert not np.allclose(three.weights, part.fit(now, HORIZON).weights, rtol=0.05)


def test_nothing_to_learn_from_is_said():
    events = random_log(9)
    with pytest.raises(DataError, match="nothing to learn"):
        HawkesActivity().fit(Histories.of(events, 0), HORIZON)
    with pytest.raises(DataError, match="last horizon before the cut-off"):
        HawkesPoissonActivity().fit(Histories.of(events, 100 * HORIZON), HORIZON)
