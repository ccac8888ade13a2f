"""`rebalance`: the audience that meets a demand about groups, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tsgen.arrays import Array, Mask
from tsgen.contracts import ListingModel
from tsgen.data.events import read_span
from tsgen.errors import DataError, SettingsError
from tsgen.metrics import Ratio, bootstrap, percentile_interval
from tsgen.rng import resolve_seed

from ..bias import Lists
from ..explanation import explain_scores
from ..facets import Facet, attributes_of, read_facets
from .places import Demand, balanced_places

__all__ = ["Rebalanced", "rebalance"]


@dataclass(frozen=True, eq=False)
class Rebalanced:
    """An audience that meets a demand, and its price.

    Attributes:
        audience: The users with their rank and the columns of the scores; `group`, and `swapped`:
            whether they would not be in the plain list.
        groups: One row a group: members, places before and after, shares taken, and the cut-off:
            the least score that is taken.
        price: "expected before", "expected after", "lost" and "lost_share"; with outcomes
            "realised before", "realised after" and the interval of their difference.
    """

    audience: pd.DataFrame
    groups: pd.DataFrame
    price: dict[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """What was done and what it costs, in a sentence."""
        price = self.price
        said = (
            f"{int(self.audience['swapped'].sum())} of {len(self.audience)} users are others than "
            f"in the plain list; expected engagements fall from {price['expected before']:,.1f} to "
            f"{price['expected after']:,.1f} ({round(-100 * price['lost_share'], 1) + 0.0:+.1f} %)"
        )
        if "realised before" not in price:
            return f"{said}."
        low, high = price["realised difference"]
        return (
            f"{said}; of the users listed, {price['realised before']:,} engaged before and "
            f"{price['realised after']:,} after, a difference of "
            f"{price['realised after'] - price['realised before']:+,} [{low:+,.0f}, {high:+,.0f}]."
        )


def rebalance(
    scores: ListingModel | pd.DataFrame,
    users: pd.DataFrame | None = None,
    *,
    facet: Any,
    size: int | None = None,
    min_ratio: float | None = None,
    min_share: float | None = None,
    budget: float | None = None,
    cost: float | None = None,
    items: list[Any] | None = None,
    outcomes: Any = None,
    at: Any = None,
    events: Any = None,
    horizon: str | None = None,
    draws: int = 500,
    seed: int | None = 0,
    **conditions: Any,
) -> Rebalanced:
    """Choose an audience in which groups are taken in a ratio or a share, losing the least.

    Each group is taken down to a cut-off of its own, under one size of the whole list.

    Args:
        scores: Everybody who may be listed: a table of user_id and intensity (expected
            engagements), as `model.audience(items, threshold=0)` gives; or a model.
        users: One row a user: user_id and attributes. None takes what the model knows.
        facet: The groups, as for `bias_report`; one facet.
        size: Users of the list.
        min_ratio: Each group's share taken is at least so much of the others'. Shares are of those
            who may be listed.
        min_share: The group has at least this share of the list.
        budget: Instead of a size: what all contacts may cost.
        cost: Of one contact.
        items: Items of the campaign, of a model; or those that outcomes count for.
        outcomes: What users did later, for the realised price; see `bias_report`.
        at: See `bias_report`.
        events: See `bias_report`.
        horizon: See `bias_report`.
        draws: Draws of the bootstrap of the realised price.
        seed: Same seed, same numbers; None draws one.
        **conditions: Who may be listed of a model, as for its `audience`: exclude, where,
            exclude_where, exclude_seen, threshold; and why ("shapley" explains who is chosen).

    Raises:
        SettingsError: The demand cannot be met; the message says why.
        DataError: A group has nobody in it, or scores are no numbers.

    Example:
        >>> import pandas as pd
        >>> from tsgen.responsible import rebalance
        >>> users = pd.DataFrame({"user_id": range(6), "sex": ["m", "m", "m", "f", "f", "f"]})
        >>> scores = users[["user_id"]].assign(intensity=[0.9, 0.8, 0.7, 0.6, 0.2, 0.1])
        >>> fair = rebalance(scores, users, facet="sex=f", size=3, min_ratio=0.5)
        >>> fair.audience["user_id"].tolist(), round(fair.price["lost"], 6)
        ([0, 1, 3], 0.1)
    """
    demand, num = Demand(min_ratio, min_share), _size(size, budget, cost)
    explained = conditions.get("why") == "shapley"
    if explained:
        conditions["why"] = _facts_of_all(events)
    table, people = _table(scores, users, items, {"at": at, "events": events, **conditions})
    ids = pd.Index(table["user_id"])
    groups = read_facets(attributes_of(ids, people), facet)
    if len(groups) != 1:
        raise SettingsError(f"{len(groups)} facets are given; one list is balanced by one facet.")
    gains = table["intensity"].to_numpy(float)
    plain = np.zeros(len(table), bool)
    plain[np.argsort(-gains, kind="stable")[:num]] = True
    chosen = _chosen(groups[0], gains, num, demand)
    price = _expected(gains, plain, chosen)
    if outcomes is not None:
        begin = getattr(scores, "cutoff", None) if at is None else at
        length = horizon or getattr(scores, "horizon", None)
        span = None if length is None else read_span(length)
        lists = _lists(ids, items, plain, chosen).with_outcomes(outcomes, begin, span)
        price |= _realised(lists, draws, resolve_seed(seed))
    listed = _audience(table, groups[0], plain, chosen)
    if explained:
        model: Any = scores
        listed["why"] = explain_scores(model, items, list(listed["user_id"]), at=at).sentences()
    return Rebalanced(listed, _rows(groups[0], gains, plain, chosen), price)


def _facts_of_all(events: Any) -> bool:
    """Return what is asked of everybody where those who are chosen get a sentence, too.

    Raises:
        SettingsError: A newer log is given with it.
    """
    if events is not None:
        raise SettingsError(
            "why='shapley' explains by the events that the model keeps; add what is new first: "
            "model.update(events)."
        )
    return True


def _size(size: int | None, budget: float | None, cost: float | None) -> int:
    if (size is None) == (budget is None) or (budget is None) != (cost is None):
        raise SettingsError("Give either size, or budget with the cost of a contact.")
    if size is not None:
        return size
    if not (cost or 0) > 0:
        raise SettingsError(f"cost={cost} is not possible: a contact must cost something.")
    return int(np.floor(float(budget or 0) / float(cost or 1) + 1e-9))


def _table(
    scores: Any, users: pd.DataFrame | None, items: list[Any] | None, conditions: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return everybody who may be listed with an intensity, and the attributes."""
    table = scores
    if hasattr(scores, "audience"):
        if not items:
            raise SettingsError("A model's list is about items: give items=[...].")
        table = scores.audience(items, **{"threshold": 0.0} | conditions)
        users = scores.user_attributes if users is None else users
    elif given := [
        name for name, value in conditions.items() if value is not None and name != "at"
    ]:
        raise SettingsError(f"{given[0]} is of a model; a table of scores is taken as it is.")
    if users is None:
        raise SettingsError("There is no table of users: give users=, one row a user.")
    absent = [name for name in ("user_id", "intensity") if name not in table]
    if absent or table.empty or not np.isfinite(table["intensity"].to_numpy(float)).all():
        raise DataError(
            "The scores need at least one row, and the columns user_id and intensity, a finite "
            f"number for each user{f'; {absent[0]} is missing' if absent else ''}."
        )
    return table.reset_index(drop=True), users


def _chosen(facet: Facet, gains: Array, size: int, demand: Demand) -> Mask:
    """Return who is taken, (n,)."""
    order = np.argsort(-gains, kind="stable")
    members = [order[facet.codes[order] == code] for code in range(len(facet.groups))]
    rank = np.empty(len(gains), np.int64)
    rank[order] = np.arange(len(gains))
    places = balanced_places(
        [gains[rows] for rows in members], facet.groups, facet.sizes, size, demand,
        [rank[rows] for rows in members],
    )  # fmt: skip
    chosen = np.zeros(len(gains), bool)
    for rows, number in zip(members, places, strict=True):
        chosen[rows[:number]] = True
    return chosen


def _expected(gains: Array, plain: Mask, chosen: Mask) -> dict[str, Any]:
    before, after = float(gains[plain].sum()), float(gains[chosen].sum())
    lost = before - after
    return {
        "expected before": before,
        "expected after": after,
        "lost": lost,
        "lost_share": lost / before if before else 0.0,
    }


def _lists(ids: Any, items: list[Any] | None, plain: Mask, chosen: Mask) -> Lists:
    taken = sp.csr_array(np.column_stack([plain, chosen]).astype(float))
    return Lists(ids, [items, items], taken)


def _realised(lists: Lists, draws: int, seed: int) -> dict[str, Any]:
    """Return how many of both lists engaged, and an interval of the difference over users."""
    hits = lists.selected.multiply(lists.acted).toarray()
    difference = Ratio(hits[:, 1] - hits[:, 0], np.full(len(hits), 1 / len(hits)))
    drawn = bootstrap({"": difference}, len(hits), draws, seed)[""]
    before, after = hits.sum(axis=0)
    return {
        "realised before": int(before),
        "realised after": int(after),
        "realised difference": percentile_interval(drawn),
    }


def _audience(table: pd.DataFrame, facet: Facet, plain: Mask, chosen: Mask) -> pd.DataFrame:
    names = np.array(facet.groups, object)[facet.codes]
    listed = table.assign(group=names, swapped=~plain)[chosen]
    listed = listed.sort_values("intensity", ascending=False, kind="stable", ignore_index=True)
    ranks = np.arange(1, len(listed) + 1)
    rest = listed.drop(columns="rank", errors="ignore")
    rest.insert(1, "rank", ranks)
    if counts := table.attrs.get("counts"):
        rest.attrs["counts"] = counts | _counts_of(rest)
    return rest


def _counts_of(listed: pd.DataFrame) -> dict[str, Any]:
    """Return what a list holds, in the words of a model's own."""
    sums = {"expected_events": "intensity", "expected_buyers": "probability",
            "expected_spend": "expected_spend"}  # fmt: skip
    totals = {name: float(listed[column].sum()) for name, column in sums.items()
              if column in listed}  # fmt: skip
    return {"wanted": len(listed), "got": len(listed), **totals}


def _rows(facet: Facet, gains: Array, plain: Mask, chosen: Mask) -> pd.DataFrame:
    rows = []
    for code, name in enumerate(facet.groups):
        mine = facet.codes == code
        if not mine.any():
            continue
        taken = gains[mine & chosen]
        rows.append({
            "group": name,
            "users": int(mine.sum()),
            "before": int((mine & plain).sum()),
            "after": len(taken),
            "share_before": float(plain[mine].mean()),
            "share_after": float(chosen[mine].mean()),
            "cutoff": float(taken.min()) if len(taken) else np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows)
