"""The sentence for who decides on a campaign."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .origins import MODEL, RANDOM

__all__ = ["campaign_answer"]

_LARGE = 10.0
"""Buyers from which a difference is a whole number: fewer would be rounded away."""


def campaign_answer(table: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Return how many of a list are expected to buy, how many came, and by other ways to pick."""
    buyers = table[table["metric"] == "buyers"].set_index("arm")
    expected = table[table["metric"] == "expected_buyers"]["value"].iloc[0]
    ours: Any = buyers.loc[MODEL]
    rules = buyers.drop(index=[MODEL, RANDOM])
    rule = str(rules["value"].idxmax()) if len(rules) else RANDOM
    best: Any = buyers.loc[rule]
    random: Any = buyers.loc[RANDOM]
    size, origins = facts["settings"]["size"], facts["origins"]
    text = (
        f"Of {size:,} customers {expected:,.0f} are expected to buy, and {ours['value']:,.0f} "
        f"[{ours['low']:,.0f} to {ours['high']:,.0f}] did (mean of {len(origins)} past "
        f"{'origin' if len(origins) == 1 else 'origins'}, {facts['horizon']} each); picked by the "
        f"best simple rule ({rule}) it would have been {best['value']:,.0f} ({_verdict(best)}), at "
        f"random {random['value']:,.0f}."
    )
    half, until = facts["half"], facts["pays_until"]
    text += f" The first {half['size']:,} hold {half['buyers']:,.0f} of {half['of']:,.0f}."
    if until < facts["curve_until"]:
        text += f" Beyond {until:,} customers it holds no more buyers than as many at random do."
    return text + " Who would have come anyway counts: what a contact changes, a hold-out tells."


def _verdict(row: Any) -> str:
    low, high = row["difference_low"], row["difference_high"]
    word = "fewer" if low > 0 else "more" if high < 0 else "no clear difference"
    digits = 0 if abs(row["difference"]) >= _LARGE else 1
    gap, low, high = (f"{number:+,.{digits}f}" for number in (row["difference"], low, high))
    return f"{word}: {gap} [{low}, {high}] for the model"
