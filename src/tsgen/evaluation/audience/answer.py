"""The one sentence that a study of audiences comes down to."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["PRIMARY", "audience_answer"]

PRIMARY = "user_rec_precision"
"""What the sentence is about: the share of the users listed for an item who acted."""

_WHOLE = 0.98
"""A log's last event comes a little before the end of a window, even of one that it covers."""


def audience_answer(table: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Return what the table of an audience study says, in one sentence or two."""
    row = table[(table["arm"] == "model") & (table["metric"] == PRIMARY)].iloc[0]
    test, settings = facts["test"], facts["settings"]
    listed = f"{settings['num_users']} of {test['candidate_users']} users"
    text = (
        f"Of the users listed for an item ({listed}), {_percent(row['value'])} "
        f"[{_percent(row['low'])} to {_percent(row['high'])}] engaged with it in the "
        f"{test['horizon']} from {test['begins'][:10]}{_times(row['value'], test['prevalence'])}; "
        f"{_against(row, alone=set(table['arm']) == {'model', 'random'})}."
    )
    if test["covered"] < _WHOLE:
        text += (
            f" The log covers only {_percent(test['covered'])} of this time, so expected numbers "
            "come out too high."
        )
    return text


def _times(value: float, prevalence: float) -> str:
    """Compare with what random lists hold in the mean over all of them, the prevalence."""
    if not prevalence:
        return ""
    return f", {value / prevalence:.3g} times as many as in random lists"


def _against(row: pd.Series[Any], *, alone: bool) -> str:
    """Say how the model compares with the best simple rule; `alone`, random is the only one."""
    if alone:
        return "no other simple rule could be asked, because the log has no earlier events"
    rule, gap = row["reference"], row["difference"]
    if rule == "random":
        rule = "random lists, which no other rule beats"
    interval = f"{_points(row['difference_low'])} to {_points(row['difference_high'])}"
    figures = f"{_percent(row['value'] - gap)}; difference {_points(gap)} points [{interval}]"
    if row["difference_low"] > 0:
        return f"that is more than by the best simple rule ({rule}, {figures})"
    if row["difference_high"] < 0:
        return f"that is less than by a simple rule ({rule}, {figures})"
    return f"that is not clearly different from the best simple rule ({rule}, {figures})"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _points(share: float) -> str:
    return f"{100 * share:+.2g}"
