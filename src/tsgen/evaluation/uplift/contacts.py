"""Who was contacted, who was held out, and what each did: one row a user and campaign."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.allocation import Campaign, Plan
from tsgen.arrays import Mask
from tsgen.data import Interactions, Vocabulary, pick, plain_value, read_numbers
from tsgen.data.events import read_times, spelling
from tsgen.errors import DataError, SettingsError, nearest

from .people import People

__all__ = ["count_earlier", "outcomes"]


def outcomes(
    window: Interactions, contacts: pd.DataFrame, holdouts: pd.DataFrame, plan: Plan
) -> pd.DataFrame:
    """Return campaign, user_id, user, treated, expected, engagements and value of each pair.

    `user` is equal for rows of one user, however it is written; `attrs` counts `unknown_users`,
    who are not in the log and count as users who did nothing.

    Args:
        window: The events of the time that counts.
        contacts: user_id, campaign, expected_engagements of those contacted.
        holdouts: The same of those held out.
        plan: Says which items a campaign is about, and what an engagement is worth.

    Raises:
        DataError: A pair is in both tables, a campaign is not in the plan, or nobody is known.

    Warns:
        DataWarning: Some users are not in the log.
    """
    parts = [_read(contacts, "contacts", plan, treated=True)]
    parts.append(_read(holdouts, "holdouts", plan, treated=False))
    table = pd.concat(parts, ignore_index=True)
    people, name = People(window.users), "contacts and holdouts"
    users = people.codes(table["user_id"], name)
    table["user"] = people.keys(table["user_id"], users)
    _check_twice(table)
    table.attrs["unknown_users"] = people.check(table["user_id"], users, name)
    for campaign in plan.campaigns:
        mine = (table["campaign"] == campaign.name).to_numpy()
        counts, values = _of_campaign(window, campaign)
        of_users = mine & (users >= 0)
        table.loc[of_users, "engagements"] = counts[users[of_users]]
        table.loc[of_users, "value"] = values[users[of_users]]
    return table


def count_earlier(
    earlier: pd.DataFrame, table: pd.DataFrame, log: Interactions, start: int, span: int
) -> int:
    """Return how many contacts the users of a study had within one horizon before it.

    Args:
        earlier: user_id, timestamp.
        table: Of `outcomes`.
        log: Says how ids and times are written.
        start: When the study begins.
        span: Its horizon.

    Raises:
        DataError: A column is missing or unreadable, or no user is in the log.
    """
    ids, name = pick(earlier, "user_id", "user_id"), "earlier contacts"
    times, _ = read_times(pick(earlier, "timestamp", "timestamp"), timezone=log.timezone)
    people = People(log.users)
    codes = people.codes(ids, name)
    if len(ids) and (codes < 0).all():
        people.check(ids, codes, name)
    mine = np.isin(people.keys(ids, codes), table["user"].to_numpy())
    return int((mine & (times < start) & (times >= start - span)).sum())


def _check_twice(table: pd.DataFrame) -> None:
    twice = table.duplicated(["user", "campaign"])
    if twice.any():
        row = table[twice].iloc[0]
        raise DataError(
            f"{int(twice.sum())} pairs are there twice, contacted or held out (the first: user "
            f"{plain_value(row['user_id'])!r}, campaign '{row['campaign']}'); a user is either "
            "contacted by a campaign or held out of it."
        )


def _read(table: pd.DataFrame, name: str, plan: Plan, *, treated: bool) -> pd.DataFrame:
    columns = [pick(table, column, column) for column in ("user_id", "campaign")]
    expected = read_numbers(pick(table, "expected_engagements", "expected_engagements"))
    names = [campaign.name for campaign in plan.campaigns]
    strange = ~columns[1].isin(names).to_numpy()
    if strange.any():
        row = int(strange.argmax())
        raise DataError(
            f"The table of {name} has the campaign '{columns[1].iloc[row]}' in row {row}, which "
            f"the plan has not.{nearest(columns[1].iloc[row], names)}",
            field="campaign",
            row=row,
        )
    if not np.isfinite(expected).all():
        row = int((~np.isfinite(expected)).argmax())
        raise DataError(
            f"The table of {name} has no expected_engagements in row {row}; fill it in.",
            field="expected_engagements",
            row=row,
        )
    return pd.DataFrame({
        "user_id": columns[0].astype(object).to_numpy(),
        "campaign": columns[1].to_numpy(),
        "treated": treated,
        "expected": expected,
        "engagements": 0.0,
        "value": 0.0,
    })  # fmt: skip


def _of_campaign(window: Interactions, campaign: Campaign) -> tuple[Any, Any]:
    """Return each user's engagements with a campaign's items, and their worth, (users,) each."""
    items = _items(window, campaign)
    chosen = np.isin(window.item, items)
    users = window.user[chosen]
    counts = np.bincount(users, minlength=len(window.users)).astype(float)
    if campaign.value != "spend":
        return counts, counts * float(campaign.value)
    if window.value is None:
        raise SettingsError(
            f"Campaign '{campaign.name}' has value='spend', but the log has no values."
        )
    return counts, np.bincount(users, window.value[chosen], minlength=len(window.users))


def _items(window: Interactions, campaign: Campaign) -> Any:
    vocabulary: Vocabulary = window.items
    if campaign.items:
        return vocabulary.find(campaign.items)
    table = window.item_table
    matches = np.ones(len(vocabulary), bool)
    for name, wanted in campaign.item_where.items():
        if table is None or name not in table:
            raise SettingsError(
                f"Campaign '{campaign.name}' is about items with '{name}', which the log's items "
                "have not; give their table (items=...)."
            )
        matches &= _having(table[name], wanted)
    if not matches.any():
        raise DataError(
            f"No item of the log has what campaign '{campaign.name}' is about, "
            f"{campaign.item_where}; are the values written as in the table of items?"
        )
    return np.flatnonzero(matches)


def _having(column: pd.Series[Any], wanted: Any) -> Mask:
    """Return who has one of the values, as it stands or, if nobody has, spelt otherwise."""
    values = list(wanted) if isinstance(wanted, list | tuple | set) else [wanted]
    matches = column.isin(values).to_numpy(bool)
    if matches.any():
        return matches
    keys = {spelling(value) for value in values}
    return np.array([spelling(value) in keys for value in column], bool)
