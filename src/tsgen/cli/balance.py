"""`tsgen audience --facet`: a list that takes groups in a ratio or a share, and its price."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import SettingsError

from .inputs import read_events, read_table
from .options import without_effect
from .outputs import say

if TYPE_CHECKING:
    import pandas as pd

    from tsgen.intensity import RIMModel

__all__ = [
    "Balance",
    "BalancedFacet",
    "MinRatio",
    "MinShare",
    "Outcomes",
    "balanced_audience",
    "check_balance",
]

BalancedFacet = Annotated[
    str | None,
    typer.Option(
        "--facet",
        help="Balance the list between groups, at the least expected loss: gender, 'age<25'.",
    ),
]
MinRatio = Annotated[
    float | None,
    typer.Option(help="With --facet: each group's share taken is at least so much of the others'."),
]
MinShare = Annotated[
    float | None, typer.Option(help="With --facet: the group has at least this share of the list.")
]
Outcomes = Annotated[
    Path | None,
    typer.Option(help="With --facet: a log that goes on, to say what the demand really cost."),
]

Balance = dict[str, Any]
"""facet, min_ratio, min_share, users and outcomes, as they were given."""


def check_balance(balance: Balance, one_list: bool, size: int | None) -> None:
    """Refuse what goes with a balanced list alone, or not with one.

    Raises:
        SettingsError: An option has no effect, or the list has no size.
    """
    given = {f"--{name.replace('_', '-')}": value for name, value in balance.items()}
    facet = given.pop("--facet")
    without_effect(given, "without --facet", given=facet is None)
    if facet is not None and (not one_list or size is None):
        raise SettingsError(
            "--facet balances one list of a size: give --item or --item-where, and --size, without "
            "--expected-buyers; a campaign of --campaigns has a facet of its own in `tsgen "
            "allocate`."
        )


def balanced_audience(
    rim: RIMModel, items: list[Any], balance: Balance, read_as: list[str] | None, **options: Any
) -> pd.DataFrame:
    """Return the list, with what it costs among its facts; say it on stderr.

    Args:
        rim: The model.
        items: Of the campaign.
        balance: What was asked for.
        read_as: How logs are read.
        **options: As for `audience`.
    """
    from tsgen.responsible import rebalance

    users, outcomes = balance["users"], balance["outcomes"]
    fair = rebalance(
        rim,
        None if users is None else read_table(users, "user_id"),
        facet=balance["facet"],
        min_ratio=balance["min_ratio"],
        min_share=balance["min_share"],
        items=items,
        outcomes=None if outcomes is None else read_events(outcomes, read_as, rim.read_options),
        **{name: value for name, value in options.items() if value is not None},
    )
    say(fair.groups.to_string(index=False, float_format="{:.3g}".format))
    say(fair.answer)
    table = fair.audience
    table.attrs |= {"price": fair.price, "groups": fair.groups.to_dict("records")}
    return table
