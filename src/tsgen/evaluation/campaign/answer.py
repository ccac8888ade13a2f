"""The sentence for who decides on a campaign."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tsgen.displays import people

from ..leads import lead_in_words
from .origins import MODEL, RANDOM

__all__ = ["campaign_answer"]


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
    past = f"{len(origins)} past {'origin' if len(origins) == 1 else 'origins'}"
    text = (
        f"Of {size:,} customers {people(expected)} are expected to buy, and "
        f"{people(ours['value'])} [{people(ours['low'])} to {people(ours['high'])}] did (mean of "
        f"{past}, {facts['horizon']} each); picked by the best simple rule ({rule}) it would have "
        f"been {people(best['value'])} ({_lead(best)}), at random {people(random['value'])}."
    )
    text += _shortened(facts)
    half, until = facts["half"], facts["pays_until"]
    text += f" The first {half['size']:,} hold {people(half['buyers'])} of {people(half['of'])}."
    if until < facts["curve_until"]:
        text += f" Beyond the first {until:,}, more customers hold no more buyers than as many "
        text += "drawn at random."
    return text + " Who would have come anyway counts: what a contact changes, a hold-out tells."


def _shortened(facts: dict[str, Any]) -> str:
    """Say where fewer could be listed than were asked for; nothing of results that kept no size."""
    size = facts["settings"]["size"]
    asked = facts["settings"].get("asked", size)
    if size == asked:
        return ""
    return (
        f" {asked:,} were asked for, but only {size:,} could be listed at one of the origins: "
        "there everybody is on the list, however chosen."
    )


def _lead(row: Any) -> str:
    return lead_in_words(row["difference"], row["difference_low"], row["difference_high"], people)
