"""The intensity of pairs learnt directly, where the pair's past or its neighbours say something.

For the pairs that a user has seen, and the new ones that the items seen speak for most, a small
network gives the intensity from the past of the pair, the user and the item, starting from the
product activity * relevance; it learns from the visits of the last horizons of the training part
(events of a pair that follow each other closely are one visit), and a visit has so many events. All
other pairs keep the product, times a share learnt by length of history.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tsgen.data import Histories
from tsgen.rng import numpy_stream

from .activity import Array
from .pair_features import GAP, ItemFacts, PairTable, pair_table
from .pair_network import PairNetwork
from .relevance import FittedRelevance, UserPart
from .repeats import NUM_CLASSES, history_class

__all__ = ["LearnedPairs", "PairWindow", "fit_pairs"]

NUM_NEIGHBOURS = 20
NUM_NEW = 50
_EVENTS_AT_A_TIME = 200_000
_REQUESTS_AT_A_TIME = 5_000
_MOST_PAIRS = 600_000
_FEWEST_HITS = 30
_BACK_OFF = 50.0
_LEAST = -25.0

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LearnedPairs:
    """A pair part that has learnt.

    Attributes:
        facts: The items, at the training cut-off.
        network: From features to log-intensities.
        scale: (1,) events a visit; the network expects visits.
        share: (classes,) of the product model, for the pairs that are not described.
    """

    facts: ItemFacts
    network: PairNetwork
    scale: Array
    share: Array

    def split(
        self,
        histories: Histories,
        horizon: int,
        activity: Array,
        base: FittedRelevance,
        users: UserPart,
    ) -> tuple[Array, sp.csr_array]:
        """Return the share of the product (r,), and what to add to it for some pairs, (r, items).

        What is added may be negative; both are relative to the activity.

        Args:
            histories: The requests.
            horizon: Microseconds.
            activity: (r,) expected events.
            base: The relevance of the product.
            users: Its factors and biases of the requests.
        """
        share = self.share[history_class(histories.lengths)]
        blocks = self._blocks(histories, horizon, activity, base, users, share)
        parts = [(first + table.request, table.item, extra) for first, table, extra in blocks]
        rows, items, extra = (np.concatenate(part) for part in zip(*parts, strict=True))
        shape = (len(histories), histories.events.num_items)
        return share, sp.csr_array((extra, (rows, items)), shape=shape)

    def _blocks(
        self,
        histories: Histories,
        horizon: int,
        activity: Array,
        base: FittedRelevance,
        users: UserPart,
        share: Array,
    ) -> Iterator[tuple[int, PairTable, Array]]:
        for block in _slices(histories):
            some = histories.subset(np.arange(block.start, block.stop))
            mean = np.maximum(activity[block], 1e-12)
            table = pair_table(some, horizon, self.facts, mean, NUM_NEW)
            logs = _base_logarithms(base, (users[0][block], users[1][block]), table)
            offset = _offset(logs, mean, table)
            features = np.column_stack([table.features, np.maximum(logs, _LEAST)])
            intensity = np.exp(self.network.logarithms(features, offset).astype(np.float64))
            total = self.scale[0] * intensity / mean[table.request]
            low = share[block][table.request] * np.exp(logs.astype(np.float64))
            yield block.start, table, total - low

    def times(self, level: float) -> Self:
        """Return the same part with all its intensities so many times as large."""
        return replace(self, scale=self.scale * level, share=self.share * level)

    def parameters(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays that `restore` takes back, for saving."""
        near = self.facts.neighbours
        return {
            "scale": self.scale,
            "share": self.share,
            "item.table": self.facts.table,
            "near.data": near.data.astype(np.float32),
            "near.indices": near.indices.astype(np.int32),
            "near.indptr": near.indptr.astype(np.int64),
            **{f"network.{name}": array for name, array in vars(self.network).items()},
        }

    @classmethod
    def restore(cls, parameters: dict[str, npt.NDArray[Any]]) -> Self:
        """Return what `parameters` came from."""
        table = parameters["item.table"]
        parts = tuple(parameters[f"near.{name}"] for name in ("data", "indices", "indptr"))
        near = sp.csr_array(parts, shape=(len(table), len(table)))
        start = "network."
        network = {k.removeprefix(start): v for k, v in parameters.items() if k.startswith(start)}
        return cls(
            ItemFacts(table, near),
            PairNetwork(**network),
            parameters["scale"],
            parameters["share"],
        )


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
    ends: Codes
    activity: Array
    base: FittedRelevance


def fit_pairs(
    windows: list[PairWindow], histories: Histories, horizon: int, seed: int
) -> LearnedPairs | None:
    """Learn from windows; None where they hold too few occurrences to learn anything.

    Args:
        windows: The past, the last one first.
        histories: Each user once at the training cut-off, for the facts of the items.
        horizon: Microseconds.
        seed: Of the network and of the sample of users.
    """
    described = [_describe(window, horizon, len(windows), seed) for window in windows]
    if sum(int((part.visits > 0).sum()) for part in described) < _FEWEST_HITS:
        return None
    features, offset, visits = (
        np.concatenate([getattr(part, name) for part in described])
        for name in ("features", "offset", "visits")
    )
    network = PairNetwork.fit(features, offset, visits, seed)
    expected = np.exp(network.logarithms(features, offset).astype(np.float64)).sum()
    events = sum(part.events for part in described)
    share = _shares([part.others for part in described])
    facts = ItemFacts.of(histories, horizon, NUM_NEIGHBOURS)
    return LearnedPairs(facts, network, np.array([events / expected]), share)


@dataclass(frozen=True, eq=False)
class _Described:
    """A window as numbers.

    Attributes:
        features: (p, f) of pairs. offset: (p,). visits: (p,).
        events: Of these pairs.
        others: (classes, 2) observed and expected events of all other pairs.
    """

    features: npt.NDArray[np.float32]
    offset: npt.NDArray[np.float32]
    visits: Array
    events: float
    others: Array


def _describe(window: PairWindow, horizon: int, num_windows: int, seed: int) -> _Described:
    facts = ItemFacts.of(window.everyone, horizon, NUM_NEIGHBOURS)
    asked = _sample(window.past, _MOST_PAIRS // num_windows, seed)
    past = window.past.subset(asked)
    events, visits = _later(past, window.ends[asked], horizon)
    activity = np.maximum(window.activity[asked], 1e-12)
    users = window.base.users(past)
    parts, total, others = [], 0.0, np.zeros((NUM_CLASSES, 2))
    for block in _slices(past):
        some = past.subset(np.arange(block.start, block.stop))
        mean = activity[block]
        table = pair_table(some, horizon, facts, mean, NUM_NEW)
        logs = _base_logarithms(window.base, (users[0][block], users[1][block]), table)
        features = np.column_stack([table.features, np.maximum(logs, _LEAST)])
        counts, came = (
            np.asarray(sp.csr_array(part[block])[table.request, table.item], np.float64).ravel()
            for part in (events, visits)
        )
        parts.append((features, _offset(logs, mean, table), came))
        total += counts.sum()
        known = np.bincount(table.request, np.exp(logs), minlength=len(some))
        found = np.bincount(table.request, counts, minlength=len(some))
        observed = np.asarray(sp.csr_array(events[block]).sum(axis=1)).ravel() - found
        expected = mean * np.maximum(1 - known, 0.0)
        classes = history_class(some.lengths)
        for column, values in enumerate((observed, expected)):
            others[:, column] += np.bincount(classes, values, minlength=NUM_CLASSES)
    features, offset, visited = (np.concatenate(part) for part in zip(*parts, strict=True))
    return _Described(features, offset, visited, total, others)


def _later(past: Histories, ends: Codes, horizon: int) -> tuple[sp.csr_array, sp.csr_array]:
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


def _sample(past: Histories, num_pairs: int, seed: int) -> Codes:
    """Return requests with a history and about so many pairs, whatever their users are called."""
    lengths = past.lengths
    some = np.flatnonzero(lengths > 0)
    if not len(some):
        return np.arange(min(len(past), 1))
    times = past.events.time
    ages = (past.at[some] - times[rows[some]] for rows in (past.begins, past.ends - 1))
    some = some[np.lexsort((*ages, lengths[some]))]
    some = numpy_stream(seed, "pair sample").permutation(some)
    kept = np.cumsum(lengths[some] + NUM_NEW) <= num_pairs
    kept[0] = True
    return np.asarray(np.sort(some[kept]), np.int64)


def _shares(others: list[Array]) -> Array:
    """Return observed / expected events of each class; each has 50 expected events of all."""
    observed, expected = np.sum(others, axis=0).T
    everyone = observed.sum() / max(expected.sum(), 1e-9)
    shares = (observed + _BACK_OFF * everyone) / (expected + _BACK_OFF)
    shares[0] = 1.0  # without history there is nothing else
    return np.asarray(np.maximum(shares, 1e-6))


def _base_logarithms(
    base: FittedRelevance, users: UserPart, table: PairTable
) -> npt.NDArray[np.float32]:
    """Return log p(item | request) of the pairs, shape (p,)."""
    factors, bias = users
    logs = np.einsum("ij,ij->i", factors[table.request], base.item_factors[table.item])
    return np.asarray(logs + bias[table.request] + base.item_bias[table.item], np.float32)


def _offset(logs: npt.NDArray[np.float32], mean: Array, table: PairTable) -> Any:
    return (np.maximum(logs, _LEAST) + np.log(mean)[table.request]).astype(np.float32)


def _slices(histories: Histories) -> Iterator[slice]:
    """Cut the requests into blocks of a bounded number of events."""
    ends = np.cumsum(histories.lengths)
    begin = 0
    while begin < len(histories) or begin == 0:
        before = ends[begin - 1] if begin else 0
        end = int(np.searchsorted(ends, before + _EVENTS_AT_A_TIME, side="right"))
        end = min(max(end, begin + 1), begin + _REQUESTS_AT_A_TIME, max(len(histories), 1))
        yield slice(begin, min(end, len(histories)))
        begin = end
