"""`tsgen allocate`: who gets which offer, from a saved RIM and a file of campaigns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import SettingsError
from tsgen.settings import read_settings_file

from .audience import At, Events, load_rim
from .common import AsJson, Device, Overwrite, answering, emit, free_output, say
from .events import ReadEvents, check_table, read_events, read_ids, read_table, write_table

if TYPE_CHECKING:
    from tsgen.allocation import Allocation, Plan
    from tsgen.data import Vocabulary

__all__ = ["allocate", "read_plan"]

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting of the plan, such as "
                 "max_campaigns=2 or holdout=0.05. Repeatable."),
]  # fmt: skip


@answering
def allocate(
    model: Annotated[Path, typer.Argument(help="Model folder.")],
    campaigns: Annotated[Path, typer.Argument(help="TOML file of campaigns.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Contacts: .csv, .csv.gz, .parquet or .jsonl."),
    ] = None,
    holdouts: Annotated[
        Path | None, typer.Option(help="Table to write of who is held out, to compare with.")
    ] = None,
    summary: Annotated[
        Path | None, typer.Option(help="Table to write with one row a campaign.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="JSON to write that decides for users as they arrive.")
    ] = None,
    exclude: Annotated[
        Path | None,
        typer.Option(help="Users to leave out: one a line, or the column user_id of a table."),
    ] = None,
    contacts: Annotated[
        Path | None, typer.Option(help="Contacts already made: a table of user_id, timestamp.")
    ] = None,
    spend: Annotated[
        Path | None, typer.Option(help='Log with values, for campaigns with value = "spend".')
    ] = None,
    at: At = None,
    events: Events = None,
    solver: Annotated[str, typer.Option(help="auto, greedy, exact or dual.")] = "auto",
    seed: Annotated[int, typer.Option(help="Draws the sample that sets first prices.")] = 0,
    set_: Set = None,
    device: Device = "auto",
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Give users to campaigns under capacities, budgets and hold-outs, so that value is greatest.

    tsgen allocate models/shop campaigns.toml -o allocation.parquet --set max_campaigns=2
    """
    _check_outputs((output, holdouts, summary), prices, overwrite)
    rim = load_rim(model, device)
    users, items = rim.states.users, rim.items
    from tsgen.allocation import allocate as run

    found: Allocation = run(
        rim,
        read_plan(campaigns, users, items, set_),
        exclude=None if exclude is None else users.from_text(read_ids(exclude, "user_id")),
        contacts=None if contacts is None else read_table(contacts, "user_id"),
        spend=None if spend is None else read_events(spend, read_as),
        at=at,
        events=None if events is None else read_events(events, read_as),
        solver=solver,  # type: ignore[arg-type]
        seed=seed,
    )
    for path, table in (
        (output, found.table),
        (holdouts, found.holdouts),
        (summary, found.summary),
    ):
        if path is not None:
            write_table(table, path, overwrite=overwrite)
    if prices is not None:
        found.prices.save(prices, overwrite=overwrite)
    _tell(found, output, as_json)


def read_plan(
    path: Path, users: Vocabulary, items: Vocabulary, assignments: list[str] | None = None
) -> Plan:
    """Read campaigns; `exclude` may name a file beside them, and ids be written as text.

    Args:
        path: A TOML or JSON file.
        users: Says of which kind ids of users are.
        items: Says of which kind ids of items are.
        assignments: Settings of the plan, KEY=VALUE.

    Raises:
        SettingsError: A setting is not possible.
    """
    from tsgen.allocation import Plan

    fields = read_settings_file(path)
    campaigns = fields.get("campaigns")
    if isinstance(campaigns, list):
        fields["campaigns"] = [_with_ids(one, path.parent, users, items) for one in campaigns]
    return Plan.from_text(assignments or (), **fields)


def _with_ids(campaign: Any, folder: Path, users: Vocabulary, items: Vocabulary) -> Any:
    if not isinstance(campaign, dict):
        return campaign
    fields = dict(campaign)
    exclude = fields.get("exclude")
    if isinstance(exclude, str):
        fields["exclude"] = users.from_text(read_ids(folder / exclude, "user_id"))
    elif isinstance(exclude, list):
        fields["exclude"] = users.from_text(str(one) for one in exclude)
    if isinstance(fields.get("items"), list):
        fields["items"] = items.from_text(str(one) for one in fields["items"])
    return fields


def _check_outputs(tables: tuple[Path | None, ...], prices: Path | None, overwrite: bool) -> None:
    given = [path for path in (*tables, prices) if path is not None]
    if len(set(given)) < len(given):
        raise SettingsError("Two outputs have one name; give each its own.")
    for path in tables:
        check_table(path)
    for path in given:
        free_output(path, overwrite, folder=False)


def _tell(found: Allocation, output: Path | None, as_json: bool) -> None:
    """Print the summary, and the table where no file was asked for."""
    facts = {
        "facts": found.facts,
        "summary": found.summary.to_dict("records"),
        "rows": len(found.table),
        "output": None if output is None else str(output),
    }
    if output is not None:
        emit(facts, found.answer, as_json)
        return
    say(found.answer)
    facts["contacts"] = found.table.to_dict("records")
    emit(facts, found.table.to_csv(index=False).rstrip("\n"), as_json)
