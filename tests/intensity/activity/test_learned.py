import numpy as np
import pytest

from intensity.conftest import HORIZON, log_of, random_log
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.intensity.activity.learned import LearnedActivity
from tsgen.training import TrainingOptions

QUIET = TrainingOptions(seed=1, device="cpu", progress=False)
DAY = 86_400


def forgetful(random, num_users, span=16.0):
    """Users with rates and weariness of their own: after a while most of them stop."""
    rows = []
    for user in range(num_users):
        rate, end = random.gamma(0.8, 2.0), random.exponential(8.0)
        start = random.uniform(0, span - 4)
        count = random.poisson(rate * min(end, span - start))
        times = [start, *random.uniform(start, start + min(end, span - start), count)]
        rows += [(f"u{user:05d}", float(t)) for t in times]
    return log_of(rows)


def test_it_learns_who_has_stopped_and_is_the_same_again():
    events = forgetful(np.random.default_rng(1), 800)
    at = Histories.of(events, 14 * HORIZON)
    model = LearnedActivity(max_steps=120).fit(at, HORIZON, QUIET)
    state = model.state(at)
    told = model.counts(state)
    later = Histories.of(events, 15 * HORIZON, at.users)
    counts = (later.lengths - at.lengths)[at.lengths > 0]
    known = told.mean[at.lengths > 0]
    assert known.sum() == pytest.approx(counts.sum(), rel=0.2)
    chance = told.at_least_one()[at.lengths > 0]
    assert chance.sum() == pytest.approx((counts > 0).sum(), rel=0.2)
    # Busy users who have been silent for long have stopped, whatever their number of events.
    busy = state[:, 20] >= 8
    silent = busy & (state[:, 19] - state[:, 18] > 4)
    recent = busy & (state[:, 19] - state[:, 18] < 0.5)
    assert told.mean[recent].mean() > 10 * told.mean[silent].mean()
    again = LearnedActivity(max_steps=120).fit(at, HORIZON, QUIET)
    np.testing.assert_array_equal(again.intensity(state), told.mean)
    other = LearnedActivity(max_steps=120).fit(at, HORIZON, QUIET.model_copy(update={"seed": 2}))
    assert np.abs(other.intensity(state) - told.mean).max() > 0


def test_it_knows_the_weekend():
    random = np.random.default_rng(4)
    rows = []
    for user in range(60):
        for day in range(70):
            rate = 1.5 if day % 7 in (2, 3) else 0.15  # 1970-01-01 was a Thursday
            times = day + random.uniform(0, 1, random.poisson(rate))
            rows += [(f"u{user:03d}", float(t) * DAY) for t in times]
    events = log_of(rows)
    at = Histories.of(events, 70 * DAY * HORIZON)  # a Thursday
    model = LearnedActivity(num_windows=16, max_steps=200).fit(at, DAY * HORIZON, QUIET)
    state = model.state(at)
    by_day = [model.intensity(state, float(k)).mean() for k in range(7)]
    weekend, week = np.array(by_day)[[2, 3]].mean(), np.array(by_day)[[0, 1, 4, 5, 6]].mean()
    assert weekend > 3 * week


def test_a_horizon_of_most_of_the_data_is_learnt_from_shorter_windows():
    events = forgetful(np.random.default_rng(7), 600)
    at = Histories.of(events, 16 * HORIZON)
    model = LearnedActivity(max_steps=60).fit(at, 15 * HORIZON, QUIET)
    assert model.span == pytest.approx(8 * HORIZON, rel=0.01)
    short = LearnedActivity(max_steps=60).fit(at, int(model.span), QUIET)
    ratio = model.intensity(model.state(at)) / short.intensity(short.state(at))
    np.testing.assert_allclose(ratio, 15 * HORIZON / model.span, rtol=1e-6)
    later = model.state(Histories.of(events, 31 * HORIZON))
    np.testing.assert_allclose(
        model.intensity(model.state(at), 1.0), model.intensity(later), rtol=1e-6
    )


def test_far_requests_stay_within_what_was_seen():
    events = forgetful(np.random.default_rng(8), 300)
    at = Histories.of(events, 14 * HORIZON)
    model = LearnedActivity(max_steps=100).fit(at, HORIZON, QUIET)
    state = model.state(at)
    far = model.intensity(state, 1e6)
    assert (far <= model.intensity(state).max()).all()
    np.testing.assert_array_equal(far, model.intensity(state, 1e9))


def test_nothing_to_learn_from_is_said():
    events = random_log(9)
    with pytest.raises(DataError, match="nothing to learn"):
        LearnedActivity().fit(Histories.of(events, 0), HORIZON)
    together = log_of([(f"u{k}", 3.0) for k in range(9)])
    with pytest.raises(DataError, match="choose a shorter horizon"):
        LearnedActivity().fit(Histories.of(together, 3 * HORIZON + 1), HORIZON)
