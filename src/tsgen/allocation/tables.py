"""The tables of an allocation, from its chosen pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, AnyIntegers, Array

from .pools import CampaignPairs
from .solving import Duals, Limits

__all__ = ["contact_table", "holdout_table", "summary_table"]


def contact_table(
    pool: CampaignPairs,
    rows: AnyArray,
    columns: AnyArray,
    duals: Duals | None,
    arm: str,
    block_numbers: int,
) -> pd.DataFrame:
    """Return chosen pairs as a table, campaigns in their order, then by falling value.

    Args:
        pool: All pairs.
        rows: (e,) users, rising.
        columns: (e,) campaigns.
        duals: Prices, or None.
        arm: "contact" or "holdout".
        block_numbers: Pairs in memory at a time.
    """
    engagements, values, costs = (np.zeros(len(rows)) for _ in range(3))
    step = max(block_numbers // pool.shape[1], 1)
    for begin in range(0, len(rows), step):
        at = slice(begin, begin + step)
        users, place = np.unique(rows[at], return_inverse=True)
        block = pool.block(users)
        engagements[at] = block.engagements[place, columns[at]]
        values[at] = block.values[place, columns[at]]
        costs[at] = block.costs[place, columns[at]]
    worth = values + costs if pool.plan.objective == "profit" else values
    names = np.array([c.name for c in pool.plan.campaigns], object)
    campaigns = pd.factorize(names)[0]  # a campaign may have several lists
    order = np.lexsort((rows, -values, campaigns[columns]))
    table = pd.DataFrame({
        "user_id": pool.candidates.users.ids.take(rows),
        "campaign": names[columns],
        "rank": 0,
        "expected_engagements": engagements,
        "expected_value": worth,
        "cost": costs,
        "arm": arm,
        "price": np.nan if duals is None else _pair_prices(duals, columns, costs),
    })  # fmt: skip
    table = table.iloc[order].reset_index(drop=True)
    table["rank"] = table.groupby("campaign", sort=False).cumcount() + 1
    return table


def _pair_prices(duals: Duals, columns: AnyArray, costs: AnyArray) -> Array:
    """Return what contacts take from others, (e,)."""
    money = duals.money[columns] + duals.total
    return np.asarray(duals.contact[columns] + costs * money)


def holdout_table(
    pool: CampaignPairs, places: AnyIntegers, duals: Duals, block_numbers: int
) -> pd.DataFrame:
    """Return who would have been contacted at these prices, was it not held out.

    Args:
        pool: All pairs.
        places: (n,) campaigns that each user may be in.
        duals: Prices.
        block_numbers: Pairs in memory at a time.
    """
    open_pool = pool.without_holdouts()
    held_rows, held_columns = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    n, m = pool.shape
    step = max(block_numbers // m, 1)
    for begin in range(0, n, step):
        rows = np.arange(begin, min(begin + step, n))
        held = pool.held(rows)
        rows, held = rows[held.any(axis=1)], held[held.any(axis=1)]
        if len(rows):
            place, column = _choices(duals.reduced(open_pool.block(rows)), places[rows])
            kept = held[place, column]
            held_rows.append(rows[place[kept]])
            held_columns.append(column[kept])
    rows, columns = np.concatenate(held_rows), np.concatenate(held_columns)
    return contact_table(open_pool, rows, columns, duals, "holdout", block_numbers)


def _choices(reduced: AnyArray, capacity: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Return each user's best pairs above 0, up to its capacity."""
    order = np.argsort(-reduced, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(reduced.shape[1])[None, :], axis=1)
    chosen, column = np.nonzero((place < capacity[:, None]) & (reduced > 0))
    return chosen, column


def summary_table(
    pool: CampaignPairs,
    limits: Limits,
    table: pd.DataFrame,
    holdouts: pd.DataFrame,
    duals: Duals | None,
) -> pd.DataFrame:
    """Return one row a campaign; see `Allocation.summary`."""
    several = table["user_id"].duplicated(keep=False)
    groups = table.assign(overlap=several.astype(int)).groupby("campaign", sort=False)
    sums = groups[["expected_engagements", "expected_value", "cost", "overlap"]].sum()
    names = [campaign.name for campaign in pool.plan.campaigns]
    sums = sums.reindex(names, fill_value=0)
    users = table["campaign"].value_counts().reindex(names, fill_value=0)
    held = holdouts["campaign"].value_counts().reindex(names, fill_value=0)
    binding = _binding(pool, limits, users.to_numpy(), sums["cost"].to_numpy(float))
    contact, money = _shadow_prices(pool, duals, binding)
    return pd.DataFrame({
        "campaign": names,
        "users": users.to_numpy(),
        "at_least": limits.at_least.astype(int),
        "at_most": limits.at_most.astype(int),
        "expected_engagements": sums["expected_engagements"].to_numpy(float),
        "expected_value": sums["expected_value"].to_numpy(float),
        "cost": sums["cost"].to_numpy(float),
        "held_out": held.to_numpy(),
        "overlap": sums["overlap"].to_numpy(int),
        "binding": binding,
        "contact_price": contact,
        "money_price": money,
    })  # fmt: skip


def _shadow_prices(
    pool: CampaignPairs, duals: Duals | None, binding: list[str]
) -> tuple[AnyArray, AnyArray]:
    """Return what one more contact and one more unit of money would bring, (m,) each.

    Where contacts have one cost, a budget is a number of contacts, and its price that of a contact.
    """
    if duals is None:
        return np.full(len(binding), np.nan), np.full(len(binding), np.nan)
    money = duals.money + duals.total
    for place, bound in enumerate(binding):
        if "budget" in bound and place not in pool.by_user and money[place] == 0:
            money[place] = max(duals.contact[place], 0) / max(pool.fixed[place], 1e-300)
    return duals.contact, money


def _binding(pool: CampaignPairs, limits: Limits, users: AnyArray, spent: AnyArray) -> list[str]:
    """Return which limits leave no room for one more contact."""
    texts = []
    total = spent.sum()
    for place, campaign in enumerate(pool.plan.campaigns):
        cost = _least_cost(pool, place)
        bound = []
        full = users[place] >= limits.at_most[place]
        asked = campaign.most is not None and users[place] >= campaign.most
        if asked:
            bound.append("exactly" if campaign.exactly is not None else "at_most")
        if users[place] == campaign.least > 0 and campaign.exactly is None:
            bound.append("at_least")
        budget = campaign.budget
        if budget is not None and ((full and not asked) or spent[place] + cost > budget):
            bound.append("budget")
        if cost > 0 and total + cost > limits.total:
            bound.append("budget of all")
        texts.append(", ".join(bound))
    return texts


def _least_cost(pool: CampaignPairs, column: int) -> float:
    by_user = pool.by_user.get(column)
    return float(pool.fixed[column] if by_user is None else by_user.min())
