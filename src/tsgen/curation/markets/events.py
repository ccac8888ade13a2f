"""A RIM for a country in which an item has not been sold: users of near ones count more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Integers
from tsgen.contracts import MarketEstimator, MarketModel
from tsgen.data import Interactions, Vocabulary
from tsgen.errors import DataError, nearest
from tsgen.rng import resolve_seed

from .domain_graph import DomainGraph
from .weighing import MarketWeights, check_domains, copies_of, drawn_of, weights_for

__all__ = ["market_events", "train_for_market"]

_PRIOR = 1.0
"""Events that each item is given beside its own where shares are compared."""


def train_for_market(
    estimator: MarketEstimator,
    events: Interactions,
    graph: DomainGraph,
    target: Any,
    *,
    column: str = "country",
    scale: float | None = None,
    at: Any = None,
    options: Any = None,
    seed: int | None = None,
) -> MarketModel:
    """Train on a log in which users of near markets count more; see `market_events`.

    Copies are forgotten after the training, so that lists hold each user once.

    Args:
        estimator: Such as `RIMEstimator`.
        events: The log, with a table of users that has the column.
        graph: Of the markets.
        target: The market to learn for.
        column: Attribute of users that names the market.
        scale: See `DomainGraph.source_weights`; None chooses it by leaving each market out.
        at: See `RIMEstimator.train`.
        options: See `RIMEstimator.train`.
        seed: Of the copies.
    """
    past = events if at is None else events.where(events.time < events.read_time(at))
    log, weights = market_events(past, graph, target, column=column, scale=scale, seed=seed)
    model = estimator.train(log, at=at, options=options)
    copied = log.users.ids[events.users.codes(log.users.ids) < 0]
    learnt = model.forget(list(copied)) if len(copied) else model
    learnt.summary["market"] = weights.facts
    return learnt


def market_events(
    events: Interactions,
    graph: DomainGraph,
    target: Any,
    *,
    column: str = "country",
    scale: float | None = None,
    seed: int | None = None,
) -> tuple[Interactions, MarketWeights]:
    """Return a log in which each user is there as often as the user's market counts.

    So users of market m enter whatever is learnt from the log with weight w(m). The target's own
    users count as much as those of the market that counts most. The scale, if it is not given, is
    the one by which other markets tell most of the shares of the items in one that is left out.

    Args:
        events: The log, with a table of users that has the column.
        graph: Of the markets.
        target: The market to learn for.
        column: Attribute of users that names the market.
        scale: See `DomainGraph.source_weights`.
        seed: Of the copies; None draws one.

    Returns:
        The log, copies with ids of their own, and the weights.

    Raises:
        DataError: There is no such column, a user has no market, a market is not in the graph, or
            too few are to choose a scale by.
    """
    domains = _markets_of(events, column, target)
    sources = sorted({name for name in domains if name != target}, key=str)
    counts = _item_counts(events, domains, sources)

    def loss(left_out: Any, weights: pd.Series[Any]) -> float:
        mixed = sum(weight * counts[name] for name, weight in weights.items()) + _PRIOR
        return float(-(counts[left_out] @ np.log(mixed / mixed.sum())) / counts[left_out].sum())

    weights = weights_for(graph, target, sources, scale, loss)
    own = {target: max(weights.weights.values())}
    copies = copies_of(domains, {**weights.weights, **own}, resolve_seed(seed))
    return _repeated(events, copies), replace(weights, drawn=drawn_of(domains, copies))


def _markets_of(events: Interactions, column: str, target: Any) -> AnyArray:
    table = events.user_table
    if table is None or column not in table:
        there = [] if table is None else [str(name) for name in table]
        raise DataError(
            f"The users have no attribute '{column}' that names their market."
            f"{nearest(column, there)} Give a table of users that has it (users=...)."
        )
    return check_domains(table[column], events.num_users, "users", target)


def _item_counts(events: Interactions, domains: AnyArray, sources: list[Any]) -> dict[Any, Array]:
    counts = {}
    for name in sources:
        rows = domains[events.user] == name
        counts[name] = np.bincount(events.item[rows], minlength=events.num_items).astype(np.float64)
        if not counts[name].sum():
            raise DataError(f"Market '{name}' has users but no event; leave its users out.")
    return counts


def _repeated(events: Interactions, copies: Integers) -> Interactions:
    """Return each user as often as asked, those after the first with ids of their own."""
    rows = np.repeat(np.arange(len(copies)), copies)
    number = np.arange(len(rows)) - np.repeat(np.cumsum(copies) - copies, copies)
    lengths = events.lengths[rows]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    chosen = np.repeat(events.offsets[:-1][rows] - offsets[:-1], lengths)
    chosen = chosen + np.arange(int(offsets[-1]))
    table = events.user_table
    return replace(
        events,
        users=_with_copies(events.users, rows, number),
        offsets=offsets,
        item=events.item[chosen],
        time=events.time[chosen],
        value=None if events.value is None else events.value[chosen],
        user_table=None if table is None else table.iloc[rows].reset_index(drop=True),
    )


def _with_copies(users: Vocabulary, rows: Integers, number: Integers) -> Vocabulary:
    again = number > 0
    if pd.api.types.is_integer_dtype(users.ids):
        ids = np.asarray(users.ids)[rows]
        ids[again] = int(users.ids.max()) + 1 + np.arange(int(again.sum()))
        return Vocabulary(pd.Index(ids), "user")
    names = [f"{users.ids[row]} (copy {k})" if k else users.ids[row]
             for row, k in zip(rows, number, strict=True)]  # fmt: skip
    return Vocabulary(pd.Index(names, tupleize_cols=False), "user")
