"""Histories as padded batches of tokens, of similar length so that little is padding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from tsgen.data import Histories

__all__ = ["Batch", "Sequences"]


@dataclass(frozen=True)
class Batch:
    """Some histories, oldest event first, padded at the end; n + 1 positions for n events.

    Attributes:
        tokens: (B, L) inputs: the start token 0, then the events' items.
        gaps: (B, L) log1p of the time since the previous event, in horizons.
        targets: (B, L) the next item's token, 0 after the last event.
        lengths: (B,) events.
    """

    tokens: torch.Tensor
    gaps: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor


class Sequences:
    """The last `max_length` events of each request, as tokens.

    Args:
        histories: r requests.
        token: (items,) token of each item; 0 for items that the model does not know, whose events
            are left out.
        max_length: Events kept of a history.
        horizon: Microseconds.
    """

    def __init__(
        self, histories: Histories, token: npt.NDArray[np.int64], max_length: int, horizon: int
    ) -> None:
        requests, rows = histories.flat()
        tokens = token[histories.events.item[rows]]
        known = tokens > 0
        requests, rows, tokens = requests[known], rows[known], tokens[known]
        counts = np.bincount(requests, minlength=len(histories))
        ends = np.cumsum(counts)
        place = np.arange(len(rows)) - (ends - counts)[requests]
        kept = place >= (counts - max_length)[requests]
        times = histories.events.time[rows]
        gap = np.diff(times, prepend=times[:1]) / horizon
        gap[place == 0] = 0.0
        self.tokens = tokens[kept]
        self.gaps = np.log1p(gap[kept]).astype(np.float32)
        self.lengths = np.minimum(counts, max_length)
        self.offsets = np.concatenate([[0], np.cumsum(self.lengths)])

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, chosen: npt.NDArray[Any], device: torch.device) -> Batch:
        """Return the histories at `chosen` as one batch."""
        lengths = self.lengths[chosen]
        width = int(lengths.max(initial=0)) + 1
        place = np.arange(width - 1)
        real = place < lengths[:, None]
        rows = self.offsets[chosen][:, None] + place
        found = np.where(real, self.tokens[np.minimum(rows, max(len(self.tokens) - 1, 0))], 0)
        waits = np.where(real, self.gaps[np.minimum(rows, max(len(self.gaps) - 1, 0))], 0.0)
        pad = np.zeros((len(chosen), 1))
        return Batch(
            tokens=torch.from_numpy(np.hstack([pad.astype(np.int64), found])).to(device),
            gaps=torch.from_numpy(np.hstack([pad, waits]).astype(np.float32)).to(device),
            targets=torch.from_numpy(np.hstack([found, pad.astype(np.int64)])).to(device),
            lengths=torch.from_numpy(lengths).to(device),
        )

    def batches(
        self, batch_size: int, random: np.random.Generator | None, among: npt.NDArray[Any]
    ) -> list[npt.NDArray[np.intp]]:
        """Return positions in `among` as batches of similar length, in random order if asked."""
        keys = self.lengths[among].astype(np.float64)
        if random is not None:
            keys *= random.uniform(0.9, 1.1, len(keys))  # so that epochs meet in other company
        order = among[np.argsort(keys, kind="stable")]
        batches = [order[k : k + batch_size] for k in range(0, len(order), batch_size)]
        if random is not None:
            batches = [batches[k] for k in random.permutation(len(batches))]
        return batches
