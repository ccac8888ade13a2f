"""The entropy-smoothed dual problem of an allocation: its gradient and curvature.

With binary entropy of weight epsilon the best shares are
    pi(x, y) = sigmoid((r(x, y) - u(x)) / epsilon),   r = value - prices of y,
where u(x) prices the user's capacity (RIM, Ma et al. 2022, section 4; `u` there, `v` here). Unused
capacity is smoothed the same way, so that prices need no bounds: the part of a limit [a, b] that
is used at price v is b - (b - a) sigmoid(-v / epsilon).
"""

from __future__ import annotations

import numpy as np

from tsgen.arrays import AnyArray, Array

from .duals import Duals
from .limits import Limits
from .shortlist import Shortlist

__all__ = ["SmoothedDual"]


_CHUNK = 1_500_000  # pairs whose work arrays are held at a time
_CURVED = 100  # pairs in question, for each price, that tell the curvature; more need not be read
_DECIDED = 1e-3  # spread of a share that is as good as 0 or 1
_GROWTH = 4.0  # times the mean, that a campaign's part of the sample may be extended by
_TRIES = 12
_TOLERANCE = 3e-3  # contacts that a user's shares may miss its capacity by


class SmoothedDual:
    """Gradient and Hessian in the prices theta = (contacts, budgets, total).

    Budgets are counted in mean costs, so that all parts of theta are of one size.

    Args:
        short: The pairs.
        limits: Bounds of the campaigns, and of the users of `short`.
    """

    def __init__(self, short: Shortlist, limits: Limits) -> None:
        self._limits = limits
        self._m = len(limits.at_most)
        self._with_budget = np.flatnonzero(np.isfinite(limits.budgets))
        self._with_total = bool(np.isfinite(limits.total))
        self._unit = _mean_costs(short, self._m)
        open_ = slice(None) if (limits.users > 0).all() else np.flatnonzero(limits.users > 0)
        self._columns, self._values = short.columns[open_], short.values[open_]
        self._costs, self._capacity = short.costs[open_], limits.users[open_]
        self._u = np.full(len(self._capacity), np.nan, np.float32)
        money = limits.budgets[self._with_budget] / self._unit[self._with_budget]
        total = [limits.total / self._unit.mean()] if self._with_total else []
        self.most = np.concatenate([limits.at_most, money, total])
        self.least = np.concatenate([limits.at_least, np.zeros(len(self.most) - self._m)])

    def theta(self, duals: Duals) -> AnyArray:
        """Return prices as one vector."""
        money = (duals.money * self._unit)[self._with_budget]
        total = [duals.total * self._unit.mean()] if self._with_total else []
        return np.concatenate([duals.contact, money, total])

    def duals(self, theta: AnyArray) -> Duals:
        """Return the prices of a vector; what smoothing put below 0 without reason is 0."""
        m, money = self._m, np.zeros(self._m)
        contact = np.where(self._limits.at_least > 0, theta[:m], np.maximum(theta[:m], 0))
        place = self._with_budget
        money[place] = np.maximum(theta[m : m + len(place)], 0) / self._unit[place]
        total = max(float(theta[-1]), 0) / self._unit.mean() if self._with_total else 0.0
        return Duals(contact, money, float(total))

    def derivatives(self, theta: AnyArray, epsilon: float) -> tuple[AnyArray, AnyArray]:
        """Return the gradient (p,) and the Hessian (p, p) of the dual function."""
        unused = _sigmoid(-theta / epsilon)
        room = self.most - self.least
        gradient = self.most - room * unused
        hessian = np.diag(room * unused * (1 - unused))
        step = max(_CHUNK // max(self._columns.shape[1], 1), 1)
        enough = _CURVED * len(theta) / max(len(self._u) / step, 1)
        for begin in range(0, len(self._u), step):
            rows = slice(begin, begin + step)
            used, curvature = self._of_rows(theta, epsilon, rows, enough)
            gradient -= used
            hessian += curvature
        return gradient, hessian / epsilon

    def _of_rows(
        self, theta: Array, epsilon: float, rows: slice, enough: float
    ) -> tuple[AnyArray, AnyArray]:
        """Return what some users take of each limit, and how that curves."""
        columns, costs = self._columns[rows], self._costs[rows]
        contact, rate = self._rates(theta)
        reduced = self._values[rows] - contact[columns]
        if rate is not None:
            reduced -= costs * rate[columns]
        capacity = self._capacity[rows]
        u, shares = _price_users(reduced, capacity, np.float32(epsilon), self._u[rows])
        self._u[rows] = u
        used = self._added(columns, shares, costs)
        spread = shares * (1 - shares)
        inner = spread.sum(axis=1)
        sampled = np.flatnonzero(inner > _DECIDED)
        every = max(int(np.count_nonzero(spread > _DECIDED) / enough), 1)
        sampled = sampled[::every]
        slack = _sigmoid(-u[sampled] / np.float32(epsilon))
        own = inner[sampled] + capacity[sampled] * slack * (1 - slack)
        curvature = self._curvature(columns[sampled], spread[sampled], costs[sampled], own)
        if every > 1:
            curvature = self._extended(curvature, columns, spread, sampled)
        return used, curvature

    def _extended(
        self, curvature: AnyArray, columns: AnyArray, spread: AnyArray, sampled: AnyArray
    ) -> AnyArray:
        """Return the curvature of all users from that of some: each campaign counts as in all."""
        m, place = self._m, self._with_budget
        every = np.bincount(columns.ravel(), spread.ravel(), m)
        part = np.bincount(columns[sampled].ravel(), spread[sampled].ravel(), m)
        growth = np.minimum(every / np.maximum(part, 1e-12), _GROWTH * spread.sum() / part.sum())
        total = [spread.sum() / part.sum()] if self._with_total else []
        by = np.sqrt(np.concatenate([growth, growth[place], total]))
        curvature = curvature * by * by[:, None]
        curvature[np.arange(m), np.arange(m)] += every - growth * part
        return np.asarray(curvature)

    def _rates(self, theta: AnyArray) -> tuple[AnyArray, AnyArray | None]:
        m, place = self._m, self._with_budget
        contact = theta[:m].astype(np.float32)
        if len(theta) == m:
            return contact, None
        rate = np.zeros(m, np.float32)
        rate[place] = theta[m : m + len(place)] / self._unit[place]
        if self._with_total:
            rate += np.float32(theta[-1] / self._unit.mean())
        return contact, rate

    def _added(self, columns: AnyArray, shares: AnyArray, costs: AnyArray) -> AnyArray:
        """Return how much of each limit the shares take, (p,)."""
        m, flat = self._m, columns.ravel()
        used = np.bincount(flat, shares.ravel(), m)
        if len(self.most) == m:
            return used
        money = np.bincount(flat, (shares * costs).ravel(), m)
        budget = (money / self._unit)[self._with_budget]
        total = [money.sum() / self._unit.mean()] if self._with_total else []
        return np.concatenate([used, budget, total])

    def _curvature(
        self, columns: AnyArray, spread: AnyArray, costs: AnyArray, own: AnyArray
    ) -> AnyArray:
        """Return sum over users of D - d d' / own, with D the diagonal of d over campaigns."""
        m, num = self._m, len(self.most)
        scatter = np.zeros((len(columns), num), np.float32)
        rows = np.arange(len(columns))[:, None]
        scale = spread / np.sqrt(np.maximum(own, 1e-9))[:, None]
        scatter[rows, columns] = scale
        flat = columns.ravel()
        once = np.bincount(flat, spread.ravel(), m)
        result = np.zeros((num, num))
        result[np.arange(m), np.arange(m)] = once
        if num > m:
            self._add_money(result, scatter, columns, spread, scale, costs)
        result -= scatter.T @ scatter
        return result

    def _add_money(
        self, result: AnyArray, scatter: AnyArray, columns: AnyArray, spread: AnyArray,
        scale: AnyArray, costs: AnyArray,
    ) -> None:  # fmt: skip
        """Fill the rows of budgets: `result` with D, `scatter` with d / sqrt(own)."""
        m, flat, place = self._m, columns.ravel(), self._with_budget
        first = np.bincount(flat, (spread * costs).ravel(), m)
        second = np.bincount(flat, (spread * costs**2).ravel(), m)
        at = m + np.arange(len(place))
        unit = self._unit[place]
        result[place, at] = result[at, place] = first[place] / unit
        result[at, at] = second[place] / unit**2
        dense = np.zeros((len(columns), m), np.float32)
        dense[np.arange(len(columns))[:, None], columns] = scale * costs
        scatter[:, at] = dense[:, place] / unit
        if self._with_total:
            mean = self._unit.mean()
            scatter[:, -1] = dense.sum(axis=1) / mean
            result[:m, -1] = result[-1, :m] = first / mean
            result[at, -1] = result[-1, at] = second[place] / unit / mean
            result[-1, -1] = second.sum() / mean**2


def _price_users(
    reduced: AnyArray, capacity: AnyArray, epsilon: np.float32, guess: AnyArray
) -> tuple[AnyArray, AnyArray]:
    """Return u of each user, so that its shares and its unused part fill its capacity; and shares.

    Newton's method within a bracket, on those users who are not there yet.
    """
    low = np.full(len(reduced), -20 * epsilon, np.float32)
    reach = epsilon * np.float32(np.log(2 * reduced.shape[1] + 2) + 1)
    high = np.maximum(reduced.max(axis=1), 0) + reach
    u = _first_guess(reduced, capacity) if np.isnan(guess).any() else np.clip(guess, low, high)
    shares = np.empty_like(reduced)
    active, left, room = np.arange(len(reduced)), reduced, capacity.astype(np.float32)
    for _ in range(_TRIES):
        now = u[active]
        part = _sigmoid((left - now[:, None]) / epsilon)
        shares[active] = part
        slack = _sigmoid(-now / epsilon)
        filled = part.sum(axis=1)
        over = filled + room * (slack - 1)
        off = np.abs(over) > _TOLERANCE
        if not off.any():
            break
        slope = filled - np.einsum("ij,ij->i", part, part) + room * slack * (1 - slack)
        active, left, room = active[off], left[off], room[off]
        now, over, slope = now[off], over[off], slope[off]
        low[active] = np.where(over > 0, now, low[active])
        high[active] = np.where(over < 0, now, high[active])
        step = now + epsilon * over / np.maximum(slope, np.float32(1e-12))
        outside = (step <= low[active]) | (step >= high[active])
        u[active] = np.where(outside, (low[active] + high[active]) / 2, step)
    return u, shares


def _first_guess(reduced: AnyArray, capacity: AnyArray) -> AnyArray:
    """Return what lies between the last value that fits and the next, at least 0."""
    width = reduced.shape[1]
    ordered = np.maximum(np.sort(reduced, axis=1), 0)
    rows = np.arange(len(reduced))
    last = ordered[rows, np.maximum(width - capacity, 0)]
    after = ordered[rows, np.maximum(width - capacity - 1, 0)]
    return np.asarray(np.where(capacity < width, (last + after) / 2, last / 2), np.float32)


def _sigmoid(x: AnyArray) -> AnyArray:
    """Return 1 / (1 + exp(-x)) without overflow."""
    return np.asarray(1 / (1 + np.exp(np.minimum(-x, x.dtype.type(60)))))


def _mean_costs(short: Shortlist, num: int) -> AnyArray:
    """Return the mean cost of a contact of each campaign; 1 where there is none."""
    flat = short.columns.ravel()
    total = np.bincount(flat, short.costs.ravel(), num)
    mean = total / np.maximum(np.bincount(flat, minlength=num), 1)
    return np.where(mean > 0, mean, 1.0)
