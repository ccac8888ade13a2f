"""`tsgen update`: newer events are added to what a RIM knows of users; nothing is learnt again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..inputs import ReadEvents, load_model, read_events
from ..options import AsJson, Device, Overwrite, Trust
from ..outputs import answering, emit, free_output

__all__ = ["update"]


@answering
def update(
    model: Annotated[Path, typer.Argument(help="Model folder.")],
    events: Annotated[Path, typer.Argument(help="Newer events: CSV, Parquet, a folder.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Model folder to make; with --overwrite, the same."),
    ],
    log: Annotated[
        Path | None, typer.Option(help="The events until now, for a model that keeps none.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="The new cut-off; the end of the events if absent.")
    ] = None,
    device: Device = "auto",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Add newer events to a RIM: lists are then as if it knew the whole log until now.

    Returns among them (--read returns=cancel) take back purchases among them alone.

    tsgen update models/shop this_week.parquet -o models/shop --overwrite
    """
    free_output(output, overwrite, folder=True, renews=model)
    rim = load_model(model, "rim", device, trust=trust)
    newer = read_events(events, read_as, rim.read_options)
    older = None if log is None else read_events(log, read_as, rim.read_options)
    before = len(rim.states)
    renewed = rim.update(newer, at=at, log=older)
    renewed.save(output, overwrite=overwrite)
    more = len(renewed.states) - before
    facts = {"model": str(output), **renewed.summary, "new_users": more}
    text = (
        f"{output}: {facts['num_events']:,} events up to {facts['last']}, {abs(more):,} users "
        f"{'fewer' if more < 0 else 'more'}; cut-off {renewed.cutoff}"
    )
    emit(facts, text, as_json)
