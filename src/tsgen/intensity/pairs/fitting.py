"""Learning the pair part from past horizons, see `LearnedPairs`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import Array, Integers, Keys, Singles
from tsgen.data import Histories

from ..parts import history_weight
from ..relevance import FittedRelevance
from .features import GAP, ItemFacts
from .identity import item_keys, pair_keys, user_keys
from .learned import LEAST_ACTIVITY, LearnedPairs, describe, event_blocks
from .mixture import NUM_CLASSES, history_class
from .network import PairNetwork
from .settings import PairSettings

__all__ = ["PairWindow", "fit_pairs"]

_FEWEST_HITS = 30
_BACK_OFF = 50.0
_BEND = 0.2
"""Standard deviation of the bend, from one class of histories to the next."""


@dataclass(frozen=True, eq=False)
class PairWindow:
    """A past horizon to learn from, and models that have not learnt from it.

    Attributes:
        past: Some requests at the beginning of the window.
        everyone: All users then, for the facts of the items.
        ends: (r,) the event after the last one of the window.
        activity: (r,) expected events.
        base: The relevance.
    """

    past: Histories
    everyone: Histories
    ends: Integers
    activity: Array
    base: FittedRelevance
    _described: dict[Any, _Described] = field(init=False, repr=False, default_factory=dict)

    def described(
        self, horizon: int, num_pairs: int, share: float, seed: int, settings: PairSettings
    ) -> _Described:
        """Return the window as numbers; a window that two fits learn from is described once."""
        how = horizon, num_pairs, share, seed, repr(settings)
        if how not in self._described:
            self._described[how] = _describe(self, horizon, num_pairs, share, seed, settings)
        return self._described[how]

    def share(self, horizon: int) -> float:
        """Return the share of its users that it teaches by.

        Its activity was learnt in the horizon before it; see `history_weight` of what came earlier.
        """
        times = self.past.events.time
        return history_weight((int(self.past.at.max()) - int(times.min())) / horizon - 1)


def fit_pairs(
    windows: list[PairWindow],
    histories: Histories,
    horizon: int,
    seed: int,
    settings: PairSettings | None = None,
) -> LearnedPairs | None:
    """Learn from windows; None where they hold too few occurrences to learn anything.

    Args:
        windows: The past, the last one first.
        histories: Each user once at the training cut-off, for the facts of the items.
        horizon: Microseconds.
        seed: Of the network and of the sample of users.
        settings: What is looked at; None is the default.
    """
    settings = settings or PairSettings()
    shares = [window.share(horizon) if place else 1.0 for place, window in enumerate(windows)]
    num_pairs = round(settings.max_pairs / max(sum(shares), 1.0))
    described = [
        window.described(horizon, num_pairs, share, seed, settings)
        for window, share in zip(windows, shares, strict=True)
        if share
    ]
    if sum(int((part.visits > 0).sum()) for part in described) < _FEWEST_HITS:
        return None
    features, offset, visits, keys = (
        np.concatenate([getattr(part, name) for part in described])
        for name in ("features", "offset", "visits", "keys")
    )
    network = PairNetwork.fit(features, offset, visits, keys, seed, settings)
    expected = np.exp(network.logarithms(features, offset).astype(np.float64)).sum()
    events = sum(part.events for part in described)
    share = _shares([part.others for part in described])
    facts = _facts(histories, horizon, settings)
    return LearnedPairs(facts, network, float(events / expected), share, 1.0, settings.num_new)


def _facts(histories: Histories, horizon: int, settings: PairSettings) -> ItemFacts:
    further = settings.first_purchases
    return ItemFacts.of(histories, horizon, settings.num_neighbours, further=further)


@dataclass(frozen=True, eq=False)
class _Described:
    """A window as numbers.

    Attributes:
        features: (p, f) of pairs. offset: (p,). visits: (p,). keys: (p,), see `pair_keys`.
        events: Of these pairs.
        others: (classes, 4) of all other pairs: visits, expected events, events, and the sum over
            users of their squared visits.
    """

    features: Singles
    offset: Singles
    visits: Array
    keys: Keys
    events: float
    others: Array


def _describe(
    window: PairWindow,
    horizon: int,
    num_pairs: int,
    share: float,
    seed: int,
    settings: PairSettings,
) -> _Described:
    facts = _facts(window.everyone, horizon, settings)
    asked = _sample(window.past, num_pairs, settings.num_new, seed, share)
    past = window.past.subset(asked)
    events, visits = _later(past, window.ends[asked], horizon)
    activity = np.maximum(window.activity[asked], LEAST_ACTIVITY)
    users = window.base.users(past)
    whose, what = user_keys(past, seed), item_keys(window.everyone)
    parts, total, others = [], 0.0, np.zeros((NUM_CLASSES, 4))
    for block in event_blocks(past):
        batch = past.subset(np.arange(block.start, block.stop))
        mean, part = activity[block], (users[0][block], users[1][block])
        table, logs, features, offset = describe(
            batch, horizon, facts, mean, window.base, part, settings.num_new
        )
        counts, came = (
            np.asarray(sp.csr_array(part[block])[table.request, table.item], np.float64).ravel()
            for part in (events, visits)
        )
        keys = pair_keys(whose[block], what, table.request, table.item)
        parts.append((features, offset, came, keys))
        total += counts.sum()
        explained = np.bincount(table.request, np.exp(logs), minlength=len(batch))
        rest, again = (
            np.asarray(sp.csr_array(whole[block]).sum(axis=1)).ravel()
            - np.bincount(table.request, described, minlength=len(batch))
            for whole, described in ((events, counts), (visits, came))
        )
        columns = again, mean * np.maximum(1 - explained, 0.0), rest, again**2
        classes = history_class(batch.lengths)
        for place, values in enumerate(columns):
            others[:, place] += np.bincount(classes, values, minlength=NUM_CLASSES)
    features, offset, visited, keys = (np.concatenate(part) for part in zip(*parts, strict=True))
    return _Described(features, offset, visited, keys, total, others)


def _later(past: Histories, ends: Integers, horizon: int) -> tuple[sp.csr_array, sp.csr_array]:
    """Return how many events and visits each request has of each item then, (r, items) sparse.

    Events of a pair that follow each other closely are one visit: an edit of a page saved ten times
    is not ten times the interest.
    """
    lengths = ends - past.ends
    request = np.repeat(np.arange(len(past)), lengths)
    rows = np.arange(int(lengths.sum())) + np.repeat(
        past.ends - np.cumsum(lengths) + lengths, lengths
    )
    keys = request * max(past.events.num_items, 1) + past.events.item[rows]
    order = np.argsort(keys, kind="stable")
    keys, times = keys[order], past.events.time[rows[order]]
    fresh = np.diff(keys, prepend=-1) != 0
    fresh |= np.diff(times, prepend=0) > GAP * horizon
    shape = (len(past), max(past.events.num_items, 1))
    where = np.divmod(keys, shape[1])
    ones = np.ones(len(keys))
    return sp.csr_array((ones, where), shape=shape), sp.csr_array(
        (ones * fresh, where), shape=shape
    )


def _sample(
    past: Histories, num_pairs: int, num_new: int, seed: int, share: float = 1.0
) -> Integers:
    """Return a share of the requests with a history, of about so many pairs; see `user_keys`."""
    lengths = past.lengths
    active = np.flatnonzero(lengths > 0)
    if not len(active):
        return np.arange(min(len(past), 1))
    active = active[np.argsort(user_keys(past.subset(active), seed), kind="stable")]
    num_items = past.events.num_items
    pairs = np.minimum(lengths[active], num_items) + min(num_new, num_items)
    kept = (np.cumsum(pairs) <= num_pairs) & (np.arange(len(active)) < share * len(active))
    kept[0] = True
    return np.asarray(np.sort(active[kept]), np.int64)


def _shares(others: list[Array]) -> Array:
    """Return observed / expected events of each class, smooth from class to class.

    What a few busy users do together, and how often they save what they edit, would move a whole
    class of users. So visits are compared, each class has 50 expected events of all, and the
    logarithms minimise sum_c w_c (log share_c - log observed_c / expected_c)^2 + sum of squared
    second differences / 0.2^2, where w_c = (sum of users' visits)^2 / sum of their squares is how
    many visits there would be if one said nothing of the next. Events a visit are those of all.
    """
    visits, expected, events, squares = np.sum(others, axis=0).T
    everyone = visits.sum() / max(expected.sum(), 1e-9)
    ratios = (visits + _BACK_OFF * everyone) / (expected + _BACK_OFF)
    logs, weights = np.log(np.maximum(ratios, 1e-6)), visits**2 / np.maximum(squares, 1e-9) + 1e-3
    bends = np.diff(np.eye(len(logs) - 1), n=2, axis=0)
    matrix = np.diag(weights[1:]) + bends.T @ bends / _BEND**2
    shares = np.ones(len(logs))  # without history there is nothing else
    shares[1:] = np.exp(np.linalg.solve(matrix, weights[1:] * logs[1:]))
    shares[1:] *= events.sum() / visits.sum() if visits.sum() else 1.0
    return np.asarray(np.maximum(shares, 1e-6))
