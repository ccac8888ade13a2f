"""Against the papers' formulas, simulation, and the package `lifetimes`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta, betaln, gamma, hyp2f1

from tsgen.intensity.activity.purchase_models import PURCHASE_MODELS

# Published estimates for the 2,357 CDNOW customers and 39 weeks: Fader, Hardie, Lee (2005). Those
# of MBG/NBD are lifetimes' on the same customers.
CDNOW = {
    "bg-nbd": [0.243, 4.414, 0.793, 2.426],
    "mbg-nbd": [0.525, 6.183, 0.891, 1.614],
    "pareto-nbd": [0.553, 10.578, 0.606, 11.669],
}
# Four customers: repeats, week of the last visit, weeks.
CUSTOMERS = np.array([[0, 0, 38.86], [2, 30.43, 38.86], [26, 30.86, 31.0], [5, 10.0, 38.0]]).T
# lifetimes 0.11.3 (numpy 1.26, scipy 1.13) with params_ set to CDNOW: visits expected in 39 weeks
# more by conditional_expected_number_of_purchases_up_to_time, and conditional_probability_alive.
LIFETIMES = {
    "bg-nbd": ([0.195098, 1.226028, 20.749726, 0.106376], [1.0, 0.726579, 0.968916, 0.027482]),
    "mbg-nbd": ([0.154013, 1.262961, 19.450723, 0.107726],
                [0.389735, 0.706202, 0.965566, 0.02807]),
    "pareto-nbd": ([0.107081, 1.455123, 20.117026, 0.191301],
                   [0.295287, 0.869168, 0.997919, 0.051754]),
}  # fmt: skip

past = (st.tuples(*[st.floats(0.2, 4)] * 4), st.integers(0, 12), st.floats(0.1, 5),
        st.floats(0, 5))  # fmt: skip


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_expectations_and_chances_are_those_of_lifetimes(name):
    model, parameters = PURCHASE_MODELS[name], np.array(CDNOW[name])
    expected, active = LIFETIMES[name]
    np.testing.assert_allclose(model.expected(parameters, *CUSTOMERS, 39.0), expected, atol=1e-6)
    np.testing.assert_allclose(model.active(parameters, *CUSTOMERS), active, atol=1e-6)


def likelihood(name, parameters, x, last, age):
    """The papers' formulas, as they stand; Pareto/NBD by the integral over the drop-out time."""
    r, alpha, a, b = parameters
    rate = gamma(r + x) * alpha**r / gamma(r)
    if name == "pareto-nbd":
        left = (b / (b + age)) ** a * rate / (alpha + age) ** (r + x)
        gone = quad(lambda t: a * b**a / (b + t) ** (a + 1) * rate / (alpha + t) ** (r + x),
                    last, age, epsabs=1e-13)  # fmt: skip
        return left, gone[0]
    more = 1 if name == "mbg-nbd" else 0
    left = beta(a, b + x + more) / beta(a, b) * rate / (alpha + age) ** (r + x)
    if x + more == 0:
        return left, 0.0
    gone = beta(a + 1, b + x + more - 1) / beta(a, b) * rate / (alpha + last) ** (r + x)
    return left, gone


@pytest.mark.parametrize("name", PURCHASE_MODELS)
@given(*past)
def test_likelihoods_are_the_papers_formulas(name, parameters, x, last, more):
    last = last if x else 0.0
    age = last + more + 0.01
    left, gone = likelihood(name, parameters, x, last, age)
    model = PURCHASE_MODELS[name]
    arrays = [np.array([float(v)]) for v in (x, last, age)]
    found = model.log_likelihood(np.array(parameters), *arrays)
    assert found[0] == pytest.approx(np.log(left + gone), rel=1e-7, abs=1e-7)
    active = model.active(np.array(parameters), *arrays)
    assert active[0] == pytest.approx(left / (left + gone), rel=1e-6, abs=1e-9)


@given(*past)
def test_expected_visits_of_bg_nbd_are_the_papers_formula(parameters, x, last, more):
    r, alpha, a, b = parameters
    if abs(a - 1) < 0.01:
        return
    last = last if x else 0.0
    age = last + more + 0.01
    z = 1 / (alpha + age + 1)
    grown = ((alpha + age) / (alpha + age + 1)) ** (r + x)
    grown *= hyp2f1(r + x, b + x, a + b + x - 1, z)
    plain = (a + b + x - 1) / (a - 1) * (1 - grown)
    if x:
        plain /= 1 + a / (b + x - 1) * ((alpha + age) / (alpha + last)) ** (r + x)
    arrays = [np.array([float(v)]) for v in (x, last, age)]
    expected = PURCHASE_MODELS["bg-nbd"].expected(np.array(parameters), *arrays)
    assert expected[0] == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
@pytest.mark.parametrize("third", [0.5, 1.0, 2.0])
def test_expected_visits_stay_finite_for_thousands_of_events(name, third):
    found = PURCHASE_MODELS[name].expected(
        np.array([0.5, 2.0, third, 2.0]),
        np.array([0.0, 5.0, 100_000.0]),
        np.array([0.0, 3.0, 50.0]),
        np.array([1.0, 4.0, 50.0]),
    )
    assert np.isfinite(found).all()
    # 100,000 in 50 horizons, shrunk by alpha; drop-out takes some of it.
    assert found[2] == pytest.approx(100_000.5 / 52, rel=0.04)


def test_a_young_customer_and_a_long_span_do_not_overflow():
    # The hypergeometric function is beyond 10^308 here; met on MovieLens, minutes after sign-up.
    r, alpha, a, b = parameters = np.array([2.907, 6.757e-4, 49.15, 2562.5])
    x, age = 13.0, 8.15e-5

    def visits(p):
        grown = (r + x) * np.log1p(p / (alpha + age))
        density = (a - 1) * np.log(p) + (b + x - 1) * np.log1p(-p) - betaln(a, b + x)
        return -np.expm1(-grown) / p * np.exp(density)

    mean = a / (a + b + x)
    expected = quad(visits, 0, 1, points=[0.5 * mean, mean, 1.5 * mean, 3 * mean])[0]
    found = PURCHASE_MODELS["bg-nbd"].visits(parameters, np.array([x]), np.array([age]), 1.0)
    assert found == pytest.approx([expected], rel=1e-4)
