import numpy as np
import pandas as pd
import pytest

from intensity.conftest import HORIZON, log_of, read_back
from tsgen import Interactions
from tsgen.data import Histories
from tsgen.intensity.activity.customer_base import CustomerBaseActivity, visit_summary
from tsgen.intensity.activity.purchase_models import PURCHASE_MODELS
from tsgen.intensity.parts import SavedPart

# Published estimates for the 2,357 CDNOW customers and 39 weeks: Fader, Hardie, Lee (2005). Those
# of MBG/NBD are lifetimes' on the same customers.
CDNOW = {
    "bg-nbd": [0.243, 4.414, 0.793, 2.426],
    "mbg-nbd": [0.525, 6.183, 0.891, 1.614],
    "pareto-nbd": [0.553, 10.578, 0.606, 11.669],
}


# lifetimes' fits of all 23,570 customers up to 1997-09-30, in weeks (penalizer 0).
LIFETIMES_FITS = {
    "bg-nbd": [0.2516, 4.7889, 0.7234, 2.1611],
    "mbg-nbd": [0.6371, 7.3103, 0.8075, 1.2284],
    "pareto-nbd": [0.5974, 11.586, 0.5222, 8.8279],
}


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_the_fit_of_cdnow_is_that_of_lifetimes_and_near_the_published_one(name, shared_data):
    table = pd.read_parquet(shared_data / "events" / "cdnow.parquet")
    events = Interactions.from_frame(
        table[["user_id", "item_id", "timestamp"]], on_duplicate="keep"
    )
    week = 7 * 86_400 * 10**6
    at = Histories.of(events, pd.Timestamp("1997-09-30").value // 1000 + 1)
    state = visit_summary(at, week)
    found = CustomerBaseActivity(name)._parameters(state)
    np.testing.assert_allclose(found, LIFETIMES_FITS[name], rtol=0.02)
    likelihood = [
        PURCHASE_MODELS[name].log_likelihood(np.array(p), *state[:, :3].T).mean()
        for p in (found, LIFETIMES_FITS[name], CDNOW[name])
    ]
    assert likelihood[0] >= likelihood[1] - 1e-5
    assert likelihood[2] > likelihood[0] - 1e-3  # a tenth of the customers says nearly the same


def simulate(name, random, num_users=4000):
    """Customers with r = 0.8, alpha = 0.5 and drop-out parameters 1.2, 3.0, up to time 12."""
    rows = []
    for user in range(num_users):
        rate = random.gamma(0.8, 1 / 0.5)
        chance = 0.0 if name == "pareto-nbd" else random.beta(1.2, 3.0)
        time = float(random.uniform(0, 2))
        end = 12.0
        if name == "pareto-nbd":
            end = min(end, time + random.exponential(1 / random.gamma(1.2, 1 / 3.0)))
        first = True
        while time < end:
            rows.append((f"u{user:05d}", time))
            may_drop = name == "mbg-nbd" or (name == "bg-nbd" and not first)
            if may_drop and random.random() < chance:
                break
            first = False
            time += random.exponential(1 / rate)
    return log_of(rows)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_simulated_customers_are_recovered_and_forecast(name):
    events = simulate(name, np.random.default_rng(3))
    at = Histories.of(events, 8 * HORIZON)
    model = CustomerBaseActivity(name).fit(at, HORIZON)
    r, alpha, third, fourth = model.parameters_
    assert r == pytest.approx(0.8, rel=0.15)
    assert alpha == pytest.approx(0.5, rel=0.2)
    dropping = (third, fourth) if name == "pareto-nbd" else (third, third + fourth)
    truth = (1.2, 3.0) if name == "pareto-nbd" else (1.2, 4.2)
    assert dropping[0] / dropping[1] == pytest.approx(truth[0] / truth[1], rel=0.2)
    counts = Histories.of(events, 9 * HORIZON).lengths - at.lengths
    told = model.counts(model.state(at))
    assert told.mean.sum() == pytest.approx(counts.sum(), rel=0.06)
    assert told.at_least_one().sum() == pytest.approx((counts > 0).sum(), rel=0.1)


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


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_a_users_expectation_does_not_depend_on_who_else_is_asked_about(name):
    draw = np.random.default_rng(4)
    rows = [(f"u{u}", float(t)) for u in range(60) for t in np.cumsum(draw.exponential(1.0, 6))
            for _ in range(draw.integers(1, 5))]  # fmt: skip
    at = Histories.of(log_of(rows), 6 * HORIZON)
    model = CustomerBaseActivity(name).fit(at, HORIZON)
    together = model.intensity(model.state(at))
    for user in (0, 7, 31):
        alone = at.subset(np.array([user]))
        np.testing.assert_array_equal(model.intensity(model.state(alone)), together[[user]])
    part = CustomerBaseActivity(name)
    restored = read_back(part, model)
    np.testing.assert_array_equal(restored.intensity(restored.state(at)), together)
    older = {k: np.atleast_1d(v) for k, v in model.arrays().items() if k != "usual"}
    saved_before = part.from_arrays(older, SavedPart())
    np.testing.assert_allclose(saved_before.intensity(saved_before.state(at)), together)
