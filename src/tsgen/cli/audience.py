"""`tsgen audience` and `tsgen recommend`: lists from a saved RIM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from tsgen.errors import SettingsError

from .balance import (
    Balance,
    BalancedFacet,
    MinRatio,
    MinShare,
    Outcomes,
    balanced_audience,
    check_balance,
)
from .inputs import (
    NewItems,
    ReadEvents,
    check_read,
    column_of,
    load_rim,
    read_conditions,
    read_events,
    read_excluded,
    read_id_file,
    read_plan,
)
from .options import (
    AsJson,
    Device,
    Exclude,
    Overwrite,
    SpreadsheetSafe,
    Trust,
    UnknownUsers,
    UserTable,
    csv_only,
    without_effect,
)
from .outputs import (
    answering,
    check_table,
    csv_text,
    emit,
    free_output,
    list_counts,
    say,
    write_table,
)
from .reasons import Why, read_why

if TYPE_CHECKING:
    import pandas as pd

    from tsgen.data import Vocabulary
    from tsgen.intensity import RIMModel

__all__ = ["At", "Events", "ItemWhere", "audience", "recommend"]

At = Annotated[
    str | None, typer.Option(help="When the horizon begins; the training cut-off if absent.")
]
Events = Annotated[
    Path | None, typer.Option(help="A newer event log to score by; nothing is learnt again.")
]
OnDelta = Annotated[
    str,
    typer.Option(
        help="Newer events that are no whole histories: warn, error, or update what is known."
    ),
]
ItemWhere = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE",
        help="Items with this attribute. Repeatable: the same key again is an alternative.",
    ),
]
ExcludeSeen = Annotated[bool, typer.Option("--exclude-seen", help="Leave out what was seen.")]
ExcludeSeenBy = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ATTRIBUTE",
        help="Leave out what equals a seen item in this attribute as well. Repeatable.",
    ),
]
_FACTS = ("counts", "price", "groups")
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Table to write: .csv, .csv.gz, .parquet or .jsonl."),
]


@answering
def audience(
    model: Annotated[Path, typer.Argument(help="Model folder.")],
    item: Annotated[
        list[str] | None, typer.Option(help="Item; several are one campaign. Repeatable.")
    ] = None,
    items: Annotated[
        Path | None, typer.Option(help="File of items, one a line: one audience each.")
    ] = None,
    campaigns: Annotated[
        Path | None,
        typer.Option(help="TOML file of campaigns, as for `tsgen allocate`: a list each."),
    ] = None,
    exclusive: Annotated[
        bool, typer.Option("--exclusive", help="Nobody is in two campaigns' lists.")
    ] = False,
    size: Annotated[int | None, typer.Option(help="Users wanted.")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Smallest chance of at least one event.")
    ] = None,
    expected_buyers: Annotated[
        float | None, typer.Option(help="The least list that is expected to hold so many buyers.")
    ] = None,
    exclude: Exclude = None,
    item_where: ItemWhere = None,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Users with this attribute only. Repeatable."),
    ] = None,
    exclude_where: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Users to leave out. Repeatable."),
    ] = None,
    on_unknown: UnknownUsers = "error",
    exclude_seen: ExcludeSeen = False,
    exclude_seen_by: ExcludeSeenBy = None,
    facet: BalancedFacet = None,
    min_ratio: MinRatio = None,
    min_share: MinShare = None,
    users: UserTable = None,
    outcomes: Outcomes = None,
    why: Why = None,
    at: At = None,
    events: Events = None,
    on_delta: OnDelta = "warn",
    new_items: NewItems = None,
    output: Output = None,
    device: Device = "auto",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
    as_json: AsJson = False,
) -> None:
    """List the users most likely to engage with an item in the model's horizon.

    tsgen audience models/shop --item 22423 --size 5000 -o audience.csv

    tsgen audience models/shop --item-where category=toys --size 5000 --exclude-seen
    """
    if sum(choice is not None for choice in (item, items, item_where, campaigns)) != 1:
        raise SettingsError(
            "Give one of --item ID (repeatable), --items FILE, --item-where KEY=VALUE and "
            "--campaigns FILE."
        )
    if campaigns and (threshold or expected_buyers or why):
        raise SettingsError(
            "--threshold, --expected-buyers and --why are for lists of items; a campaign ends by "
            "its at_most and min_probability."
        )
    without_effect({"--exclusive": exclusive}, "without --campaigns", given=campaigns is None)
    nobody_left_out = exclude is None and campaigns is None and exclude_where is None
    idle = {"--on-unknown": on_unknown != "error"}
    without_effect(idle, "without --exclude or --exclude-where", given=nobody_left_out)
    balance: Balance = {"facet": facet, "min_ratio": min_ratio, "min_share": min_share}
    balance |= {"users": users, "outcomes": outcomes}
    check_balance(balance, not (items or campaigns or expected_buyers), size)
    check_read(read_as, log=events or outcomes, lists=(exclude, items, campaigns))
    _check_output(output, overwrite, as_json, spreadsheet_safe)
    rim = load_rim(model, device, trust=trust, new_items=new_items)
    moment = _moment(rim, at, events, on_delta, read_as)
    vocabulary = _users_in_use(rim, moment)
    column = column_of(read_as, "user_id", rim.read_options)
    options: dict[str, Any] = {
        "size": size,
        "exclude": read_excluded(exclude, column, vocabulary),
        "where": read_conditions(where, "--where"),
        "exclude_where": read_conditions(exclude_where, "--exclude-where"),
        "on_unknown": on_unknown,
        "exclude_seen": exclude_seen_by or exclude_seen,
        **moment,
    }
    end: dict[str, Any] = {"threshold": threshold, "expected_buyers": expected_buyers}
    end["why"] = read_why(why)
    if items is not None:
        table = rim.audiences(_ids_in(items, rim, rim.all_items, read_as), **options, **end)
    elif campaigns is not None:
        plan = read_plan(campaigns, vocabulary, rim.all_items, column=column)
        table = rim.audiences(plan, exclusive=exclusive, **options)
    else:
        wanted = _items_where(rim, item_where) or rim.all_items.from_text(item or [])
        if facet is None:
            table = rim.audience(wanted, **options, **end)
        else:
            table = balanced_audience(rim, wanted, balance, read_as, **options, **end)
    say(list_counts(table.attrs["counts"]))
    _deliver(table, output, overwrite, as_json, spreadsheet_safe)


@answering
def recommend(
    model: Annotated[Path, typer.Argument(help="Model folder.")],
    user: Annotated[str | None, typer.Option(help="User.")] = None,
    users: Annotated[
        Path | None,
        typer.Option(help="Users, one a line, or the column user_id of a table: a list each."),
    ] = None,
    size: Annotated[int, typer.Option(help="Items wanted.")] = 10,
    item_where: ItemWhere = None,
    exclude_seen: ExcludeSeen = False,
    exclude_seen_by: ExcludeSeenBy = None,
    at: At = None,
    events: Events = None,
    on_delta: OnDelta = "warn",
    new_items: NewItems = None,
    output: Output = None,
    device: Device = "auto",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
    as_json: AsJson = False,
) -> None:
    """List the items that a user, or each of many, is most likely to engage with in the horizon.

    tsgen recommend models/shop --user 17850 --size 20

    tsgen recommend models/shop --users users.txt --size 20 -o recommendations.csv
    """
    if (user is None) == (users is None):
        raise SettingsError("Give either --user ID or --users FILE.")
    check_read(read_as, log=events, lists=(users,))
    _check_output(output, overwrite, as_json, spreadsheet_safe)
    rim = load_rim(model, device, trust=trust, new_items=new_items)
    moment = _moment(rim, at, events, on_delta, read_as)
    vocabulary = _users_in_use(rim, moment)
    options: dict[str, Any] = {
        "size": size,
        "items": _items_where(rim, item_where),
        "exclude_seen": exclude_seen_by or exclude_seen,
        **moment,
    }
    if users is None:
        table = rim.recommend(vocabulary.from_text([cast("str", user)])[0], **options)
    else:
        table = rim.recommendations(_ids_in(users, rim, vocabulary, read_as), **options)
    say(list_counts(table.attrs["counts"]))
    _deliver(table, output, overwrite, as_json, spreadsheet_safe)


def _users_in_use(rim: RIMModel, moment: dict[str, Any]) -> Vocabulary:
    """Return the users of the newer log, if there is one, or else those of training."""
    from tsgen.data import Vocabulary

    log = moment["events"]
    if log is None:
        return rim.states.users
    if moment["on_delta"] == "update":
        return Vocabulary.union([rim.states.users, log.users], "user")[1]
    users: Vocabulary = log.users
    return users


def _ids_in(
    path: Path, rim: RIMModel, vocabulary: Vocabulary, read_as: list[str] | None
) -> list[Any]:
    """Return the ids that a file lists, in the kind of the log in use."""
    listed = read_id_file(
        path, column_of(read_as, f"{vocabulary.what}_id", rim.read_options), vocabulary
    )
    return vocabulary.from_text([str(one) for one in listed if one not in ("", None)])


def _moment(
    rim: RIMModel,
    at: str | None,
    events: Path | None,
    on_delta: str,
    read_as: list[str] | None,
) -> dict[str, Any]:
    """Return the time and the histories that a list is asked for, as the model takes them."""
    if on_delta not in ("warn", "error", "update"):
        raise SettingsError(f"--on-delta {on_delta} is not possible: use warn, error or update.")
    without_effect({"--on-delta": on_delta != "warn"}, "without --events", given=events is None)
    log = None if events is None else read_events(events, read_as, rim.read_options)
    return {"at": at, "events": log, "on_delta": on_delta}


def _items_where(rim: RIMModel, choices: list[str] | None) -> list[Any] | None:
    """Return the items with these attributes; None where none are asked for."""
    conditions = read_conditions(choices, "--item-where")
    return None if conditions is None else rim.items_where(conditions)


def _check_output(
    output: Path | None, overwrite: bool, as_json: bool, spreadsheet_safe: bool
) -> None:
    without_effect({"--overwrite": overwrite}, "without --output", given=output is None)
    csv_only(spreadsheet_safe, *([] if as_json and output is None else [output]))
    check_table(output)
    if output is not None:
        free_output(output, overwrite, folder=False)


def _deliver(
    table: pd.DataFrame,
    output: Path | None,
    overwrite: bool,
    as_json: bool,
    spreadsheet_safe: bool,
) -> None:
    """Write the table, or print it where no file was asked for."""
    if table.empty:
        say("The list is empty: nothing passes the filters, exclusions and the threshold.")
    counts: dict[str, Any] = {k: v for k, v in table.attrs.items() if k in _FACTS}
    if output is None:
        rows = table.to_dict("records")
        emit({"rows": rows, **counts}, csv_text(table, spreadsheet_safe), as_json)
        return
    write_table(table, output, overwrite=overwrite, spreadsheet_safe=spreadsheet_safe)
    facts = {"output": str(output), "rows": len(table), **counts}
    emit(facts, f"{output}: {len(table)} rows", as_json)
