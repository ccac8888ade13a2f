"""Histories as padded batches of tokens, of similar length so that little is padding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from tsgen.arrays import AnyArray, Array, Indices, Integers, Singles
from tsgen.data import Histories
from tsgen.errors import DataError

__all__ = ["Batch", "ExtraInputs", "Sequences", "value_scale"]


@dataclass(frozen=True)
class Batch:
    """Some histories, oldest event first, padded at the end; n + 1 positions for n events.

    Attributes:
        tokens: (B, L) inputs: the start token 0, then the events' items.
        extras: (B, L, E) what else is known of the event that `tokens` names, 0 at the start.
        targets: (B, L) the next item's token, 0 after the last event.
        lengths: (B,) events.
    """

    tokens: torch.Tensor
    extras: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor


@dataclass(frozen=True)
class ExtraInputs:
    """What a network reads beside the items.

    Attributes:
        horizon: Microseconds.
        time_gap: Whether log1p of the time since the user's previous event, in horizons, is read.
        value_scale: A usual size of values, by which they are divided; then their signed log1p is
            read. None reads no values.
    """

    horizon: int
    time_gap: bool = False
    value_scale: float | None = None

    @property
    def num(self) -> int:
        """How many numbers an event has beside its item."""
        return self.time_gap + (self.value_scale is not None)

    @property
    def units(self) -> Array:
        """The horizon and the scale of values (NaN if none are read), for saving."""
        scale = np.nan if self.value_scale is None else self.value_scale
        return np.array([self.horizon, scale], np.float64)

    def __call__(self, histories: Histories, rows: Integers, place: Integers) -> Singles:
        """Return the inputs of some events, (rows, num) float32.

        Args:
            histories: Their log.
            rows: Events, each request's one after another.
            place: Place of each in its request's history; the first has a gap of 0.

        Raises:
            DataError: Values are read, and the log has none.
        """
        columns = np.zeros((len(rows), self.num), np.float32)
        if self.time_gap:
            times = histories.events.time[rows]
            gap = np.diff(times, prepend=times[:1]) / self.horizon
            columns[:, 0] = np.log1p(np.where(place == 0, 0.0, gap))
        if self.value_scale is not None:
            values = _values_of(histories)[rows] / self.value_scale
            columns[:, -1] = np.sign(values) * np.log1p(np.abs(values))
        return columns


def _values_of(histories: Histories) -> Array:
    """Return the values of all events of the log.

    Raises:
        DataError: It has none.
    """
    if histories.events.value is None:
        raise DataError(
            "The network reads the values of events (network.value), but these events have none; "
            "give a column 'value', or name it with value=."
        )
    return histories.events.value


def value_scale(histories: Histories) -> float:
    """Return the median size of the values other than 0, or 1 if all are."""
    _, rows = histories.flat()
    sizes = np.abs(_values_of(histories)[rows])
    return float(np.median(sizes[sizes > 0])) if sizes.any() else 1.0


class Sequences:
    """The last `max_length` events of each request, as tokens.

    Args:
        histories: r requests.
        token: (items,) token of each item; 0 for items that the model does not know, whose events
            are left out.
        max_length: Events kept of a history.
        extras: What is known beside the item.
    """

    def __init__(
        self,
        histories: Histories,
        token: Integers,
        max_length: int,
        extras: ExtraInputs,
    ) -> None:
        requests, rows = histories.flat()
        tokens = token[histories.events.item[rows]]
        of_items = tokens > 0
        requests, rows, tokens = requests[of_items], rows[of_items], tokens[of_items]
        counts = np.bincount(requests, minlength=len(histories))
        ends = np.cumsum(counts)
        place = np.arange(len(rows)) - (ends - counts)[requests]
        kept = place >= (counts - max_length)[requests]
        self.tokens = tokens[kept]
        self.extras = extras(histories, rows, place)[kept]
        self.lengths = np.minimum(counts, max_length)
        self.offsets = np.concatenate([[0], np.cumsum(self.lengths)])

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, chosen: AnyArray, device: torch.device) -> Batch:
        """Return the histories at `chosen` as one batch."""
        lengths = self.lengths[chosen]
        width = int(lengths.max(initial=0)) + 1
        real = np.arange(width - 1) < lengths[:, None]
        rows = (self.offsets[chosen][:, None] + np.arange(width - 1))[real]
        padded = np.zeros((len(chosen), width + 1), np.int64)
        padded[:, 1:-1][real] = self.tokens[rows]
        extras = np.zeros((len(chosen), width, self.extras.shape[1]), np.float32)
        extras[:, 1:][real] = self.extras[rows]
        return Batch(
            tokens=torch.from_numpy(padded[:, :-1]).to(device),
            extras=torch.from_numpy(extras).to(device),
            targets=torch.from_numpy(padded[:, 1:]).to(device),
            lengths=torch.from_numpy(lengths).to(device),
        )

    def batches(
        self, batch_size: int, random: np.random.Generator | None, among: AnyArray
    ) -> list[Indices]:
        """Return positions in `among` as batches of similar length, in random order if asked."""
        keys = self.lengths[among].astype(np.float64)
        if random is not None:
            keys *= random.uniform(0.9, 1.1, len(keys))  # so that epochs meet in other company
        order = among[np.argsort(keys, kind="stable")]
        batches = [order[k : k + batch_size] for k in range(0, len(order), batch_size)]
        if random is not None:
            batches = [batches[k] for k in random.permutation(len(batches))]
        return batches
