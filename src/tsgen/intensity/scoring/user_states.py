"""What a fitted model keeps of each user, so that scoring needs no log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Indices, Integers, Mask, Singles
from tsgen.data import Histories, Vocabulary

from ..activity import FittedActivity
from .item_levels import with_item_power
from .parts import FittedParts

__all__ = ["UserStates"]


@dataclass(frozen=True, eq=False)
class UserStates:
    """The compact state of n users at one time; saved as `users.parquet`.

    Its size is about n * (k + d + 2) numbers, and 9 bytes for each pair: those seen and, with
    `repeats="learned"`, up to 50 more a user.

    Attributes:
        users: Their ids.
        at: Microseconds since 1970 UTC.
        activity: (n, k) float32 state of the activity model.
        factors: (n, d) float32 of the relevance model.
        bias: (n,) float32 of the relevance model, with its share beside the pair part.
        pairs: (n, items) float32 sparse part of pairs, relative to the activity; all pairs seen
            are stored, be they zeros.
        occurred: (stored pairs,) whether the pair has been seen.
        lift: (n,) float32 what the activity is multiplied by.
    """

    users: Vocabulary
    at: int
    activity: Singles
    factors: Singles
    bias: Singles
    pairs: sp.csr_array
    occurred: Mask
    lift: Singles

    @classmethod
    def of(cls, histories: Histories, users: Vocabulary, parts: FittedParts, horizon: int) -> Self:
        """Summarise histories, each user once and all at one time."""
        factors, bias = parts.relevance.users(histories)
        state = parts.activity.state(histories)
        expected = parts.activity.intensity(state)
        share, pairs, lift = parts.pairs.split(
            histories, horizon, expected, parts.relevance, (factors, bias)
        )
        share, pairs = with_item_power(share, pairs, parts, bias)
        pairs.data = (parts.seen_share * pairs.data).astype(np.float32)
        with np.errstate(divide="ignore"):
            bias = (bias + np.log(parts.seen_share * share)).astype(np.float32)
        occurred = np.isin(_keys(pairs), _keys(histories.pair_counts()), assume_unique=True)
        return cls(
            users,
            int(histories.at.max()),
            state.astype(np.float32),
            factors,
            bias,
            pairs,
            occurred,
            lift.astype(np.float32),
        )

    @classmethod
    def without_histories(cls, users: Vocabulary, present: Mask, at: int, num_items: int) -> Self:
        """Return states that say who has events and nothing else: one pair stands for all.

        Args:
            users: Their ids (n).
            present: (n,) who has events.
            at: Microseconds since 1970 UTC.
            num_items: Items of the model.
        """
        num, offsets = int(present.sum()), np.concatenate([[0], np.cumsum(present)])
        ones = np.ones(num, np.float32), np.zeros(num, np.int32), offsets
        nothing = np.zeros((len(users), 0), np.float32)
        pairs = sp.csr_array(ones, shape=(len(users), num_items))
        bias = np.zeros(len(users), np.float32)
        lift = np.ones(len(users), np.float32)
        return cls(users, at, nothing, nothing, bias, pairs, np.ones(num, bool), lift)

    def __len__(self) -> int:
        return len(self.users)

    def expected(self, activity: FittedActivity, elapsed: float = 0.0) -> Array:
        """Return the events that are expected of each user, (n,).

        Args:
            activity: What the states are of.
            elapsed: Horizons since then.
        """
        return np.asarray(activity.intensity(self.activity.astype(float), elapsed) * self.lift)

    @property
    def seen(self) -> sp.csr_array:
        """1 for each pair that has occurred, sparse, shape (n, items)."""
        rows, columns = np.divmod(_keys(self.pairs)[self.occurred], self.pairs.shape[1])
        ones = np.ones(len(rows), np.int8)
        return sp.csr_array((ones, (rows, columns)), shape=self.pairs.shape)

    def with_pairs(self, added: sp.csr_array) -> Self:
        """Return states with further pairs, that have not occurred; one that is there stays.

        Args:
            added: (n, items, perhaps more than before) sparse.
        """
        total = added.shape[1]
        old, new = sp.coo_array(self.pairs), sp.coo_array(added)
        keys = old.coords[0].astype(np.int64) * total + old.coords[1]
        further = new.coords[0].astype(np.int64) * total + new.coords[1]
        fresh = ~np.isin(further, keys)
        keys = np.append(keys, further[fresh])
        values = np.append(old.data, new.data[fresh]).astype(np.float32)
        order = np.argsort(keys, kind="stable")
        rows, items = np.divmod(keys[order], total)
        indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(self)))])
        occurred = np.append(self.occurred, np.zeros(int(fresh.sum()), bool))[order]
        pairs = sp.csr_array((values[order], items, indptr), shape=(len(self), total))
        return replace(self, pairs=pairs, occurred=occurred)

    def of_rows(self, rows: Indices, users: Vocabulary) -> Self:
        """Return the states of some users, in another order, under new ids."""
        lengths = np.diff(self.pairs.indptr)
        begins = np.repeat(self.pairs.indptr[:-1][rows], lengths[rows])
        stored = begins + _within(lengths[rows])
        offsets = np.concatenate([[0], np.cumsum(lengths[rows])])
        pairs = sp.csr_array(
            (self.pairs.data[stored], self.pairs.indices[stored], offsets),
            shape=(len(rows), self.pairs.shape[1]),
        )
        return replace(
            self,
            users=users,
            activity=self.activity[rows],
            factors=self.factors[rows],
            bias=self.bias[rows],
            pairs=pairs,
            occurred=self.occurred[stored],
            lift=self.lift[rows],
        )

    def write(self, path: Path) -> None:
        """Write the states as Parquet."""
        ids, kind = self.users.to_column()
        offsets = pa.array(self.pairs.indptr, pa.int64())
        columns = {
            "user_id": pa.array(ids),
            "activity": _rows(self.activity),
            "factors": _rows(self.factors),
            "bias": pa.array(self.bias),
            "lift": pa.array(self.lift),
            "pair_items": pa.LargeListArray.from_arrays(
                offsets, pa.array(self.pairs.indices.astype(np.int32))
            ),
            "pair_values": pa.LargeListArray.from_arrays(offsets, pa.array(self.pairs.data)),
            "pair_occurred": pa.LargeListArray.from_arrays(offsets, pa.array(self.occurred)),
        }
        facts = {"kind": kind, "at": str(self.at), "num_items": str(self.pairs.shape[1])}
        table = pa.table(columns)
        facts["widths"] = f"{self.activity.shape[1]},{self.factors.shape[1]}"
        metadata = {**(table.schema.metadata or {}), **facts}
        pq.write_table(table.replace_schema_metadata(metadata), path, compression="zstd")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote."""
        table = pq.read_table(path).combine_chunks()
        facts = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
        num, widths = table.num_rows, [int(w) for w in facts["widths"].split(",")]

        def flat(name: str) -> AnyArray:
            column = table[name].combine_chunks().flatten()
            return np.asarray(column.to_numpy(zero_copy_only=False))

        items = table["pair_items"].combine_chunks()
        lengths = np.array(items.value_lengths()) if num else np.zeros(0, np.int64)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        pairs = sp.csr_array(
            (flat("pair_values"), np.array(items.flatten()), offsets),
            shape=(num, int(facts["num_items"])),
        )
        return cls(
            Vocabulary.from_column(table["user_id"].to_pandas(), facts["kind"], "user"),
            int(facts["at"]),
            flat("activity").reshape(num, widths[0]),
            flat("factors").reshape(num, widths[1]),
            table["bias"].to_numpy(),
            pairs,
            flat("pair_occurred"),
            table["lift"].to_numpy() if "lift" in table.column_names else np.ones(num, np.float32),
        )


def _within(lengths: AnyArray) -> Integers:
    """Return 0, 1, ... within each of the groups of these lengths, one after another."""
    ends = np.cumsum(lengths)
    number = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(number) - np.repeat(ends - lengths, lengths))


def _rows(values: Singles) -> pa.Array:
    """Return the rows of a matrix as a column of lists."""
    offsets = np.arange(len(values) + 1) * values.shape[1]
    return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), pa.array(values.ravel()))


def _keys(pairs: sp.csr_array) -> Integers:
    """Return row * columns + column of the stored pairs, in their order."""
    rows = np.repeat(np.arange(pairs.shape[0], dtype=np.int64), np.diff(pairs.indptr))
    return np.asarray(rows * pairs.shape[1] + pairs.indices)
