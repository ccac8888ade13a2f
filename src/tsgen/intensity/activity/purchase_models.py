"""Three models of customers who come back at a rate of their own until they drop out.

While active, a customer comes as a Poisson process whose rate is gamma distributed over customers
(r, alpha). They differ in how a customer drops out:

- BG/NBD: after each repeat visit, with a chance that is beta distributed (a, b). Fader, Hardie,
  Lee, "Counting Your Customers the Easy Way", Marketing Science 24 (2005).
- MBG/NBD: the same after the first visit as well. Batislam, Denizel, Filiztekin, "Empirical
  validation and comparison of models for customer base analysis", IJRM 24 (2007).
- Pareto/NBD: at any time, at a rate that is gamma distributed (s, beta). Schmittlein, Morrison,
  Colombo, "Counting Your Customers", Management Science 33 (1987).

A customer's past is three numbers: `repeats` (visits after the first), `last` (time from the first
visit to the last) and `age` (time from the first visit to now), shape (n,) each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, betaln, expit, gammaln, hyp2f1

from tsgen.arrays import Array

__all__ = ["PURCHASE_MODELS", "PurchaseModel"]

_Terms = Callable[[Array, Array, Array, Array], tuple[Array, Array]]
_Visits = Callable[[Array, Array, Array, float], Array]


@dataclass(frozen=True)
class PurchaseModel:
    """One of the models; its four parameters are all > 0.

    Attributes:
        names: Of the parameters.
        times: Which of them are in units of time.
        terms: (parameters, repeats, last, age) to the logarithms of the two summands of the
            likelihood, without their common factor: still active, and dropped out.
        visits: (parameters, repeats, age, span) to the expected visits of a customer who is active.
    """

    names: tuple[str, str, str, str]
    times: tuple[int, ...]
    terms: _Terms
    visits: _Visits

    def log_likelihood(self, parameters: Array, repeats: Array, last: Array, age: Array) -> Array:
        """Return the log-likelihood of each customer, shape (n,)."""
        r, alpha = parameters[:2]
        common = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
        return np.asarray(common + np.logaddexp(*self.terms(parameters, repeats, last, age)))

    def active(self, parameters: Array, repeats: Array, last: Array, age: Array) -> Array:
        """Return the chance that each customer has not dropped out, shape (n,)."""
        still, gone = self.terms(parameters, repeats, last, age)
        return np.asarray(expit(still - gone))

    def expected(
        self, parameters: Array, repeats: Array, last: Array, age: Array, span: float = 1.0
    ) -> Array:
        """Return the expected visits in the coming `span`, shape (n,)."""
        visits = self.visits(parameters, repeats, age, span)
        return visits * self.active(parameters, repeats, last, age)


def _bg_terms(parameters: Array, repeats: Array, last: Array, age: Array) -> tuple[Array, Array]:
    """Equation (6) of the paper on BG/NBD; who never came back cannot have dropped out."""
    r, alpha, a, b = parameters
    x = np.maximum(repeats, 1)
    still = betaln(a, b + repeats) - betaln(a, b) - (r + repeats) * np.log(alpha + age)
    gone = betaln(a + 1, b + x - 1) - betaln(a, b) - (r + repeats) * np.log(alpha + last)
    return still, np.where(repeats > 0, gone, -np.inf)


def _mbg_terms(parameters: Array, repeats: Array, last: Array, age: Array) -> tuple[Array, Array]:
    r, alpha, a, b = parameters
    still = betaln(a, b + repeats + 1) - betaln(a, b) - (r + repeats) * np.log(alpha + age)
    gone = betaln(a + 1, b + repeats) - betaln(a, b) - (r + repeats) * np.log(alpha + last)
    return still, gone


def _bg_visits(parameters: Array, repeats: Array, age: Array, span: float) -> Array:
    """Equation (10) of the paper on BG/NBD, given that the customer is active.

    The hypergeometric function is taken after Euler's transformation, whose arguments stay small
    however many events a customer has. Where it overflows all the same (a young customer, a span
    many times as long), the mean over the chance of dropping out is taken numerically.
    """
    r, alpha, a, b = parameters
    a = _off_one(a)
    z = span / (alpha + age + span)
    with np.errstate(over="ignore", invalid="ignore"):
        grown = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + repeats - 1, z)
        visits = np.asarray((a + b + repeats - 1) / (a - 1) * (1 - grown))
        most = (r + repeats) * span / (alpha + age)  # if nobody dropped out
        lost = ~((visits >= 0) & (visits <= most * (1 + 1e-6)))
    if lost.any():
        visits[lost] = _mean_bg_visits(parameters, repeats[lost], age[lost], span)
    return visits


def _mean_bg_visits(parameters: Array, repeats: Array, age: Array, span: float) -> Array:
    """Return the mean of (1 - (1 + p span / (alpha + age))^-(r + x)) / p over the chance p.

    That is what a customer of rate gamma(r + x, alpha + age) still makes if each visit is the last
    with chance p; p is beta(a, b + x) distributed, and taken at its quantiles.
    """
    r, alpha, a, b = parameters
    nodes, weights = np.polynomial.legendre.leggauss(200)
    p = betaincinv(a, (b + repeats)[:, None], (nodes + 1) / 2)
    p = np.maximum(p, 1e-12)
    grown = np.log1p(p * (span / (alpha + age))[:, None]) * (r + repeats)[:, None]
    return np.asarray((-np.expm1(-grown) / p) @ weights / 2)


def _mbg_visits(parameters: Array, repeats: Array, age: Array, span: float) -> Array:
    """As BG/NBD: the drop-out chance of an active customer has survived one visit more."""
    return _bg_visits(parameters + np.array([0.0, 0.0, 0.0, 1.0]), repeats, age, span)


def _pareto_terms(
    parameters: Array, repeats: Array, last: Array, age: Array
) -> tuple[Array, Array]:
    """The integral of s / ((alpha + t)^(r + x) (beta + t)^(s + 1)) over t from `last` to `age`."""
    r, alpha, s, beta = parameters
    still = -(r + repeats) * np.log(alpha + age)
    since_last = _pareto_tail(parameters, repeats, last)
    since_now = _pareto_tail(parameters, repeats, age)
    with np.errstate(divide="ignore"):
        share = np.log(-np.expm1(np.minimum(since_now - since_last, 0.0)))
    gone = np.log(s) - np.log(r + s + repeats) + since_last + share
    return still + s * np.log(beta / (beta + age)), gone + s * np.log(beta)


def _pareto_tail(parameters: Array, repeats: Array, begin: Array) -> Array:
    """Return log((r + s + x) times the integral of that function over s, from `begin` on).

    Euler's transformation leaves hypergeometric functions of moderate size; which of the two forms
    converges depends on which of alpha and beta is larger.
    """
    r, alpha, s, beta = parameters
    total = r + s + repeats
    if alpha >= beta:
        z = (alpha - beta) / (alpha + begin)
        grown = np.log(hyp2f1(1.0, r + repeats, total + 1, z)) - s * np.log1p(-z)
        return np.asarray(grown - total * np.log(alpha + begin))
    z = (beta - alpha) / (beta + begin)
    grown = np.log(hyp2f1(1.0, s + 1, total + 1, z)) + (1 - r - repeats) * np.log1p(-z)
    return np.asarray(grown - total * np.log(beta + begin))


def _pareto_visits(parameters: Array, repeats: Array, age: Array, span: float) -> Array:
    r, alpha, s, beta = parameters
    s = _off_one(s)
    lasting = -np.expm1((s - 1) * np.log((beta + age) / (beta + age + span))) / (s - 1)
    return np.asarray((r + repeats) * (beta + age) / (alpha + age) * lasting)


def _off_one(number: float) -> float:
    """Keep away from 1, where the value is finite but its two factors are not."""
    return 1 + 1e-6 if abs(number - 1) < 1e-6 else number


PURCHASE_MODELS = {
    "bg-nbd": PurchaseModel(("r", "alpha", "a", "b"), (1,), _bg_terms, _bg_visits),
    "mbg-nbd": PurchaseModel(("r", "alpha", "a", "b"), (1,), _mbg_terms, _mbg_visits),
    "pareto-nbd": PurchaseModel(("r", "alpha", "s", "beta"), (1, 3), _pareto_terms, _pareto_visits),
}
"""Name -> model."""
