"""`tsgen batch allocate`: who gets which offer, of a log that is larger than memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..allocate import (
    Contacts,
    Holdouts,
    PlanSettings,
    Prices,
    Run,
    SolverName,
    SolverSeed,
    Summary,
    check_outputs,
    read_contacts,
    write_beside,
)
from ..inputs import (
    ReadEvents,
    column_of,
    load_rim,
    read_choices,
    read_excluded,
    read_plan,
    read_table,
)
from ..options import Exclude, Overwrite, Trust, UserTable
from ..outputs import answering
from .app import batch_app, in_batches
from .options import EVENT_KEYS, BatchMemory, HorizonStart, Log, Model

if TYPE_CHECKING:
    from tsgen.batch import BatchResult, BatchTask

__all__ = ["batch_allocate"]

_PAIR_BYTES = 40


def _written(
    result: BatchResult, *, holdouts: Path | None, summary: Path | None, prices: Path | None,
    run: Path | None, overwrite: bool, **_: Any,
) -> tuple[dict[str, Any], str]:  # fmt: skip
    """Write what was asked for beside the contacts; return more facts, and the answer."""
    plan = result.details
    write_beside(plan, holdouts, summary, prices, run, overwrite)
    return {"facts": plan.facts, "summary": plan.summary.to_dict("records")}, plan.answer


def _verb(
    model: Model,
    log: Log,
    campaigns: Annotated[Path, typer.Option(help="TOML file of campaigns.")],
    holdouts: Holdouts = None,
    summary: Summary = None,
    prices: Prices = None,
    run: Run = None,
    exclude: Exclude = None,
    contacts: Contacts = None,
    users: UserTable = None,
    at: HorizonStart = None,
    solver: SolverName = "auto",
    seed: SolverSeed = 0,
    set_: PlanSettings = None,
    memory: BatchMemory = None,
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
) -> BatchTask:
    """Give the users of a log to campaigns under limits, so that value is greatest.

    tsgen batch allocate models/shop events/ --campaigns campaigns.toml -o contacts.parquet
    """
    from tsgen.batch import AllocateBatch
    from tsgen.memory import parse_size

    check_outputs((holdouts, summary), prices, run, overwrite)
    rim = load_rim(model, "cpu", trust=trust)
    column, vocabulary = column_of(read_as, "user_id", rim.read_options), rim.states.users
    out = read_excluded(exclude, column, vocabulary, whole=False)
    pairs = {} if memory is None else {"max_pairs": max(parse_size(memory) // _PAIR_BYTES, 1000)}
    return AllocateBatch(
        campaigns=read_plan(campaigns, vocabulary, rim.all_items, set_, column=column, whole=False),
        exclude=None if out is None else tuple(out),
        contacts=None if contacts is None else read_contacts(contacts, rim.read_options),
        users=None if users is None else read_table(users, "user_id"),
        at=at,
        solver=solver,
        seed=seed,
        read=read_choices(read_as, EVENT_KEYS),
        **pairs,
    )


_verb.__name__ = "allocate"
batch_allocate = batch_app.command("allocate")(answering(in_batches(_verb, _written)))
