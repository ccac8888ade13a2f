"""The sentence that a study of audiences comes down to, for who decides on a campaign."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..leads import lead_in_words

__all__ = ["PRIMARY", "audience_answer"]

PRIMARY = "user_rec_precision"
"""What the sentence is about: the share of the users listed for an item who acted."""

_WHOLE = 0.98
"""A log's last event comes a little before the end of a window, even of one that it covers."""


def audience_answer(table: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Return what the table of an audience study says for who decides on a campaign.

    Numbers are of 1,000 customers on the lists, of all items together.
    """
    row = table[(table["arm"] == "model") & (table["metric"] == PRIMARY)].iloc[0]
    test, settings = facts["test"], facts["settings"]
    expected = test["expected_precision"]
    text = (
        f"Of 1,000 customers listed for an item ({settings['num_users']:,} of "
        f"{test['candidate_users']:,} for each), {_count(expected)} are expected to engage with it "
        f"in the {test['horizon']} from {test['begins'][:10]}, and {_count(row['value'])} "
        f"[{_count(row['low'])} to {_count(row['high'])}] did; "
        f"{_against(row, alone=set(table['arm']) == {'model', 'random'})}at random "
        f"{_count(test['prevalence'])}."
    )
    if test["covered"] < _WHOLE:
        text += (
            f" The log covers only {_percent(test['covered'])} of this time, so expected numbers "
            "come out too high."
        )
    return text


def _against(row: pd.Series[Any], *, alone: bool) -> str:
    """Say what the best simple rule would have found; `alone`, random is the only one."""
    if alone:
        return "no other rule could be asked, because the log has no earlier events; "
    rule, gap = row["reference"], row["difference"]
    verdict = lead_in_words(gap, row["difference_low"], row["difference_high"], _difference)
    if rule == "random":
        return f"no simple rule finds more than random lists ({verdict}); "
    hits = _count(row["value"] - gap)
    return f"picked by the best simple rule ({rule}) it would have been {hits} ({verdict}), "


def _count(share: float) -> str:
    """Return how many of 1,000."""
    return f"{1000 * share:.3g}" if share < 0.9995 else "1,000"


def _difference(share: float) -> str:
    """Return a difference as so many of 1,000: two digits, whole numbers from 100 on."""
    number = 1000 * share
    return f"{number:,.0f}" if number >= 99.5 else f"{number:.2g}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
