"""Why minima cannot be met: which campaigns clash, over what, and by how much."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from tsgen.arrays import AnyArray

from .limits import Limits
from .pairs import PairBlocks, row_blocks

__all__ = ["explain_shortage"]


_NAMED = 5


def explain_shortage(
    pairs: PairBlocks, limits: Limits, names: Sequence[str], *, block_numbers: int
) -> str | None:
    """Return in one sentence why no assignment meets the minima, or None if contacts allow it.

    Users who may be in the same campaigns are one class, so that a maximum flow from campaigns to
    classes decides for any number of users (Gale and Ryser); its minimum cut names the campaigns.
    Money is looked at through the cheapest contacts: a necessary condition.

    Args:
        pairs: All pairs.
        limits: Bounds.
        names: (m,) names of the campaigns.
        block_numbers: Pairs in memory at a time.
    """
    needy = np.flatnonzero(limits.at_least > 0)
    classes, sizes, cheapest = _classes(pairs, limits, needy, block_numbers)
    return (
        _too_few(classes, sizes, limits, needy, names)
        or _clash(classes, sizes, limits, needy, names)
        or _too_dear(cheapest, limits, needy, names)
    )


def _classes(
    pairs: PairBlocks, limits: Limits, needy: AnyArray, block_numbers: int
) -> tuple[AnyArray, AnyArray, list[AnyArray]]:
    """Return each class's campaigns (c, needy), its (users, places) (c, 2), and sorted costs."""
    parts: list[AnyArray] = []
    costs: list[list[AnyArray]] = [[] for _ in needy]
    for rows in row_blocks(pairs.shape, block_numbers):
        block = pairs.block(rows[limits.users[rows] > 0])
        allowed = np.isfinite(block.values[:, needy])
        price = np.broadcast_to(block.costs, block.values.shape)[:, needy]
        for place in range(len(needy)):
            costs[place].append(price[allowed[:, place], place])
        places = limits.users[rows[limits.users[rows] > 0]]
        parts.append(np.column_stack([np.minimum(places, allowed.sum(axis=1)), allowed]))
    rows, counts = np.unique(np.concatenate(parts), axis=0, return_counts=True)
    sizes = np.column_stack([counts, counts * rows[:, 0]])
    return rows[:, 1:] > 0, sizes, [np.sort(np.concatenate(part)) for part in costs]


def _too_few(
    classes: AnyArray, sizes: AnyArray, limits: Limits, needy: AnyArray, names: Sequence[str]
) -> str | None:
    there = classes.T.astype(np.int64) @ sizes[:, 0]
    for place, column in enumerate(needy):
        least, most = int(limits.at_least[column]), int(limits.at_most[column])
        if there[place] < least:
            return (
                f"Campaign '{names[column]}' needs at least {least} users, but {there[place]} may "
                f"be in it: {least - there[place]} too few."
            )
        if most < least:
            return (
                f"Campaign '{names[column]}' needs at least {least} users, but its budget pays for "
                f"{most}: {least - most} too few."
            )
    return None


def _clash(
    classes: AnyArray, sizes: AnyArray, limits: Limits, needy: AnyArray, names: Sequence[str]
) -> str | None:
    """Return the campaigns that want more contacts than their users may have together."""
    num, kinds = len(needy), len(sizes)
    sink = num + kinds + 1
    user_class, campaign = np.nonzero(classes)
    tails = [np.zeros(num), 1 + campaign, 1 + num + np.arange(kinds)]
    heads = [1 + np.arange(num), 1 + num + user_class, np.full(kinds, sink)]
    rooms = [limits.at_least[needy], sizes[user_class, 0], sizes[:, 1]]
    graph = sp.csr_array(
        (np.concatenate(rooms).astype(np.int32), (np.concatenate(tails), np.concatenate(heads))),
        shape=(sink + 1, sink + 1),
        dtype=np.int32,
    )
    flow = maximum_flow(graph, 0, sink)
    short = int(limits.at_least[needy].sum()) - int(flow.flow_value)
    if short == 0:
        return None
    left = sp.csr_array(graph - flow.flow)
    left.data = np.maximum(left.data, 0)
    left.eliminate_zeros()
    reached = breadth_first_order(left, 0, return_predecessors=False)
    clashing = needy[reached[(reached >= 1) & (reached <= num)] - 1]
    wanted = int(limits.at_least[clashing].sum())
    return (
        f"{_named(clashing, names)} need at least {wanted} contacts together, but the users who "
        f"may be in them can be contacted {wanted - short} times: {short} too few. Lower a "
        "minimum, or raise max_campaigns or max_contacts."
    )


def _too_dear(
    cheapest: list[AnyArray], limits: Limits, needy: AnyArray, names: Sequence[str]
) -> str | None:
    least = limits.at_least[needy].astype(int)
    needed = np.array([costs[:num].sum() for costs, num in zip(cheapest, least, strict=True)])
    for place, column in enumerate(needy):
        if needed[place] > limits.budgets[column]:
            return (
                f"Campaign '{names[column]}' needs at least {least[place]} users, whose cheapest "
                f"contacts cost {needed[place]:g}, but its budget is {limits.budgets[column]:g}: "
                f"{needed[place] - limits.budgets[column]:g} too little."
            )
    if needed.sum() > limits.total:
        return (
            f"{_named(needy, names)} need contacts for at least {needed.sum():g}, but the budget "
            f"of all is {limits.total:g}: {needed.sum() - limits.total:g} too little."
        )
    return None


def _named(columns: AnyArray, names: Sequence[str]) -> str:
    first = ", ".join(f"'{names[column]}'" for column in sorted(columns)[:_NAMED])
    more = f" and {len(columns) - _NAMED} more" if len(columns) > _NAMED else ""
    return f"Campaigns {first}{more}" if len(columns) > 1 else f"Campaign {first}"
