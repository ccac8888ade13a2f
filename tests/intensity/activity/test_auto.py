"""Activity stacked by past horizons: who is active is learnt, how much is Hawkes-Poisson's."""

import numpy as np
import pytest

from intensity.conftest import HORIZON, log_of, random_log, read_back
from tsgen.data import Histories
from tsgen.intensity.activity import AutoActivity, MovingAverageActivity, decay_grid
from tsgen.intensity.activity.level import Guesses, PastLevel, corrected_total
from tsgen.intensity.settings import RIMSettings

PART = AutoActivity(support=0)


def steady(num_users=40, length=9.0, seed=0):
    """Users of very different rates that never change."""
    random = np.random.default_rng(seed)
    rates = random.gamma(0.5, 4.0, num_users)
    return log_of([
        (f"u{user:02d}", float(t))
        for user in range(num_users)
        for t in random.uniform(0, length, 1 + random.poisson(rates[user] * length))
    ])  # fmt: skip


def test_the_total_is_held_back_and_corrected_and_the_shares_are_mixed():
    """By hand, from the models fitted at each time."""
    events = steady()
    at = Histories.of(events, 9 * HORIZON)
    stack = PART.fit(at, HORIZON)
    found = stack.intensity(stack.state(at))
    total = total_by_hand(events, 9)
    assert found.sum() == pytest.approx(total)
    models = {name: m.fit(at, HORIZON) for name, m in PART.models.items()}
    expected = {name: m.intensity(m.state(at)) for name, m in models.items()}
    weights = stack.choice["weights"]
    assert sum(weights.values()) == pytest.approx(1, abs=1e-3)
    mixed = sum(w * total * expected[n] / expected[n].sum() for n, w in weights.items())
    np.testing.assert_allclose(found, mixed, rtol=1e-2)  # weights are told in four digits


def guesses_at(events, horizons):
    """Hawkes-Poisson's total, users now as active as those of the last horizon, and what came."""
    now, before = (Histories.of(events, k * HORIZON) for k in (horizons, horizons - 1))
    model = PART.models["hawkes-poisson"].fit(now, HORIZON)
    some, known = now.lengths > 0, before.lengths > 0
    expected = model.intensity(model.state(now))[some].sum()
    came = (now.lengths - before.lengths)[known]
    return Guesses(expected, came.mean() * some.sum(), came.sum())


def total_by_hand(events, horizons, windows=3):
    past = []
    for begin in range(horizons - windows, horizons):
        before, after = (Histories.of(events, k * HORIZON) for k in (begin, begin + 1))
        came = (after.lengths - before.lengths)[before.lengths > 0].sum()
        past.append(PastLevel(guesses_at(events, begin), came))
    reach = horizons - events.time.min() / HORIZON
    return corrected_total(guesses_at(events, horizons), reach, past)


def test_in_the_windows_that_choose_no_model_is_better_and_steady_rates_are_counted():
    stack = PART.fit(Histories.of(steady(), 9 * HORIZON), HORIZON)
    scores = stack.choice["scores"]
    assert stack.choice["windows"] == 3
    assert all(scores["stack"] >= scores[name] - 1e-3 for name in PART.models)
    assert stack.choice["weights"]["popularity"] > 0.5  # all the past counts alike


@pytest.mark.parametrize(
    ("horizon", "shortest"),
    [("28D", 0.5), ("4D", 0.5), ("3D", 2 / 3), ("2D", 1.0), ("1D", 2.0), ("12h", 0.5)],
)
def test_no_time_scale_is_below_half_a_horizon_nor_of_whole_days_below_two(horizon, shortest):
    activity = RIMSettings(horizon=horizon).activity_model()
    assert 1 / activity.decays.max() == pytest.approx(shortest)


def test_a_model_chosen_by_the_caller_keeps_its_time_scales():
    assert RIMSettings(horizon="28D", activity="hawkes-poisson").decays.max() > 1e5


@pytest.mark.parametrize("horizons", [2, 3, 4])
def test_no_past_horizon_comes_in_at_once(horizons):
    """Just before and after another one is in the log, shares and totals are the same."""
    events, moment = steady(), horizons * HORIZON
    part = AutoActivity(decays=decay_grid(6, shortest=0.1), support=0)
    first = int(events.time.min())
    shares, totals = [], []
    for at in (first + moment - 10, first + moment + 10):
        now = Histories.of(events, at)
        fitted = part.fit(now, HORIZON)
        expected = fitted.intensity(fitted.state(now))
        totals.append(expected.sum())
        shares.append(expected / expected.sum())
    np.testing.assert_allclose(*shares, rtol=1e-3)
    np.testing.assert_allclose(*totals, rtol=1e-3)


def test_scores_are_the_mean_log_share_of_the_users_of_later_events():
    """One window, by hand."""
    events = steady()
    part = AutoActivity(support=0, num_windows=1)
    choice = part.fit(Histories.of(events, 9 * HORIZON), HORIZON).choice
    past = Histories.of(events, 8 * HORIZON)
    counts = Histories.of(events, 9 * HORIZON).lengths - past.lengths
    known = past.lengths > 0
    for name, model in part.models.items():
        fitted = model.fit(past.subset(known), HORIZON)
        expected = fitted.intensity(fitted.state(past.subset(known)))
        score = np.average(np.log(expected / expected.sum()), weights=counts[known])
        assert choice["scores"][name] == pytest.approx(score, abs=1e-4)


def test_a_log_without_a_window_before_gets_hawkes_poisson():
    at = Histories.of(steady(), int(1.8 * HORIZON))
    stack = PART.fit(at, HORIZON)
    alone = PART.models["hawkes-poisson"].fit(at, HORIZON)
    assert stack.choice == {
        "windows": 0,
        "weights": {"hawkes-poisson": 1.0, "moving-average": 0.0, "popularity": 0.0},
    }
    found, expected = stack.intensity(stack.state(at)), alone.intensity(alone.state(at))
    level = found.sum() / expected.sum()  # of a log so short, see `corrected_total`
    np.testing.assert_allclose(found, level * expected, rtol=1e-9)


def test_it_is_read_back_with_all_its_models():
    at = Histories.of(random_log(4, num_users=50, longest=20), 8 * HORIZON)
    stack = PART.fit(at, HORIZON)
    again, state = read_back(PART, stack), stack.state(at)
    np.testing.assert_array_equal(again.state(at), state)
    for elapsed in (0.0, 2.5):
        np.testing.assert_array_equal(
            again.intensity(state, elapsed), stack.intensity(state, elapsed)
        )


def test_stacks_at_several_times_are_those_fitted_alone_and_share_their_windows(monkeypatch):
    at, fits = Histories.of(steady(), 9 * HORIZON), []
    fit = MovingAverageActivity.fit_mean

    def counted(self, histories, *rest):
        fits.append(int(histories.at.max()))
        return fit(self, histories, *rest)

    monkeypatch.setattr(MovingAverageActivity, "fit_mean", counted)
    fitter = PART.fitter(at, HORIZON)
    stacks = [fitter(back) for back in range(3)]
    assert sorted(fits) == [k * HORIZON for k in (4, 5, 6, 7, 8, 9)]  # once each
    for back, stack in enumerate(stacks):
        past = at.earlier(back * HORIZON)
        alone = PART.fit(past, HORIZON)
        assert stack.choice == alone.choice
        np.testing.assert_allclose(
            stack.intensity(stack.state(past)), alone.intensity(alone.state(past))
        )


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_blend_of_two_times_shares_out_the_total_of_one_as_both_do(share):
    """Whatever the weights and coefficients of each, also after some time without an event."""
    at = Histories.of(steady(seed=2), 9 * HORIZON)
    fitter = PART.fitter(at, HORIZON)
    now, before = fitter(0), fitter(2)
    blend = now.blended(before, share, at)
    for elapsed in (0.0, 1.5):
        own, other, found = (s.intensity(s.state(at), elapsed) for s in (now, before, blend))
        mean = (1 - share) * own + share * other
        np.testing.assert_allclose(found / found.sum(), mean / mean.sum(), rtol=1e-9)
    found = blend.intensity(blend.state(at))
    assert found.sum() == pytest.approx(now.intensity(now.state(at)).sum())
    assert not np.allclose(now.intensity(now.state(at)), before.intensity(now.state(at)), rtol=0.02)
    again = read_back(PART, blend)
    np.testing.assert_array_equal(again.intensity(again.state(at)), found)


@pytest.mark.parametrize("name", list(PART.models))
def test_a_model_without_its_distribution_expects_the_same(name):
    at = Histories.of(steady(), 9 * HORIZON)
    whole, mean = (fit(at, HORIZON) for fit in (PART.models[name].fit, PART.models[name].fit_mean))
    np.testing.assert_array_equal(*(one.intensity(one.state(at)) for one in (whole, mean)))
    assert not np.array_equal(whole.dispersion, mean.dispersion)
