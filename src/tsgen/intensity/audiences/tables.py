"""Lists of the best: users for a campaign, users for each of many items, items for users."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, AnyIntegers, Array, Indices, Mask
from tsgen.data.events import Spend
from tsgen.errors import DataWarning
from tsgen.progress import PATIENCE, track
from tsgen.scores import BLOCK_NUMBERS, ScoreMatrix

from ..scoring import Candidates, Eligibility, ExcludeSeen, ProbabilityMap, seen_pairs
from .reasons import reasons

__all__ = [
    "list_items",
    "list_users",
    "list_users_of_each",
    "list_users_one_by_one",
    "share",
    "with_counts",
]

_ROUNDING = 1e-4


def list_users(
    candidates: Candidates,
    columns: AnyIntegers,
    eligible: Eligibility,
    to_probability: ProbabilityMap,
    *,
    size: int | None,
    threshold: float | None,
    expected_buyers: float | None,
    exclude_seen: ExcludeSeen,
    why: bool,
) -> pd.DataFrame:
    """Return the users most likely to engage with one of some items; see `RIMModel.audience`.

    Args:
        candidates: Users and items.
        columns: Items of the campaign.
        eligible: Who may be listed.
        to_probability: From intensities to probabilities.
        size: Users wanted; None takes all who pass the threshold.
        threshold: Least probability; None asks for none.
        expected_buyers: Sum of probabilities that ends the list; None asks for none.
        exclude_seen: See `seen_pairs`.
        why: Whether to add `reasons`.
    """
    scores = candidates.scores()
    intensity, largest = scores.campaign(columns)
    allowed = eligible.allowed
    if scores.excluded is not None:
        out = np.asarray(scores.excluded[:, columns].sum(axis=1)).ravel()
        allowed = allowed & (out < len(columns))
    if exclude_seen:
        allowed = allowed & candidates.unseen(columns, exclude_seen)
    probability = to_probability.probability(intensity, len(columns), largest)
    if threshold is not None:
        allowed = allowed & (probability >= threshold)
    chosen = np.flatnonzero(allowed)
    first = intensity if expected_buyers is None else probability
    chosen = chosen[np.lexsort((-intensity[chosen], -first[chosen]))]
    if expected_buyers is not None:
        chosen = chosen[: _enough(probability[chosen], expected_buyers, size)]
    chosen = chosen[:size]
    activity = candidates.activity[chosen]
    table = pd.DataFrame({
        "user_id": candidates.users.ids.take(chosen),
        "rank": np.arange(1, len(chosen) + 1),
        "intensity": intensity[chosen],
        "probability": probability[chosen],
        "activity": activity,
        "relevance": share(intensity[chosen], activity),
    })  # fmt: skip
    if candidates.spend is not None:
        table["expected_spend"] = _spend(scores, chosen, columns, candidates.spend)
    if candidates.says_basis:
        table["basis"] = _campaign_basis(candidates, chosen, columns)
    if why:
        table = pd.concat([table, reasons(candidates, chosen, columns)], axis=1)
    return with_counts(table, eligible, allowed.sum(), size)


def _campaign_basis(candidates: Candidates, rows: Indices, columns: AnyIntegers) -> AnyArray:
    """Return what the scores of users for some items rest on, "events and attributes" if both."""
    kinds = [candidates.basis(rows, np.full(len(rows), column)) for column in _one_of_each(
        np.isin(columns, candidates.without_events), columns)]  # fmt: skip
    both = [f"{a} and {b}" if a != b else a for a, b in zip(kinds[0], kinds[-1], strict=True)]
    return np.array(both, object)


def _one_of_each(kinds: Mask, columns: AnyIntegers) -> list[int]:
    """Return a column of each kind, of the second kind last."""
    return [int(columns[kinds == kind][0]) for kind in (False, True) if (kinds == kind).any()]


def _enough(probability: Array, wanted: float, size: int | None) -> int:
    """Return how many of the first users are expected to hold so many buyers, `size` at most."""
    buyers = np.cumsum(probability[:size])
    if len(buyers) and buyers[-1] >= wanted:
        return int(np.searchsorted(buyers, wanted)) + 1
    there = float(buyers[-1]) if len(buyers) else 0.0
    who = f"All {len(buyers)} users who may be listed"
    if len(buyers) < len(probability):
        who = f"The first {len(buyers)} users, where size= ends the list,"
    warnings.warn(
        f"{who} are expected to hold {there:,.1f} buyers, fewer than expected_buyers={wanted:g}.",
        DataWarning,
        stacklevel=4,
    )
    return len(buyers)


def _spend(scores: ScoreMatrix, rows: AnyIntegers, columns: AnyIntegers, spend: Spend) -> Array:
    """Return the expected value of the events of users with some items, (rows,)."""
    chosen = scores.select_items(columns).select_users(rows)
    return chosen.user_sums(spend.prices[columns]) * spend.factors[rows]


def list_users_of_each(
    candidates: Candidates,
    columns: AnyIntegers,
    eligible: Eligibility,
    to_probability: ProbabilityMap,
    *,
    size: int,
    exclude_seen: ExcludeSeen,
) -> pd.DataFrame:
    """Return the best users for each of some items, stacked, in one pass over the scores."""
    scores = candidates.scores().select_items(columns)
    if exclude_seen:
        seen, table = candidates.states.seen, candidates.item_table
        scores = scores.without(seen_pairs(seen, columns, table, exclude_seen))
    users = np.flatnonzero(eligible.allowed)
    best = scores.select_users(users).top_users(min(size, max(len(users), 1)))
    table = _with_expectations(best, candidates, to_probability)
    return with_counts(table, eligible, eligible.allowed.sum(), size * len(columns))


def list_users_one_by_one(
    candidates: Candidates,
    columns: AnyIntegers,
    eligible: Eligibility,
    to_probability: ProbabilityMap,
    *,
    size: int | None,
    **how: Any,
) -> pd.DataFrame:
    """Return the list of each of some items, stacked, each with an end of its own.

    Args:
        candidates: Users and items.
        columns: Items, a list each.
        eligible: Who may be listed.
        to_probability: From intensities to probabilities.
        size: Users wanted of each.
        **how: See `list_users`.
    """
    parts = []
    for column in track(columns, "lists", delay=PATIENCE):
        one = np.array([column])
        part = list_users(candidates, one, eligible, to_probability, size=size, **how)
        part.insert(0, "item_id", candidates.items.ids[column])
        part.attrs = {}
        parts.append(part)
    wanted = None if size is None else size * len(columns)
    table = pd.concat(parts, ignore_index=True)
    return with_counts(table, eligible, eligible.allowed.sum(), wanted)


def list_items(
    candidates: Candidates,
    rows: AnyIntegers,
    to_probability: ProbabilityMap,
    size: int,
    items: Iterable[Any] | None,
    exclude_seen: ExcludeSeen,
) -> pd.DataFrame:
    """Return the best items of the users at `rows`, stacked; see `RIMModel.recommendations`."""
    vocabulary = candidates.items
    columns = np.arange(len(vocabulary)) if items is None else np.unique(vocabulary.find(items))
    scores = candidates.scores()
    size = min(size, max(len(columns), 1))
    step = max(BLOCK_NUMBERS // max(len(columns), 1), 1)
    tables = []
    for begin in track(range(0, len(rows), step), "lists", delay=PATIENCE):
        block = rows[begin : begin + step]
        part = scores.select_users(block).select_items(columns)
        if exclude_seen:
            seen = candidates.states.seen[block]
            part = part.without(seen_pairs(seen, columns, candidates.item_table, exclude_seen))
        tables.append(part.top_items(size))
    return _with_expectations(pd.concat(tables, ignore_index=True), candidates, to_probability)


def _with_expectations(
    best: pd.DataFrame, candidates: Candidates, to_probability: ProbabilityMap
) -> pd.DataFrame:
    """Return a table of user_id and score with intensity, probability, activity and relevance."""
    table = best.rename(columns={"score": "intensity"})
    intensity = table["intensity"].to_numpy()
    table["probability"] = to_probability.probability(intensity)
    rows = candidates.users.codes(table["user_id"])
    table["activity"] = candidates.activity[rows]
    table["relevance"] = share(intensity, table["activity"].to_numpy())
    if candidates.spend is not None:
        prices = candidates.spend.prices[candidates.items.codes(table["item_id"])]
        table["expected_spend"] = intensity * prices * candidates.spend.factors[rows]
    if candidates.says_basis:
        table["basis"] = candidates.basis(rows, candidates.items.codes(table["item_id"]))
    return table


def share(intensity: AnyArray, activity: AnyArray) -> AnyArray:
    """Return intensity / activity, 0 where nothing is expected at all.

    It lies in [0, 1], but for models saved before a user's intensities added up to the activity.
    """
    active = np.asarray(activity) > 0
    ratio = np.divide(intensity, activity, out=np.zeros(len(intensity)), where=active)
    return np.asarray(np.where(ratio < 1 + _ROUNDING, np.clip(ratio, 0.0, 1.0), ratio))


def with_counts(
    table: pd.DataFrame, eligible: Eligibility, allowed: int, wanted: int | None
) -> pd.DataFrame:
    """Return the list with `attrs["counts"]`.

    These are excluded (users that the list of ids leaves out), unknown (its entries that nobody
    fits), eligible (users who could be listed), wanted (None where only a threshold was given), got
    (rows), expected_events (sum of the intensities), expected_buyers (sum of the probabilities)
    and, where the log has values, expected_spend, and, where some scores rest on attributes, basis
    (rows of each kind).

    Args:
        table: With intensity and probability.
        eligible: Who may be listed.
        allowed: Of them, those who pass every condition.
        wanted: Rows asked for.
    """
    table.attrs["counts"] = {
        "excluded": eligible.excluded,
        "unknown": eligible.unknown,
        "eligible": int(allowed),
        "wanted": None if wanted is None else int(wanted),
        "got": len(table),
        "expected_events": float(table["intensity"].sum()),
        "expected_buyers": float(table["probability"].sum()),
    }
    if "basis" in table:
        table.attrs["counts"]["basis"] = table["basis"].value_counts().to_dict()
    if "expected_spend" in table:
        table.attrs["counts"]["expected_spend"] = float(table["expected_spend"].sum())
    return table
