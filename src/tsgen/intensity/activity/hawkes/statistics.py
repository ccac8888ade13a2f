"""Sufficient statistics of a self-exciting process, over all users at once, in linear time.

U users, E events, K decays. Each user's time starts at its first event and is measured in horizons.
The first event is the origin, not a point: it excites through coefficients of its own ("start").
With g_k(t) = sum over points s < t of b_k exp(-b_k (t - s)) and s_k(t) = b_k exp(-b_k t), the rate
is

    rate(t) = a . g(t) + c . s(t) + mu = theta . features(t),   theta = (a, c, mu) >= 0.

Between two points every feature decays exponentially, so the integral of a product of two features
over an interval is (product after its beginning - product before its end) / (b_k + b_l), and the
sum over all intervals is a difference of two matrix products.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tsgen.arrays import Array, Indices, Mask
from tsgen.data import Histories

__all__ = ["HawkesStatistics", "event_features", "gather_statistics", "hawkes_features"]

_CHUNK_ROWS = 3_000


@dataclass(frozen=True)
class HawkesStatistics:
    """What the least-squares fit needs, summed over users; D = 2 K + 1 features.

    Attributes:
        products: (D, D) integrals of products of two features over each user's time.
        jumps: (D,) sums of the features just before each point.
        compensator: (D,) integrals of the features.
        tied: (D, D) the part of `products` due to pairs of different points at equal times.
        num_points: Points (events without each user's first).
        num_users: Users with a history.
    """

    products: Array
    jumps: Array
    compensator: Array
    tied: Array
    num_points: int
    num_users: int


@dataclass(frozen=True)
class _Rows:
    """Intervals of a group of users, from one point (or the origin) to the next (or the end).

    Attributes:
        time: (J,) beginning, from the user's origin.
        next_time: (J,) end.
        end: (J,) the end of the user's time.
        gap: (J,) time since the user's previous event; 0 at the origin.
        is_point: (J,) whether the beginning is a point and not the origin.
        before: (J, K) g just before the beginning; tied points see strictly earlier ones alone.
        after: (J, K) g just after the beginning.
        faded: (J, K) g just before the end.
    """

    time: Array
    next_time: Array
    end: Array
    gap: Array
    is_point: Mask
    before: Array
    after: Array
    faded: Array


def gather_statistics(histories: Histories, decays: Array, horizon: int) -> HawkesStatistics:
    """Return the statistics of all histories that are not empty.

    Args:
        histories: Each user once; a user's time ends at its request.
        decays: (K,) in 1 / horizons.
        horizon: Microseconds.
    """
    num = 2 * len(decays) + 1
    rates = np.concatenate([decays, decays, [0.0]])
    products, tied = np.zeros((num, num)), np.zeros((num, num))
    jumps, total = np.zeros(num), 0.0
    num_points = 0
    for rows in _walk(histories, decays, horizon):
        first, last = _interval_features(rows, decays)
        products += first.T @ first - last.T @ last
        total += float((rows.next_time - rows.time).sum())
        jumps += _sum_at_points(rows, first)
        num_points += int(rows.is_point.sum())
        if (rows.is_point & (rows.gap == 0)).any():
            tied += _tied_products(rows, decays)
    sums = rates[:, None] + rates[None, :]
    sums[-1, -1] = 1.0
    products /= sums
    products[-1, -1] = total
    tied[:-1, :-1] /= sums[:-1, :-1]
    return HawkesStatistics(
        products=products,
        jumps=jumps,
        compensator=products[-1].copy(),
        tied=tied,
        num_points=num_points,
        num_users=int((histories.lengths > 0).sum()),
    )


def event_features(histories: Histories, decays: Array, horizon: int) -> Iterator[Array]:
    """Yield the features just before the points, (points, D) at a time."""
    for rows in _walk(histories, decays, horizon):
        yield _point_features(rows, decays)


def hawkes_features(excitation: Array, since_first: Array, decays: Array) -> Array:
    """Return the features of requests, shape (r, D).

    Args:
        excitation: (r, K) g at the requests.
        since_first: (r,) horizons since the user's first event; infinite without one.
        decays: (K,).
    """
    start = decays * np.exp(-decays * since_first[:, None])
    return np.concatenate([excitation, start, np.ones((len(excitation), 1))], axis=1)


def _walk(histories: Histories, decays: Array, horizon: int) -> Iterator[_Rows]:
    """Yield the intervals of users of similar length, as many rows at a time as a cache holds."""
    lengths = histories.lengths
    order = np.argsort(-lengths, kind="stable")
    order = order[lengths[order] > 0]
    ends = np.cumsum(lengths[order])
    group = np.maximum(ends - 1, 0) // _CHUNK_ROWS
    for users in np.split(order, np.flatnonzero(np.diff(group)) + 1):
        if len(users):
            yield _walk_group(histories, users, decays, horizon)


def _walk_group(histories: Histories, users: Indices, decays: Array, horizon: int) -> _Rows:
    """Return the intervals of some users."""
    chosen = histories.subset(users)
    request, event = chosen.flat()
    begins, times = chosen.begins, histories.events.time
    time = (times[event] - times[begins][request]) / horizon
    end = ((chosen.at - times[begins]) / horizon)[request]
    first = event == begins[request]
    last = event == chosen.ends[request] - 1
    gap = np.where(first, 0.0, np.diff(time, prepend=0.0))
    kept = np.exp(-gap[:, None] * decays)
    kept[first] = 0.0  # of what was there before the origin
    after = _decaying_sums(kept, np.where(first[:, None], 0.0, decays), int(chosen.lengths.max()))
    before = np.zeros_like(after)
    before[1:] = kept[1:] * after[:-1]
    leads = np.where(first | (gap > 0), np.arange(len(time)), 0)
    faded = np.empty_like(after)
    faded[:-1] = kept[1:] * after[:-1]
    faded[last] = after[last] * np.exp(-(end - time)[last][:, None] * decays)
    next_time = np.where(last, end, np.append(time[1:], 0.0))
    return _Rows(
        time, next_time, end, gap, ~first, before[np.maximum.accumulate(leads)], after, faded
    )


def _decaying_sums(kept: Array, jumps: Array, longest: int) -> Array:
    """Return x with x[j] = kept[j] * x[j - 1] + jumps[j], shape (J, K), by doubling.

    Each round joins stretches of rows to ones of twice the length, so that a history of `longest`
    rows takes log2(longest) rounds; kept = 0 begins a new one.
    """
    sums, kept, shift = jumps, kept.copy(), 1
    while shift < longest:
        sums[shift:] += kept[shift:] * sums[:-shift]
        kept[shift:] *= kept[:-shift]
        shift *= 2
    return sums


def _interval_features(rows: _Rows, decays: Array) -> tuple[Array, Array]:
    """Return the features just after the beginning and just before the end of each interval."""
    width = len(decays)
    first = hawkes_features(rows.after, rows.time, decays)
    last = np.empty_like(first)
    last[:, :width], last[:, -1] = rows.faded, 1.0
    last[:-1, width:-1] = first[1:, width:-1]  # an interval ends where the next one begins
    final = rows.next_time == rows.end
    last[final, width:-1] = decays * np.exp(-rows.end[final, None] * decays)
    return first, last


def _sum_at_points(rows: _Rows, first: Array) -> Array:
    """Return the sum of `_point_features`, from what is known of the intervals."""
    width = rows.before.shape[1]
    excited = rows.is_point & (rows.time > 0)
    start = excited.astype(np.float64) @ first[:, width:-1]
    count = float(rows.is_point.sum())
    return np.concatenate([rows.is_point.astype(np.float64) @ rows.before, start, [count]])


def _point_features(rows: _Rows, decays: Array) -> Array:
    """Return the features just before the points; the origin does not excite events tied to it."""
    time = np.where(rows.time > 0, rows.time, np.inf)[rows.is_point]
    return hawkes_features(rows.before[rows.is_point], time, decays)


def _tied_products(rows: _Rows, decays: Array) -> Array:
    """Return (b_k + b_l) times the part of the products due to different points at one time.

    A point that follows m tied ones makes 2 m such pairs (in both orders); `after` counts the tied
    ones, because g jumps by b_k at each.
    """
    width = len(decays)
    slowest = int(np.argmin(decays))
    jump = (rows.after - rows.before)[:, slowest] / decays[slowest]
    earlier = np.where(rows.is_point, np.rint(jump) - 1, 0.0)
    left = np.exp(-np.outer(rows.end - rows.time, decays))
    tied = np.zeros((2 * width + 1, 2 * width + 1))
    outer = np.outer(decays, decays)
    among = outer * ((2 * earlier).sum() - (left * (2 * earlier)[:, None]).T @ left)
    at_origin = rows.is_point & (rows.time == 0)
    with_start = outer * (at_origin.sum() - left[at_origin].T @ left[at_origin])
    tied[:width, :width] = among
    tied[:width, width:-1] = with_start
    tied[width:-1, :width] = with_start.T
    return tied
