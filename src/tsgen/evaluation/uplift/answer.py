"""The sentences that a study of uplift comes down to."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["PROPENSITY", "uplift_answer"]

PROPENSITY = (
    "The list was chosen by who is likely to act; who acts is not who is changed by a contact: a "
    "ranking by propensity is no ranking by uplift."
)

_WHOLE = 0.98


def uplift_answer(table: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Return what the study found, campaign by campaign, and what must be kept in mind."""
    whole = table[(table["group"] == "all") & (table["metric"] == "incremental_engagements")]
    parts = [_of_campaign(part) for _, part in whole.groupby("campaign", sort=False)]
    parts += [
        f"Campaign '{name}' has no users both contacted and held out; nothing can be measured."
        for name in facts["not_measured"]
    ]
    if facts["test"]["covered"] < _WHOLE:
        parts.append(
            f"The log covers only {100 * facts['test']['covered']:.3g} % of the time that counts."
        )
    if facts["unknown_users"]:
        parts.append(
            f"{facts['unknown_users']} of the users have no event in the log and count as users "
            "who did nothing."
        )
    if facts["earlier_contacts"]:
        parts.append(
            f"{facts['earlier_contacts']} contacts in the {facts['test']['horizon']} before count "
            "as plain activity: expectations of those users may be too high."
        )
    return " ".join([*parts, PROPENSITY])


def _of_campaign(rows: pd.DataFrame) -> str:
    plain: Any = rows[rows["method"] == "difference"].iloc[0]
    adjusted: Any = rows[rows["method"] == "adjusted"].iloc[0]
    text = (
        f"Campaign '{plain['campaign']}': {plain['contacted']} contacted users engaged "
        f"{plain['contacted_mean']:.4g} times each, {plain['held_out']} held out "
        f"{plain['held_out_mean']:.4g} times"
    )
    if pd.isna(plain["low"]):
        return text + "; with fewer than two users in a group nothing can be said of the effect."
    verdict = (
        "the contacts brought more" if adjusted["low"] > 0
        else "the contacts brought less" if adjusted["high"] < 0
        else "no effect can be seen"
    )  # fmt: skip
    return (
        f"{text}: {_gain(plain)} engagements in all, {_gain(adjusted)} adjusted by what was "
        f"expected of each ({verdict}); with this hold-out a lift below "
        f"{adjusted['detectable']:.3g} a user could not be seen."
    )


def _gain(row: Any) -> str:
    return f"{row['value']:+.4g} [{row['low']:+.4g}, {row['high']:+.4g}]"
