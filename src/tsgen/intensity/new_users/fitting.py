"""Learning what attributes say of users, from those who have events."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import Indices, Singles
from tsgen.contracts import TableDescription
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.rng import numpy_stream

from .lifts import count_gain, lift_slopes, share_gain
from .part import AttributeUsers, Standardised, any_attribute

__all__ = ["fit_new_users"]

logger = logging.getLogger(__name__)

_FEWEST = 50
"""Users with attributes and events to learn from."""
_MOST = 50_000
_PRIORS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, float("inf"))
_HELD_OUT = 0.2
_NUMBERS = 10_000_000
_HORIZONS = 3
"""Last horizons whose events say how active a user is."""


def fit_new_users(
    histories: Histories,
    horizon: int,
    describer: str,
    seed: int,
    encoder: TableDescription | None = None,
) -> AttributeUsers | None:
    """Learn how attributes lift activity and items; None where there is nothing to learn from.

    How far to believe them is chosen by a fifth of the users, held out as if they were new.

    Args:
        histories: Each user once, at the training cut-off.
        horizon: Microseconds.
        describer: Name in `TABLE_DESCRIBERS`.
        seed: Of what is held out and drawn.
        encoder: A description that has learnt from another table; None learns one.

    Raises:
        DataError: `encoder` reads other columns than the table has.
    """
    table = histories.events.user_table
    if table is None or describer == "none":
        return None
    rows = np.flatnonzero((histories.lengths > 0) & any_attribute(table))
    new = int((histories.lengths == 0).sum())
    if len(rows) < _FEWEST:
        _say(new, f"{len(rows)} users have events and attributes, {_FEWEST} are needed to learn")
        return None
    try:
        numbers = Standardised.learnt(describer, table, seed, encoder)
    except DataError as error:
        if encoder is not None:
            raise
        _say(new, str(error))
        return None
    idle = [str(c) for c in table if str(c) not in numbers.columns or table[c].nunique() < 2]
    if encoder is None and new and idle:
        logger.warning("columns that tell nothing of users without events: %s", ", ".join(idle))
    random = numpy_stream(seed, "new users")
    return _fitted(numbers, histories, horizon, random.permutation(rows)[:_MOST], table)


def _say(new: int, why: str) -> None:
    """Say that users without events are not told apart, if there are any."""
    if new:
        logger.warning("the %d users without events are all alike to the model: %s", new, why)


def _fitted(
    numbers: Standardised,
    histories: Histories,
    horizon: int,
    rows: Indices,
    table: pd.DataFrame,
) -> AttributeUsers:
    z = numbers(table.iloc[rows])
    seen = sp.csr_array(histories.pair_counts()[rows] > 0, dtype=np.float64)
    width = np.asarray(seen.sum(axis=1)).ravel()
    shares = np.asarray(seen.sum(axis=0)).ravel() / width.sum()
    lately = histories.lengths - histories.earlier(_HORIZONS * horizon).lengths
    counts = sp.csr_array(lately[rows].astype(np.float64)[:, None])
    held = round(_HELD_OUT * len(rows))
    asked = slice(0, min(held, max(_NUMBERS // len(shares), 1)))
    taught = slice(held, None)

    def items(part: slice, prior: float) -> Singles:
        return lift_slopes(z[part], width[part], seen[part], shares, prior)

    mean = np.array([max(float(counts.mean()), 1e-9)])
    everyone = np.ones(len(rows))

    def activity(part: slice, prior: float) -> Singles:
        return lift_slopes(z[part], everyone[part], counts[part], mean, prior)

    item_gains = {
        prior: share_gain(z[asked], seen[asked], shares, items(taught, prior)) for prior in _PRIORS
    }
    gains = {
        prior: count_gain(z[asked], counts[asked], float(mean[0]), activity(taught, prior))
        for prior in _PRIORS
    }
    best_items, best = (max(g, key=g.__getitem__) for g in (item_gains, gains))
    facts = {
        "rule": numbers.name,
        "users": len(rows),
        "gain_items": round(item_gains[best_items], 5),
        "gain_activity": round(gains[best], 5),
    }
    whole = slice(None)
    return AttributeUsers(numbers, activity(whole, best), items(whole, best_items), facts)
