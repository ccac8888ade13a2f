"""Returns of purchases: events whose amount is below 0, and the purchases that they take back."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from tsgen.arrays import Array, Codes, Indices, Integers, Mask
from tsgen.errors import DataError, DataWarning

__all__ = ["OnReturn", "shares_left"]

OnReturn = Literal["warn", "cancel", "drop", "keep"]


_NOTHING = 1e-9
"""Share of a purchase that counts as none."""


def shares_left(
    user: Codes,
    item: Codes,
    time: Integers,
    amount: Array | None,
    returns: OnReturn,
) -> Array:
    """Return which share of each event's amount is left after returns, (events,).

    "cancel": a return takes back its pair's nearest earlier purchase (of the same time at the
    latest), up to the return's amount; what is more goes on to the purchase before that. The
    return itself is left out, with 0 left, and so is a purchase that was taken back whole. An event
    of amount 0 is neither: it stays.

    Args:
        user: (events,).
        item: (events,).
        time: (events,).
        amount: (events,) quantity or value, below 0 for returns; None if there is none.
        returns: "cancel"; "drop" leaves the returns out and all purchases in; "keep" takes returns
            as events like others, and "warn" does so with a word.

    Raises:
        DataError: Returns are to be treated, but there are no amounts.

    Warns:
        DataWarning: There are returns, with what became of them.
    """
    left = np.ones(len(time))
    if amount is None:
        if returns in ("cancel", "drop"):
            raise DataError(
                f"returns='{returns}' needs amounts below 0 to know returns by: name their column, "
                "value=... or quantity=...."
            )
        return left
    back = amount < 0
    if returns == "keep" or not back.any():
        return left
    count = f"{int(back.sum())} of {len(back)} events have an amount below 0"
    if returns == "warn":
        _warn(
            f"{count}, as returns have, and count as events like others; pass returns='cancel' to "
            "take back what was returned, 'drop' to leave returns out, or 'keep' for silence."
        )
        return left
    left[back] = 0.0
    if returns == "drop":
        _warn(f"{count}, as returns have, and were left out.")
        return left
    unmatched = _take_back(_pairs_with(user, item, time, back), amount, left)
    whole, part = int((left[~back] == 0).sum()), int(((left > 0) & (left < 1)).sum())
    _warn(
        f"{count}, as returns have: they took back {whole} purchases whole and {part} in part; "
        f"{unmatched} of them exceed the purchases before them. Returns themselves are left out."
    )
    return left


def _pairs_with(user: Codes, item: Codes, time: Integers, back: Mask) -> list[Indices]:
    """Return the events of each pair with a return, in time order, purchases first in a tie."""
    pair = user.astype(np.int64) * (int(item.max()) + 1) + item
    returned = np.flatnonzero(np.isin(pair, np.unique(pair[back])))
    order = returned[np.lexsort((back[returned], time[returned], pair[returned]))]
    return np.split(order, np.flatnonzero(np.diff(pair[order])) + 1)


def _take_back(
    pairs: list[Indices],
    amount: Array,
    left: Array,
) -> int:
    """Lower what is left of purchases by the returns after them; count those that exceed them."""
    unmatched = 0
    for events in pairs:
        purchases: list[int] = []  # with something left, the latest last
        for event in events.tolist():
            if amount[event] > 0:
                purchases.append(event)
            wanted = max(-float(amount[event]), 0.0)
            while wanted > 0 and purchases:
                wanted = _take(purchases, wanted, amount, left)
            unmatched += wanted > _NOTHING * abs(amount[event])
    return int(unmatched)


def _take(
    purchases: list[int],
    wanted: float,
    amount: Array,
    left: Array,
) -> float:
    """Take from the latest purchase; return what is still wanted."""
    latest = purchases[-1]
    there = float(amount[latest] * left[latest])
    if wanted < there * (1 - _NOTHING):
        left[latest] -= wanted / amount[latest]
        return 0.0
    left[latest] = 0.0
    purchases.pop()
    return max(wanted - there, 0.0)


def _warn(message: str) -> None:
    warnings.warn(message, DataWarning, stacklevel=6)
