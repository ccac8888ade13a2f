"""What a fitted RIM teaches: what it gives the pairs of some requests, now and earlier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tsgen.arrays import Array, Integers
from tsgen.contracts import Lessons
from tsgen.data import Histories, Vocabulary
from tsgen.rng import numpy_stream
from tsgen.scores import ScoreMatrix

from ..relevance import tower_inputs, with_cold_items
from ..scoring import FittedParts, UserStates

__all__ = ["lessons_of", "teaching_requests", "teaching_shares"]

_NUMBERS = 40_000_000
"""Pairs that are taught."""

_MOST, _FEWEST = 20_000, 500
_EARLIER = 2
"""Horizons before the cut-off at which requests are asked as well."""

_IDLE = 0.02
"""Of the requests, those without a history."""


def teaching_requests(now: Histories, span: int, seed: int) -> Histories:
    """Return requests at the cut-off, then earlier ones; most have a history.

    Args:
        now: Each user once, at the training cut-off.
        span: The horizon in microseconds.
        seed: Of the choice.
    """
    random = numpy_stream(seed, "lessons")
    size = int(np.clip(_NUMBERS // max(now.events.num_items, 1), _FEWEST, _MOST))
    share = 1 / (1 + _EARLIER / 2)
    parts = [_chosen(now, round(share * size), random)]
    for back in range(1, _EARLIER + 1):
        left = (size - sum(map(len, parts))) // (_EARLIER + 1 - back)
        parts.append(_chosen(now.earlier(back * span), left, random))
    users, at, ends = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("users", "at", "ends")
    )
    return replace(now, users=users, at=at, ends=ends)


def _chosen(histories: Histories, size: int, random: np.random.Generator) -> Histories:
    active = random.permutation(np.flatnonzero(histories.lengths > 0))[:size]
    idle = random.permutation(np.flatnonzero(histories.lengths == 0))[: round(_IDLE * size)]
    rows: Integers = np.sort(np.concatenate([active, idle]))
    return histories.subset(rows)


def lessons_of(parts: FittedParts, requests: Histories, span: int, seed: int) -> Lessons:
    """Return what the parts teach of these requests."""
    shares, activity = teaching_shares(parts, requests, span)
    return Lessons(
        tower_inputs(requests, span),
        shares,
        activity,
        requests.pair_counts(),
        np.asarray(requests.at == requests.at.max()),
        seed,
    )


def teaching_shares(
    parts: FittedParts, requests: Histories, span: int
) -> tuple[ScoreMatrix, Array]:
    """Return each request's shares of the items, of what goes to those with events; the activity.

    Args:
        parts: What has learnt.
        requests: (r,).
        span: The horizon in microseconds.
    """
    ids = Vocabulary(pd.RangeIndex(len(requests)), "request")
    states = UserStates.of(requests, ids, parts, span)
    items = with_cold_items(parts.relevance, None, parts.item_power)
    shares = ScoreMatrix(
        ids.ids,
        requests.events.items.ids,
        states.factors,
        items.factors,
        states.bias - np.log(parts.seen_share),
        items.bias,
        pairs=states.pairs / parts.seen_share,
    )
    return shares, parts.activity.intensity(states.activity.astype(np.float64))
