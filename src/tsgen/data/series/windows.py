"""Windows of series, drawn by one indexed read over one flat array.

Shapes: B windows, L target length, N observations of all series together, n series; C channels,
where the series are entries of several channels observed together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from tsgen.arrays import AnyArray, Floats, Integers, Singles
from tsgen.displays import percent
from tsgen.errors import DataError

__all__ = ["WindowSampler", "padded", "window_starts"]


def window_starts(
    values: Floats,
    offsets: Integers,
    length: int,
    min_observed: float = 1.0,
) -> Integers:
    """Return every flat index at which a usable window of `length` begins.

    A window is usable if it lies inside one series and at least `min_observed` of its steps, and
    two at the least, are observed; with several channels, of its steps in every channel.

    Args:
        values: (N,) or (C, N), all series one after another; NaN is missing.
        offsets: (n + 1,), series i is values[offsets[i]:offsets[i + 1]].
        length: Steps in a window.
        min_observed: Share of the steps that must be observed, in (0, 1].
    """
    needed = max(int(np.ceil(min_observed * length)), min(2, length))
    channels = np.atleast_2d(values)
    begins = np.arange(max(channels.shape[1] - length + 1, 0))
    last = np.repeat(offsets[1:] - length, np.diff(offsets))[: len(begins)]
    enough = np.ones(len(begins), dtype=bool)
    for channel in channels:
        observed = np.concatenate([[0], np.cumsum(np.isfinite(channel), dtype=np.int64)])
        enough &= observed[begins + length] - observed[begins] >= needed
    usable: Integers = begins[(begins <= last) & enough]
    return usable


def padded(values: AnyArray, offsets: Integers, length: int) -> tuple[AnyArray, Integers]:
    """Return values and offsets in which series shorter than `length` go on with missing values.

    So each of them has one window, observed where the series is.

    Args:
        values: (N,) or (C, N), all series one after another.
        offsets: (n + 1,), series i is values[offsets[i]:offsets[i + 1]].
        length: Steps in a window.
    """
    lengths = np.diff(offsets)
    more = np.maximum(length - lengths, 0)
    if not more.any():
        return values, offsets
    ends = np.concatenate([[0], (lengths + more).cumsum()]).astype(np.int64)
    place = np.arange(values.shape[-1]) + np.repeat(ends[:-1] - offsets[:-1], lengths)
    longer = np.full((*values.shape[:-1], int(ends[-1])), np.nan, dtype=values.dtype)
    longer[..., place] = values
    return longer, ends


@dataclass(frozen=True)
class WindowSampler:
    """Draws windows on the training device: a series uniformly, then a start uniformly within it.

    Attributes:
        values: (N,) or (C, N) float32, scaled; NaN is missing.
        offsets: (n + 1,) int64.
        begins: (W,) int64, flat indices at which windows may begin, ascending.
        first: (m,) int64, for each usable series the place in `begins` of its first window.
        counts: (m,) int64, how many windows each usable series has.
        series: (m,) int64, the usable series.
        length: Steps in a window, L.
    """

    values: torch.Tensor
    offsets: torch.Tensor
    begins: torch.Tensor
    first: torch.Tensor
    counts: torch.Tensor
    series: torch.Tensor
    length: int

    @classmethod
    def over(
        cls,
        values: Singles,
        offsets: Integers,
        length: int,
        *,
        min_observed: float = 0.5,
        device: torch.device | str = "cpu",
    ) -> WindowSampler:
        """Index the usable windows of all series.

        Raises:
            DataError: No series has a usable window.
        """
        begins = window_starts(values, offsets, length, min_observed)
        if not len(begins):
            longest = int(np.diff(offsets).max(initial=0))
            if longest < length:
                raise DataError(
                    f"The longest series has {longest} steps; target_length={length} needs at "
                    "least that many. Lower target_length or give longer series."
                )
            raise DataError(
                f"No window of {length} steps has {percent(min_observed)} of its steps observed. "
                "Lower target_length or min_observed, or give series with fewer gaps."
            )
        owner = np.searchsorted(offsets, begins, side="right") - 1
        series, first, counts = np.unique(owner, return_index=True, return_counts=True)
        arrays = (values, offsets, begins, first, counts, series)
        tensors = tuple(torch.tensor(array, device=device) for array in arrays)
        return cls(*tensors, length)  # type: ignore[call-arg, arg-type]

    def draw(self, size: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw (series, position): two (B,) int64 tensors; position counts from the first step."""
        uniform = torch.rand(
            (2, size), generator=generator, device=self.values.device, dtype=torch.float64
        )
        chosen = (uniform[0] * len(self.series)).long().clamp_(max=len(self.series) - 1)
        counts = self.counts[chosen]
        rank = torch.minimum((uniform[1] * counts).long(), counts - 1)
        series = self.series[chosen]
        return series, self.begins[self.first[chosen] + rank] - self.offsets[series]

    def read(self, series: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        """Return the windows (B, L), or (B, C, L), of `series` that begin at `position`."""
        steps = torch.arange(self.length, device=self.values.device)
        read = self.values[..., (self.offsets[series] + position)[:, None] + steps]
        return read if read.ndim == 2 else read.transpose(0, 1)

    def read_around(
        self, series: torch.Tensor, position: torch.Tensor, before: int, after: int
    ) -> torch.Tensor:
        """Return the windows with the steps before and after them, NaN outside the series.

        Shape (B, before + L + after), or (B, C, before + L + after).
        """
        steps = torch.arange(-before, self.length + after, device=self.values.device)
        place = position[:, None] + steps
        first, end = self.offsets[series][:, None], self.offsets[series + 1][:, None]
        inside = (place >= 0) & (place < end - first)
        read = self.values[..., (first + place).clamp(0, self.values.shape[-1] - 1)]
        read = torch.where(inside, read, torch.nan)
        return read if read.ndim == 2 else read.transpose(0, 1)
