"""What speaks for a first event of a pair: late uptake of people alike, and attributes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import Array, Integers, Singles
from tsgen.contracts import table_describer
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.scores import largest_in_rows

__all__ = ["attribute_likeness", "attribute_vectors", "late_uptake"]

_LONGEST = 1_000  # last events of a user that are looked at
_PAIRS = 200_000


def late_uptake(histories: Histories, horizon: int, num: int) -> sp.csr_array:
    """Return how many who have an item took up another lately, as a share, (items, items) sparse.

    A first event of age a counts exp(-a / horizon). Of each item the `num` others that were taken
    up most are kept.

    Args:
        histories: Each user once.
        horizon: Microseconds.
        num: Items an item.
    """
    num_items = histories.events.num_items
    requests, rows = histories.flat()
    keys = requests * num_items + histories.events.item[rows]
    pairs, first = np.unique(keys, return_index=True)
    age = (histories.at[requests[first]] - histories.events.time[rows[first]]) / horizon
    shape = len(histories), num_items
    late = sp.csr_array((np.exp(-age), np.divmod(pairs, num_items)), shape=shape)
    seen = sp.csr_array(histories.last(_LONGEST).pair_counts() > 0, dtype=np.float64)
    users = np.maximum(np.asarray(seen.sum(axis=0)).ravel(), 1.0)
    taken = sp.coo_array(sp.diags_array(1 / users) @ (seen.T @ late))
    others = taken.coords[0] != taken.coords[1]
    kept = taken.data[others], tuple(axis[others] for axis in taken.coords)
    return largest_in_rows(sp.csr_array(kept, shape=taken.shape), num)


def attribute_vectors(table: pd.DataFrame | None, seed: int) -> Singles | None:
    """Return items as unit vectors of their attributes, (items, d); None where these say nothing.

    Args:
        table: Attributes, (items, columns).
        seed: Of the description.
    """
    if table is None or not table.shape[1]:
        return None
    try:
        numbers = table_describer("columns").learnt(table, seed).transform(table)
    except DataError:  # no column tells one item from another
        return None
    scaled = (numbers - numbers.mean(axis=0)) / np.maximum(numbers.std(axis=0), 1e-6)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return np.asarray(scaled / np.maximum(lengths, 1e-6), np.float32)


def attribute_likeness(
    counts: sp.csr_array, vectors: Singles, request: Integers, item: Integers
) -> Array:
    """Return the cosine of an item's attributes and the mean of those in the history, (p,).

    Args:
        counts: (r, items) sparse, weights of the items in each history.
        vectors: (items, d), of length 1.
        request: (p,) rows.
        item: (p,) columns.
    """
    profile = np.asarray(counts @ vectors)
    profile /= np.maximum(np.linalg.norm(profile, axis=1, keepdims=True), 1e-6)
    likeness = np.zeros(len(request))
    for begin in range(0, len(request), _PAIRS):
        part = slice(begin, begin + _PAIRS)
        likeness[part] = np.einsum("ij,ij->i", profile[request[part]], vectors[item[part]])
    return likeness
