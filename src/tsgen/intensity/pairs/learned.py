"""The intensity of pairs learnt directly, where the pair's past or its neighbours say something.

For the pairs that a user has seen, and the new ones that the items seen speak for most, a small
network gives the intensity from the past of the pair, the user and the item, starting from the
product activity * relevance; it learns from the visits of the last horizons of the training part
(events of a pair that follow each other closely are one visit), and a visit has so many events. All
other pairs keep the product, times a share learnt by length of history. A user's intensities are
divided by their sum over all items, so that intensity / activity is a distribution over items; what
the sums say of a user beside others of like activity lifts the activity itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp

from tsgen.arrays import AnyArray, Array, Singles
from tsgen.data import Histories

from ..parts import arrays_of
from ..relevance import FittedRelevance, UserPart
from .features import EARLIER_MEMORY, ItemFacts, Memory, PairTable, pair_table
from .mixture import history_class
from .network import PairNetwork
from .settings import PairSettings
from .split import PairSplit, UsualSums

__all__ = ["LEAST_ACTIVITY", "LearnedPairs", "describe", "event_blocks"]

_EVENTS_AT_A_TIME = 200_000
_REQUESTS_AT_A_TIME = 5_000
LEAST_ACTIVITY = 1e-12
_LEAST = -25.0
_NOTHING = 1e-3
"""Of a share; what is left of it is the rounding of the sums it is made of."""


@dataclass(frozen=True, eq=False)
class LearnedPairs:
    """A pair part that has learnt.

    Attributes:
        facts: The items, at the training cut-off.
        network: From features to log-intensities.
        scale: Events a visit; the network expects visits.
        share: (classes,) of the product model, for the pairs that are not described.
        whole: 1 where a user's intensities add up to the activity; 0 in models saved before they
            did.
        num_new: Pairs described beside those seen.
        usual: The sums over items of users of like activity, which a user's is compared with; None
            lifts nobody.
    """

    facts: ItemFacts
    network: PairNetwork
    scale: float
    share: Array
    whole: float = 1.0
    num_new: int = PairSettings().num_new
    usual: UsualSums | None = None
    has_folder: ClassVar[bool] = False

    def split(
        self,
        histories: Histories,
        horizon: int,
        activity: Array,
        base: FittedRelevance,
        users: UserPart,
    ) -> PairSplit:
        """Return shares of the product, what to add for some pairs, and the lift of the activity.

        What is added may be negative; both are relative to the activity. Of a user who has had all
        items, and is to come back to none, rounding would say which: the product alone counts.

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
        lift = np.ones(len(share))
        if self.whole:
            total = share + np.bincount(rows, extra, minlength=len(share))
            nothing = total < _NOTHING * share
            total = np.where(nothing, share, total)
            extra = np.where(nothing[rows], 0.0, extra)
            share, extra = share / total, extra / total[rows]
            active = (histories.lengths > 0) & ~nothing
            if self.usual is not None:
                lift[active] = self.usual.lift(activity[active], total[active])
        return PairSplit(share, sp.csr_array((extra, (rows, items)), shape=shape), lift)

    def blended(self, other: LearnedPairs, share: float) -> LearnedPairs:
        """Return the mean of what two have learnt, with so much of the other's, facts of this."""

        def mean(one: Any, another: Any) -> Any:
            return np.exp((1 - share) * np.log(one) + share * np.log(another))

        return replace(
            self,
            network=self.network.blended(other.network, share),
            scale=float(mean(self.scale, other.scale)),
            share=mean(self.share, other.share),
        )

    def _blocks(
        self,
        histories: Histories,
        horizon: int,
        activity: Array,
        base: FittedRelevance,
        users: UserPart,
        share: Array,
    ) -> Iterator[tuple[int, PairTable, Array]]:
        for block in event_blocks(histories):
            requests = histories.subset(np.arange(block.start, block.stop))
            mean = np.maximum(activity[block], LEAST_ACTIVITY)
            part = users[0][block], users[1][block]
            table, logs, features, offset = describe(
                requests, horizon, self.facts, mean, base, part, self.num_new
            )
            intensity = np.exp(self.network.logarithms(features, offset).astype(np.float64))
            total = self.scale * intensity / mean[table.request]
            low = share[block][table.request] * np.exp(logs.astype(np.float64))
            yield block.start, table, total - low

    def arrays(self) -> dict[str, Any]:
        """Return the arrays and numbers that `from_arrays` takes back, for saving."""
        near, further = self.facts.neighbours, dict[str, AnyArray]()
        if (taken := self.facts.uptake) is not None:
            further |= {"taken.data": taken.data.astype(np.float32),
                        "taken.indices": taken.indices.astype(np.int32),
                        "taken.indptr": taken.indptr.astype(np.int64)}  # fmt: skip
        if self.facts.vectors is not None:
            further["item.vectors"] = self.facts.vectors
        if self.usual is not None:
            further |= {f"usual.{name}": array for name, array in self.usual.arrays().items()}
        return further | {
            "scale": self.scale,
            "share": self.share,
            "whole": self.whole,
            "num_new": self.num_new,
            "memory": np.array([*self.facts.memory.scales, self.facts.memory.soon]),
            "item.table": self.facts.table,
            "near.data": near.data.astype(np.float32),
            "near.indices": near.indices.astype(np.int32),
            "near.indptr": near.indptr.astype(np.int64),
            **{f"network.{name}": array for name, array in vars(self.network).items()},
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, AnyArray]) -> Self:
        """Return what `arrays` came from."""
        table = arrays["item.table"]
        near, taken = (_sparse(name, arrays, len(table)) for name in ("near", "taken"))
        if near is None:
            raise KeyError("near.data")
        memory = EARLIER_MEMORY
        if "memory" in arrays:
            *scales, soon = arrays["memory"].tolist()
            memory = Memory(tuple(scales), soon)
        return cls(
            ItemFacts(table, near, memory, taken, arrays.get("item.vectors")),
            PairNetwork(**arrays_of("network", arrays)),
            arrays["scale"].item(),
            arrays["share"],
            arrays["whole"].item() if "whole" in arrays else 0.0,
            arrays["num_new"].item() if "num_new" in arrays else PairSettings().num_new,
            UsualSums.from_arrays(usual) if (usual := arrays_of("usual", arrays)) else None,
        )


def _sparse(name: str, arrays: dict[str, AnyArray], num: int) -> sp.csr_array | None:
    """Return an (items, items) matrix that `arrays` hold, or None."""
    if f"{name}.data" not in arrays:
        return None
    parts = tuple(arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
    return sp.csr_array(parts, shape=(num, num))


Description = tuple[PairTable, Singles, Singles, Singles]
"""Pairs, log p(item | request), features, and the logarithm of the product; each (p, ...)."""


def describe(
    histories: Histories,
    horizon: int,
    facts: ItemFacts,
    activity: Array,
    base: FittedRelevance,
    users: UserPart,
    num_new: int,
) -> Description:
    """Describe the pairs of some requests.

    Args:
        histories: The requests (r).
        horizon: Microseconds.
        facts: The items.
        activity: (r,) expected events, above 0.
        base: The relevance of the product.
        users: Its factors and biases of the requests.
        num_new: See `pair_table`.
    """
    table = pair_table(histories, horizon, facts, activity, num_new)
    factors, bias = users
    logs = np.einsum("ij,ij->i", factors[table.request], base.item_factors[table.item])
    logs = np.asarray(logs + bias[table.request] + base.item_bias[table.item], np.float32)
    bounded = np.maximum(logs, _LEAST)
    features = np.column_stack([table.features, bounded])
    offset = (bounded + np.log(activity)[table.request]).astype(np.float32)
    return table, logs, features, offset


def event_blocks(histories: Histories) -> Iterator[slice]:
    """Cut the requests into blocks of a bounded number of events."""
    ends = np.cumsum(histories.lengths)
    begin = 0
    while begin < len(histories) or begin == 0:
        before = ends[begin - 1] if begin else 0
        end = int(np.searchsorted(ends, before + _EVENTS_AT_A_TIME, side="right"))
        end = min(max(end, begin + 1), begin + _REQUESTS_AT_A_TIME, max(len(histories), 1))
        yield slice(begin, min(end, len(histories)))
        begin = end
