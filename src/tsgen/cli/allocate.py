"""`tsgen allocate`: who gets which offer, from a saved RIM and a file of campaigns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tsgen.errors import SettingsError

from .audience import At, Events
from .evaluate import write_run
from .inputs import (
    NewItems,
    ReadEvents,
    check_read,
    column_of,
    load_rim,
    read_events,
    read_excluded,
    read_plan,
    read_table,
)
from .options import (
    AsJson,
    CampaignsFile,
    Device,
    Exclude,
    Overwrite,
    SpreadsheetSafe,
    Trust,
    UserTable,
    csv_only,
    without_effect,
)
from .outputs import (
    answering,
    check_table,
    command_line,
    csv_text,
    emit,
    free_output,
    say,
    write_table,
)

if TYPE_CHECKING:
    import pandas as pd

    from tsgen.allocation import Allocation
    from tsgen.data.events import ReadOptions

__all__ = [
    "Contacts",
    "Holdouts",
    "PlanSettings",
    "Prices",
    "Run",
    "SolverName",
    "SolverSeed",
    "Summary",
    "allocate",
    "check_outputs",
    "read_contacts",
    "write_beside",
]  # fmt: skip

Holdouts = Annotated[
    Path | None, typer.Option(help="Table to write of who is held out, to compare with.")
]
Summary = Annotated[Path | None, typer.Option(help="Table to write with one row a campaign.")]
Prices = Annotated[
    Path | None, typer.Option(help="JSON to write that decides for users as they arrive.")
]
Run = Annotated[Path | None, typer.Option(help="RUN folder to make, with a page for who decides.")]
Contacts = Annotated[
    Path | None, typer.Option(help="Contacts already made: a table of user_id, timestamp.")
]
SolverName = Annotated[str, typer.Option(help="auto, greedy, exact or dual.")]
SolverSeed = Annotated[int, typer.Option(help="Draws the sample that sets first prices.")]
PlanSettings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting of the plan, such as "
                 "max_campaigns=2 or holdout=0.05. Repeatable."),
]  # fmt: skip


@answering
def allocate(
    model: Annotated[Path, typer.Argument(help="Model folder.")],
    campaigns: CampaignsFile,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Contacts: .csv, .csv.gz, .parquet or .jsonl."),
    ] = None,
    holdouts: Holdouts = None,
    summary: Summary = None,
    prices: Prices = None,
    run: Run = None,
    exclude: Exclude = None,
    contacts: Contacts = None,
    spend: Annotated[
        Path | None, typer.Option(help='Log with values, for campaigns with value = "spend".')
    ] = None,
    users: UserTable = None,
    at: At = None,
    events: Events = None,
    new_items: NewItems = None,
    solver: SolverName = "auto",
    seed: SolverSeed = 0,
    set_: PlanSettings = None,
    device: Device = "auto",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
    as_json: AsJson = False,
) -> None:
    """Give users to campaigns under capacities, budgets and hold-outs, so that value is greatest.

    tsgen allocate models/shop campaigns.toml -o allocation.parquet --set max_campaigns=2
    """
    outputs = (output, holdouts, summary)
    nothing = not any((*outputs, prices, run))
    without_effect({"--overwrite": overwrite}, "without an output", given=nothing)
    printed = [] if as_json or output is not None else [None]
    csv_only(spreadsheet_safe, *filter(None, outputs), *printed)
    without_effect(
        {"--seed": seed != 0}, f"with --solver {solver}", given=solver in ("greedy", "exact")
    )
    of_greedy = "with --solver greedy, which has none"
    without_effect({"--prices": prices}, of_greedy, given=solver == "greedy")
    if not (events or spend):
        lists = (exclude, campaigns)  # a campaign may name a list of its own
        check_read(read_as, log=None, lists=lists, log_option="--events or --spend")
    check_outputs(outputs, prices, run, overwrite)
    rim = load_rim(model, device, trust=trust, new_items=new_items)
    log = None if events is None else read_events(events, read_as, rim.read_options)
    vocabulary = rim.states.users if log is None else log.users
    column = column_of(read_as, "user_id", rim.read_options)
    from tsgen.allocation import allocate as assign

    plan: Allocation = assign(
        rim,
        read_plan(campaigns, vocabulary, rim.all_items, set_, column=column),
        exclude=read_excluded(exclude, column, vocabulary),
        contacts=None if contacts is None else read_contacts(contacts, rim.read_options),
        spend=None if spend is None else read_events(spend, read_as, rim.read_options),
        at=at,
        events=log,
        users=None if users is None else read_table(users, "user_id"),
        solver=solver,  # type: ignore[arg-type]
        seed=seed,
    )
    if output is not None:
        write_table(plan.table, output, overwrite=overwrite, spreadsheet_safe=spreadsheet_safe)
    write_beside(plan, holdouts, summary, prices, run, overwrite, spreadsheet_safe)
    _print_plan(plan, output, as_json, spreadsheet_safe)


def write_beside(
    plan: Allocation,
    holdouts: Path | None,
    summary: Path | None,
    prices: Path | None,
    run: Path | None,
    overwrite: bool,
    spreadsheet_safe: bool = False,
) -> None:
    """Write what was asked for beside the contacts."""
    for path, table in ((holdouts, plan.holdouts), (summary, plan.summary)):
        if path is not None:
            write_table(table, path, overwrite=overwrite, spreadsheet_safe=spreadsheet_safe)
    if run is not None:
        write_run(plan.to_result(command_line()), run, overwrite=overwrite)
    if prices is not None:
        plan.prices.save(prices, overwrite=overwrite)


def read_contacts(path: Path, options: ReadOptions) -> pd.DataFrame:
    """Read user_id and timestamp of contacts, which may be called as in the training log."""
    from tsgen.data.events import column_names

    ids = options.user_id if options.user_id in column_names(path) else "user_id"
    return read_table(path, ids).rename(columns={ids: "user_id", options.timestamp: "timestamp"})


def check_outputs(
    tables: tuple[Path | None, ...], prices: Path | None, run: Path | None, overwrite: bool
) -> None:
    """Refuse outputs that are taken, or of one name.

    Raises:
        SettingsError: Two have one name.
        OutputError: One exists.
    """
    if run is not None:
        free_output(run, overwrite, folder=True)
    given = [path for path in (*tables, prices) if path is not None]
    if len(set(given)) < len(given):
        raise SettingsError("Two outputs have one name; give each its own.")
    for path in tables:
        check_table(path)
    for path in given:
        free_output(path, overwrite, folder=False)


def _print_plan(
    plan: Allocation, output: Path | None, as_json: bool, spreadsheet_safe: bool
) -> None:
    """Print the summary, and the table where no file was asked for."""
    facts = {
        "facts": plan.facts,
        "summary": plan.summary.to_dict("records"),
        "rows": len(plan.table),
        "output": None if output is None else str(output),
    }
    if output is not None:
        emit(facts, plan.answer, as_json)
        return
    say(plan.answer)
    facts["contacts"] = plan.table.to_dict("records")
    emit(facts, csv_text(plan.table, spreadsheet_safe), as_json)
