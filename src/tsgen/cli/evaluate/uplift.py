"""`tsgen evaluate uplift`: what did the campaigns change?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..inputs import ReadEvents, column_of, read_events, read_plan, read_table
from ..options import AsJson, CampaignsFile, Overwrite
from ..outputs import answering, command_line, free_output
from .options import RunOutput
from .runs import deliver_run

__all__ = ["evaluate_uplift"]


@answering
def evaluate_uplift(
    events: Annotated[Path, typer.Argument(help="Event log that goes on after the contacts.")],
    campaigns: CampaignsFile,
    output: RunOutput,
    contacts: Annotated[Path, typer.Option(help="Who was contacted: what `allocate -o` wrote.")],
    holdouts: Annotated[
        Path, typer.Option(help="Who was held out: what `allocate --holdouts` wrote.")
    ],
    begin: Annotated[
        str | None,
        typer.Option(help="When contacts were made; a Parquet of `allocate` says so itself."),
    ] = None,
    horizon: Annotated[str | None, typer.Option(help="How long outcomes count, 28D.")] = None,
    earlier: Annotated[
        Path | None, typer.Option(help="Contacts before these: a table of user_id, timestamp.")
    ] = None,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Measure what campaigns changed: contacted users against those held out.

    tsgen evaluate uplift events.parquet campaigns.toml --contacts sent.parquet
    --holdouts held.parquet -o runs/uplift
    """
    from tsgen.evaluation import evaluate_uplift as judge

    free_output(output, overwrite, folder=True)
    log = read_events(events, read_as)
    result = judge(
        log,
        read_table(contacts, "user_id"),
        read_table(holdouts, "user_id"),
        read_plan(campaigns, log.users, log.items, column=column_of(read_as, "user_id")),
        begin=begin,
        horizon=horizon,
        earlier=None if earlier is None else read_table(earlier, "user_id"),
        command=command_line(),
    )
    deliver_run(result, output, overwrite=overwrite, as_json=as_json)
