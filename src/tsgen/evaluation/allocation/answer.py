"""The sentences that a backtest of campaigns comes down to."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tsgen.displays import amount

__all__ = ["allocation_answer"]

_OURS = {"model", "hindsight", "one after another", "random"}


def allocation_answer(table: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Return what a backtest found, for who decides on the campaigns."""
    values = table[table["metric"] == "value"].set_index("arm")
    worth = {str(name): float(value) for name, value in values["value"].items()}
    ours: Any = values.loc["model"]
    contacts = table[(table["arm"] == "model") & (table["metric"] == "contacts")]["value"].iloc[0]
    expected = sum(part["expected_value"] for part in facts["campaigns"])
    text = (
        f"{_when(facts)} {contacts:.0f} contacts would have gone to users worth {_range(ours)} "
        f"(expected: {amount(expected)}); {_against('one after another', values)}, "
        f"{_against(_best_rule(values), values)}, at random {amount(worth['random'])}, in "
        f"hindsight at most {amount(worth['hindsight'])}."
    )
    if len(facts["windows"]) > 1:
        text += f" {_ahead(facts['windows'])}"
    size = facts.get("best_size")
    if size is not None and any(part["cost"] > 0 for part in facts["campaigns"]):
        text += (
            f" Without the campaigns' own limits, profit was greatest at {size['contacts']:,} "
            f"contacts [{size['low']:,} to {size['high']:,}] of {size['most']:,}; the model "
            f"would have chosen {size['foreseen']:,}."
        )
    return text + " Engagements that came anyway count: what a contact changes, a hold-out tells."


def _when(facts: dict[str, Any]) -> str:
    test, num = facts["test"], len(facts["windows"])
    if num == 1:
        return f"In the {test['horizon']} from {test['begins'][:10]}, the"
    return (
        f"In {num} windows of {test['horizon']} from {test['begins'][:10]} to {test['ends'][:10]}, "
        "on average (in brackets what further windows may bring, 95 %), the"
    )


def _ahead(windows: list[dict[str, Any]]) -> str:
    """Return in how many windows the model was ahead of each plain way to choose."""
    parts = []
    for arm in ("one after another", "random"):
        ahead = sum(window["leads"][arm][0] > 0 for window in windows)
        label = "one campaign after another" if arm == "one after another" else arm
        parts.append(f"of {label} in {ahead} of {len(windows)}")
    return f"The model was ahead {' and '.join(parts)}."


def _best_rule(values: pd.DataFrame) -> str:
    rules = values.drop(index=[name for name in values.index if name in _OURS])
    return "random" if rules.empty else str(rules["value"].idxmax())


def _range(row: Any) -> str:
    return f"{amount(row['value'])} [{amount(row['low'])} to {amount(row['high'])}]"


def _against(name: str, values: pd.DataFrame) -> str:
    row: Any = values.loc[name]
    label = "one campaign after another" if name == "one after another" else f"by {name}"
    low, high = row["difference_low"], row["difference_high"]
    verdict = "more" if low > 0 else "less" if high < 0 else "no clear difference"
    gap = f"{_signed(row['difference'])} [{_signed(low)}, {_signed(high)}]"
    return f"{label} {amount(row['value'])} ({verdict}: {gap})"


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}{amount(abs(value))}"
