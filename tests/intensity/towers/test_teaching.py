import numpy as np

from tsgen.data import Histories
from tsgen.intensity.towers.teaching import lessons_of, teaching_requests, teaching_shares


def now_of(model):
    return Histories.of(model.log, model.states.at)


def test_requests_are_asked_now_and_earlier(teacher):
    now, span = now_of(teacher), teacher.settings.span
    requests = teaching_requests(now, span, seed=0)
    assert sorted(set((now.at[0] - requests.at) // span)) == [0, 1, 2]
    today = requests.users[requests.at == now.at[0]]
    assert len(set(today)) == len(today)
    assert set(np.flatnonzero(now.lengths > 0)) <= set(today)


def test_no_request_sees_what_comes_after_it(teacher):
    requests = teaching_requests(now_of(teacher), teacher.settings.span, seed=0)
    _, rows = requests.flat()
    asked = np.repeat(requests.at, requests.lengths)
    assert (requests.events.time[rows] < asked).all()


def test_shares_times_activity_are_the_intensities_of_the_model(teacher):
    shares, activity = teaching_shares(teacher.parts, now_of(teacher), teacher.settings.span)
    n, m = shares.shape
    given = activity[:, None] * shares.block(slice(0, n), slice(0, m))
    np.testing.assert_allclose(given.sum(axis=1), activity, rtol=1e-3)
    wanted = teacher.scores().block(slice(0, n), slice(0, m))
    warm = np.isfinite(teacher.parts.relevance.item_bias)  # the other takes a little of all
    lifted = given[:, warm] * teacher.states.lift[:, None]
    ratio = wanted[:, warm] / lifted / teacher.parts.seen_share
    assert (np.ptp(ratio, axis=1) < 2e-3).all()
    assert ((ratio > 0.9) & (ratio < 1.001)).all()


def test_lessons_fit_together(teacher):
    now = now_of(teacher)
    lessons = lessons_of(teacher.parts, now, teacher.settings.span, 3)
    assert lessons.inputs.shape == (len(now), 2 * len(teacher.items) + 6)
    assert lessons.seen.shape == lessons.shares.shape
    assert lessons.now.all()
    assert lessons.seed == 3
