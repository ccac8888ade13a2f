"""Which steps of a drawn series are missing: as in its source, as often as in training, or none.

And which are at rest: at phases of the day, week or year at which the series never varies.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tsgen.arrays import Array, Mask
from tsgen.errors import SettingsError, nearest

from ..memory import RESTING
from .requests import Requests

__all__ = ["MissingRequest", "check_missing", "missing_steps", "resting_values"]

MissingRequest = Literal["like", "model", "none"]
_REQUESTS = ("like", "model", "none")


def check_missing(missing: str) -> None:
    """Raise SettingsError for what is not "like", "model" or "none"."""
    if missing not in _REQUESTS:
        raise SettingsError(
            f"missing={missing!r} is not possible.{nearest(missing, _REQUESTS)} Use 'like' (the "
            "gaps of the source), 'model' (gaps as long and as frequent) or 'none'."
        )


def missing_steps(
    requests: Requests, missing: MissingRequest, closed: bool, stride: int, seed: int
) -> Mask:
    """Return which of the values of all requested series are missing, one after the other.

    Args:
        requests: What is drawn.
        missing: "like" takes the gaps of the entries that the series are drawn after, where the two
            overlap; "model" draws gaps as long and as frequent as those of the series in training.
        closed: Whether phases that are always missing are so here.
        stride: Period ordinals from one step to the next.
        seed: Same seed, same gaps of an entry and draw, whatever stands beside it.
    """
    result = np.zeros(int(requests.offsets[-1]), bool)
    streams = requests.streams(seed)
    grain = requests.table.grain
    for row, (begin, end) in enumerate(zip(requests.offsets, requests.offsets[1:], strict=False)):
        here = result[begin:end]
        one = np.array([row])
        if closed:
            here |= grain.closed_at(one, requests.starts[one], len(here), stride)[0]
        if missing == "like" and requests.like is not None:
            here |= _of_source(requests, row, len(here), stride)
        if missing == "model" and grain.gap_rate[row] > 0:
            words = [int(streams.keys[row]), int(streams.numbers[row])]
            random = np.random.default_rng(words)
            here |= _drawn(len(here), grain.gap_rate[row], grain.gap_length[row], random)
    return result


def resting_values(requests: Requests, stride: int) -> Array:
    """Return values of all requested series at phases at which theirs is always the same.

    One series after the other; NaN where they vary.
    """
    result = np.full(int(requests.offsets[-1]), np.nan)
    grain = requests.table.grain
    for row in np.flatnonzero((grain.phases >= RESTING).any(axis=1)):
        here = slice(*requests.offsets[row : row + 2])
        one, length = np.array([row]), int(requests.lengths[row])
        result[here] = grain.rest_at(one, requests.starts[one], length, stride)[0]
    return result


def _of_source(requests: Requests, row: int, length: int, stride: int) -> Mask:
    """Return what is missing in the entry at the steps of the series drawn after it."""
    like = requests.like
    gaps = np.zeros(length, bool)
    if like is None:
        return gaps
    entry = int(requests.rows[row])
    source = np.isnan(like.series(entry))
    ahead = int(requests.starts[row] - like.starts[entry]) // stride
    first, last = max(-ahead, 0), min(len(source) - ahead, length)
    if first < last:
        gaps[first:last] = source[first + ahead : last + ahead]
    return gaps


def _drawn(length: int, rate: float, mean: float, random: np.random.Generator) -> Mask:
    """Return gaps that begin at `rate` a step outside gaps, of geometric lengths."""
    gaps = np.zeros(length, bool)
    step = int(random.geometric(min(rate, 1.0))) - 1
    while step < length:
        steps = int(random.geometric(1 / max(mean, 1.0)))
        gaps[step : step + steps] = True
        step += steps + int(random.geometric(min(rate, 1.0)))
    return gaps
