"""What is known of a pair (request, item): its own past, its user's, its item's, its neighbours'.

Ages are in horizons, so that what is learnt on one window holds for another; counts enter as
logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyIntegers, Array, Integers, Singles
from tsgen.data import Histories
from tsgen.scores import largest_in_rows

from ..activity import decayed_sums
from ..relevance import item_neighbours
from .first_purchases import attribute_likeness, attribute_vectors, late_uptake

__all__ = [
    "EARLIER_MEMORY",
    "FEATURES",
    "FURTHER",
    "GAP",
    "ItemFacts",
    "Memory",
    "PairTable",
    "pair_table",
    "seen_pasts",
]


@dataclass(frozen=True)
class Memory:
    """How long, in horizons, the past of pairs, users and items is remembered.

    Shorter memories than these change lists by the hour, and find no more.

    Attributes:
        scales: Time scales of decayed counts, four.
        soon: Added to ages before their logarithm is taken; ages below it are much alike.
    """

    scales: tuple[float, ...] = (0.3, 0.5, 1.0, 10.0)
    soon: float = 0.1

    @property
    def decays(self) -> Array:
        """In 1 / horizons, (4,)."""
        return 1 / np.array(self.scales)


EARLIER_MEMORY = Memory((0.1, 0.3, 1.0, 10.0), 0.02)
"""That of models saved before it was kept with them."""

GAP = 1 / 40
"""Horizons that lie between two visits at least."""

_SPANS = ("at once", "soon", "in a horizon", "long")
_NAMES = (*(f"decayed {span}" for span in _SPANS), "count")
FEATURES = (
    *(f"pair {name}" for name in _NAMES), "pair visits", "pair last", "pair first", "pair seen",
    *(f"user {name}" for name in _NAMES), "user visits", "user last", "user first", "user items",
    "user new items", "user activity", *(f"item {name}" for name in _NAMES), "item first",
    "item users", "item new users", "neighbours", "neighbours lately", "base",
)  # fmt: skip
"""Names of the columns; decayed counts are of the four scales of a `Memory`."""

FURTHER = ("uptake", "attributes")
"""Names of the columns before the last where facts have `uptake`, and `vectors`."""


@dataclass(frozen=True, eq=False)
class ItemFacts:
    """What is kept of the items at one time.

    Attributes:
        table: (items, 8) float32 features.
        neighbours: (items, items) sparse, see `item_neighbours`.
        memory: Of the table, and of what is found out beside it.
        uptake: (items, items) sparse, see `late_uptake`; None leaves it out.
        vectors: (items, d), see `attribute_vectors`; None leaves them out.
    """

    table: Singles
    neighbours: sp.csr_array
    memory: Memory = field(default_factory=Memory)
    uptake: sp.csr_array | None = None
    vectors: Singles | None = None

    @classmethod
    def of(
        cls, histories: Histories, horizon: int, num_neighbours: int, *, further: bool = False
    ) -> Self:
        """Count the events of the items; histories are each user once, at one time.

        Args:
            histories: These.
            horizon: Microseconds.
            num_neighbours: Of an item.
            further: Whether to look at late uptake and at attributes, too.
        """
        memory = Memory()
        requests, rows = histories.flat()
        num_items = histories.events.num_items
        item = histories.events.item[rows]
        age = (histories.at[requests] - histories.events.time[rows]) / horizon
        sums = [np.bincount(item, np.exp(-d * age), minlength=num_items) for d in memory.decays]
        oldest = np.zeros(num_items)
        np.maximum.at(oldest, item, age)
        users = np.bincount(histories.pair_counts().indices, minlength=num_items)
        counts = [*sums, np.bincount(item, minlength=num_items)]
        first = _first_events(requests, item, num_items)
        new = np.bincount(item[first], np.exp(-age[first]), minlength=num_items)
        columns = [*(np.log(count + 0.1) for count in counts), np.log(oldest + memory.soon)]
        table = np.column_stack([*columns, np.log(users + 0.1), np.log(new + 0.1)])
        facts = cls(table.astype(np.float32), item_neighbours(histories, num_neighbours), memory)
        if not further:
            return facts
        uptake = late_uptake(histories, horizon, num_neighbours)
        vectors = attribute_vectors(histories.events.item_table, 0)
        return replace(facts, uptake=uptake, vectors=vectors)


@dataclass(frozen=True, eq=False)
class PairTable:
    """The pairs (p,) that a request has seen or is likely to turn to, sorted, and their features.

    Attributes:
        request: (p,) positions of the requests.
        item: (p,) item codes.
        features: (p, features) float32, without the column "base", which is the caller's.
    """

    request: Integers
    item: Integers
    features: Singles


def pair_table(
    histories: Histories, horizon: int, facts: ItemFacts, activity: Array, num_new: int
) -> PairTable:
    """Describe the seen pairs of each request, and its `num_new` most likely new ones.

    Args:
        histories: The requests (r).
        horizon: Microseconds.
        facts: The items.
        activity: (r,) expected events.
        num_new: Items not seen that have the largest sums over their neighbours in the history.
    """
    num_items = max(histories.events.num_items, 1)
    seen, pasts, counts, lately = seen_pasts(histories, horizon, facts.memory)
    shape = (len(histories), num_items)
    around = sp.csr_array(_matrix(seen, counts, shape) @ facts.neighbours)
    recent = sp.csr_array(_matrix(seen, lately, shape) @ facts.neighbours)
    keys, near = _entries(around)
    chosen = _unseen(around, seen, num_new)
    counted = _matrix(seen, counts, shape)
    taken: sp.csr_array | None = None
    if facts.uptake is not None:
        taken = sp.csr_array(sp.csr_array(counted > 0, dtype=np.float64) @ facts.uptake)
        chosen = np.union1d(chosen, _unseen(taken, seen, num_new // 2))
    pairs = np.sort(np.concatenate([seen, chosen]))
    own = np.zeros((len(pairs), pasts.shape[1]))
    own[np.searchsorted(pairs, seen)] = pasts
    request, item = np.divmod(pairs, num_items)
    users = _user_features(histories, horizon, activity, facts.memory)
    sums = [_look_up(keys, near, pairs), _look_up(*_entries(recent), pairs)]
    columns: list[Array] = [own, users[request], facts.table[item].astype(np.float64)]
    columns.append(np.log(np.column_stack(sums) + 0.03))
    if taken is not None:
        columns.append(np.log(_look_up(*_entries(taken), pairs) + 0.003)[:, None])
    if facts.vectors is not None:
        columns.append(attribute_likeness(counted, facts.vectors, request, item)[:, None])
    return PairTable(request, item, np.concatenate(columns, axis=1).astype(np.float32))


def seen_pasts(
    histories: Histories, horizon: int, memory: Memory
) -> tuple[Integers, Array, Array, Array]:
    """Return the seen pairs (request * items + item), their features, counts, counts of late."""
    requests, rows = histories.flat()
    keys = requests * max(histories.events.num_items, 1) + histories.events.item[rows]
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    age = ((histories.at[requests] - histories.events.time[rows]) / horizon)[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    if not len(starts):
        nothing = np.zeros(0)
        return np.zeros(0, np.int64), np.zeros((0, 9)), nothing, nothing
    count = np.diff(np.append(starts, len(keys)))
    sums = [np.add.reduceat(np.exp(-decay * age), starts) for decay in memory.decays]
    again = np.append(False, age[:-1] - age[1:] > GAP)
    again[starts] = False
    visits = 1 + np.add.reduceat(again.astype(np.int64), starts)
    features = np.column_stack([
        np.log1p(20 * np.column_stack(sums)),
        np.log1p(np.column_stack([count, visits])),
        np.log(age[starts + count - 1] + memory.soon),
        np.log(age[starts] + memory.soon),
        np.ones(len(starts)),
    ])  # fmt: skip
    return keys[starts], features, count.astype(np.float64), sums[memory.scales.index(1.0)]


def _first_events(requests: Integers, item: AnyIntegers, num_items: int) -> Integers:
    """Return the positions of the first event of each pair; events are in the order of time."""
    first: Integers = np.unique(requests * num_items + item, return_index=True)[1]
    return first


def _user_features(histories: Histories, horizon: int, activity: Array, memory: Memory) -> Array:
    times, num = histories.events.time, len(histories)
    active = histories.lengths > 0
    last = np.where(active, times[np.maximum(histories.ends - 1, 0)], histories.at)
    first = np.where(active, times[np.minimum(histories.begins, len(times) - 1)], histories.at)
    requests, rows = histories.flat()
    later = rows[1:][np.diff(requests) == 0]
    gaps = (times[later] - times[later - 1]) / horizon > GAP
    whose = requests[1:][np.diff(requests) == 0]
    visits = active + np.bincount(whose, gaps, minlength=num)
    counts = [*decayed_sums(histories, memory.decays, horizon).T, histories.lengths, visits]
    firsts = _first_events(requests, histories.events.item[rows], histories.events.num_items)
    age = (histories.at[requests[firsts]] - times[rows[firsts]]) / horizon
    items = [np.bincount(requests[firsts], w, minlength=num) for w in (None, np.exp(-age))]
    ages = [(histories.at - moment) / horizon for moment in (last, first)]
    return np.column_stack([
        np.log(np.column_stack(counts) + 0.1),
        np.log(np.column_stack(ages) + memory.soon),
        np.log(np.column_stack(items) + 0.1),
        np.log(np.maximum(activity, 1e-9)),
    ])  # fmt: skip


def _unseen(values: sp.csr_array, seen: Integers, num: int) -> Integers:
    """Return the sorted keys of the `num` largest values of each row that are not of seen pairs."""
    keys, size = _entries(values)
    new = ~np.isin(keys, seen, assume_unique=True)
    return _entries(largest_in_rows(_matrix(keys[new], size[new], values.shape), num))[0]


def _matrix(keys: Integers, values: Array, shape: tuple[int, int]) -> sp.csr_array:
    return sp.csr_array((values, np.divmod(keys, shape[1])), shape=shape)


def _entries(values: sp.csr_array) -> tuple[Integers, Array]:
    """Return the sorted keys and the values of a sparse matrix."""
    values.sort_indices()
    rows = np.repeat(np.arange(values.shape[0], dtype=np.int64), np.diff(values.indptr))
    return rows * values.shape[1] + values.indices, values.data


def _look_up(keys: Integers, values: Array, asked: Integers) -> Array:
    """Return the values at the keys asked for, 0 where there is none; keys are sorted."""
    if not len(keys):
        return np.zeros(len(asked))
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, values[place], 0.0)
