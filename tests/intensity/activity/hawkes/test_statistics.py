import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from hawkes_loops import DECAYS, END, slow_features, slow_products
from intensity.conftest import HORIZON, log_of, random_log, seconds
from tsgen.data import Histories
from tsgen.intensity.activity.hawkes import (
    HawkesActivity,
    decay_grid,
)
from tsgen.intensity.activity.hawkes.statistics import event_features, gather_statistics


@pytest.mark.parametrize("ties", [False, True])
@given(seed=st.integers(0, 2**31))
def test_statistics_equal_double_loops(seed, ties):
    events = random_log(seed, ties=ties)
    found = gather_statistics(Histories.of(events, int(END * HORIZON)), DECAYS, HORIZON)
    users = [seconds(events, user) for user in range(events.num_users)]
    sums = [slow_products(times) for times in users]
    np.testing.assert_allclose(found.products, sum(s[0] for s in sums), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.tied, sum(s[1] for s in sums), rtol=1e-9, atol=1e-9)
    jumps = sum(slow_features(times, t) for times in users for t in times[1:]) + np.zeros(7)
    np.testing.assert_allclose(found.jumps, jumps, rtol=1e-9, atol=1e-12)
    assert found.num_points == len(events) - events.num_users
    rows = np.concatenate(
        list(event_features(Histories.of(events, int(END * HORIZON)), DECAYS, HORIZON))
    )
    np.testing.assert_allclose(rows.sum(axis=0), jumps, rtol=1e-9, atol=1e-12)


def test_the_rate_integrates_to_the_compensator_and_its_square_to_the_products():
    events = random_log(3, num_users=1, longest=7)
    times = seconds(events, 0)
    found = gather_statistics(Histories.of(events, int(END * HORIZON)), DECAYS, HORIZON)
    theta = np.array([0.3, 0.2, 0.1, 0.5, 0.0, 0.4, 0.7])
    edges = [*times, END]
    rate = lambda t: theta @ slow_features(times, t)  # noqa: E731
    whole = sum(quad(rate, a, b)[0] for a, b in itertools.pairwise(edges))
    square = sum(quad(lambda t: rate(t) ** 2, a, b)[0] for a, b in itertools.pairwise(edges))
    assert theta @ found.compensator == pytest.approx(whole, rel=1e-6)
    assert theta @ found.products @ theta == pytest.approx(square, rel=1e-6)


def test_groups_of_users_change_nothing(monkeypatch):
    events = random_log(4, num_users=40)
    histories = Histories.of(events, int(END * HORIZON))
    whole = gather_statistics(histories, DECAYS, HORIZON)
    monkeypatch.setattr("tsgen.intensity.activity.hawkes.statistics._CHUNK_ROWS", 20)
    parts = gather_statistics(histories, DECAYS, HORIZON)
    np.testing.assert_allclose(parts.products, whole.products)
    np.testing.assert_allclose(parts.jumps, whole.jumps)
    alone = [
        gather_statistics(histories.subset(np.array([u])), DECAYS, HORIZON).products
        for u in range(40)
    ]
    np.testing.assert_allclose(sum(alone), whole.products)


@pytest.mark.parametrize(
    ("users", "expected"),
    [
        ([[0.0, 0.5, 1.25, 3.0], [0.0, 0.125, 2.5, 2.75, 6.0]], 0.36354150743841),
        ([[0.0, 0.5, 0.5, 3.0], [0.0, 0.0, 2.5, 2.5, 2.5, 6.0]], 0.5222286334568196),
    ],
    ids=["untied", "tied"],
)
def test_the_loss_is_that_of_the_authors_library(users, expected):
    """The loss of tick 0.8.0.2's ModelHawkesSumExpKernLeastSq(decays, n_baselines=1), observed
    from 0 to 8.5 and to 7, with each user's channels [events but the first] and [0, end] (as the
    authors' code fills them), at the coefficients below; the second channel's own are 0."""
    starts = [0.0, 1.5]
    rows = [(f"u{k}", t + starts[k]) for k, times in enumerate(users) for t in times]
    found = gather_statistics(Histories.of(log_of(rows), int(8.5 * HORIZON)), DECAYS, HORIZON)
    theta = np.array([0.3, 0.2, 0.1, 0.5, 0.05, 0.4, 0.7])
    loss = theta @ (found.products - found.tied) @ theta - 2 * found.jumps @ theta
    loss /= found.num_points + 2 * found.num_users
    assert loss == pytest.approx(expected, abs=1e-12)


def test_ties_leave_the_strict_loss_convex_and_the_reference_loss_not():
    events = random_log(8, num_users=60, ties=True, longest=40)
    decays = decay_grid(20)
    found = gather_statistics(Histories.of(events, int(END * HORIZON)), decays, HORIZON)
    size = np.sqrt(np.diag(found.products))
    strict = np.linalg.eigvalsh(found.products / np.outer(size, size))
    reference = np.linalg.eigvalsh((found.products - found.tied) / np.outer(size, size))
    assert strict.min() > -1e-9
    assert reference.min() < -1e-3
    for ties in ("strict", "reference"):
        model = HawkesActivity(decays=decays, ties=ties).fit(
            Histories.of(events, int(END * HORIZON)), HORIZON
        )
        assert np.isfinite(model.coefficients).all()
        assert (model.coefficients >= 0).all()
