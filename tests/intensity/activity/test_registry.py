"""Every activity model that has a name, and what they all promise."""

import numpy as np
import pytest

from intensity.conftest import HORIZON, log_of, random_log, read_back
from tsgen.data import Histories
from tsgen.intensity.activity import ACTIVITIES, LearnedActivity
from tsgen.intensity.settings import RIMSettings

MODELS = {
    name: RIMSettings(activity=name, scale_support=0).activity_model()
    for name in ACTIVITIES.kinds
    if name not in ("none", "gluonts", "hawkes-reference")
} | {"learned": LearnedActivity(max_steps=20)}


@pytest.mark.parametrize("name", MODELS)
def test_intensities_are_expectations_of_the_state_alone(name):
    events = random_log(1, num_users=80, longest=20)
    at = Histories.of(events, 8 * HORIZON)
    model = MODELS[name].fit(at, HORIZON)
    state = model.state(at)
    intensity = model.intensity(state)
    assert intensity.shape == (80,)
    assert (np.isfinite(intensity) & (intensity >= 0)).all()
    again = read_back(MODELS[name], model)
    np.testing.assert_array_equal(again.intensity(state), intensity)
    # Nothing happens from 8 on, so a later request sees the same state, faded.
    later = model.state(Histories.of(events, 10 * HORIZON))
    np.testing.assert_allclose(model.intensity(state, 2.0), model.intensity(later), rtol=1e-9)
    expected = model.counts(state, 0.5)
    np.testing.assert_array_equal(expected.mean, model.intensity(state, 0.5))
    assert ((expected.shape > 0) & (expected.at_least_one() <= 1)).all()
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
        expected = model.counts(state.astype(np.float32).astype(np.float64), elapsed)
        assert np.isfinite(expected.mean).all()
        assert (expected.mean >= 0).all()
        assert ((expected.at_least_one() >= 0) & (expected.at_least_one() <= 1)).all()
    scale = max(1, len(EDGES[edge]))
    assert model.intensity(state).sum() < 20 * scale


def test_users_who_were_not_there_yet_do_not_raise_what_is_expected_of_the_others():
    """Ten old users are quiet; ninety newcomers arrive in the last window, and are in the log."""
    random = np.random.default_rng(2)
    rows = [(f"old{k}", float(t)) for k in range(10) for t in random.uniform(0, 4, 8)]
    rows += [(f"old{k}", 7.2 + k / 50) for k in range(5)]
    rows += [(f"new{k}", float(t)) for k in range(90) for t in random.uniform(7.01, 8, 5)]
    histories = Histories.of(log_of(rows), 8 * HORIZON)
    for model in (MODELS["hawkes-poisson"], MODELS["popularity"], MODELS["moving-average"]):
        fitted = model.fit(histories, HORIZON)
        before = fitted.state(Histories.of(histories.events, 7 * HORIZON, np.arange(90, 100)))
        assert fitted.intensity(before).sum() == pytest.approx(5, rel=0.2)
