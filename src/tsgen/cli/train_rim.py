"""`tsgen train rim`: fit RIM to an event log and save it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .common import AsJson, Overwrite, Seed, answering, emit, free_output, say
from .events import Device, ReadEvents, read_events

__all__ = ["rim"]


@answering
def rim(
    events: Annotated[Path, typer.Argument(help="Event log: CSV, Parquet, a folder of Parquet.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Model folder to make.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the model, repeatable."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Settings file, TOML or JSON; --set goes before it.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Training cut-off; the end of the events if absent.")
    ] = None,
    seed: Seed = None,
    budget: Annotated[
        str | None, typer.Option(help="Time to train the network: 90s, 10min, 1h.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted run, to the same numbers.")
    ] = False,
    device: Device = "auto",
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the resolved settings as JSON and stop.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train RIM on a log of events (user_id, item_id, timestamp).

    tsgen train rim events.parquet -o models/shop --set horizon=14D --seed 1
    """
    from tsgen.intensity import RIMEstimator
    from tsgen.settings import read_settings_file
    from tsgen.training import Checkpoint, TrainingOptions

    base = read_settings_file(config) if config else {}
    estimator = RIMEstimator.from_text(settings or [], **base)
    if dry_run:
        typer.echo(json.dumps(estimator.to_json(), indent=1))
        return
    free_output(output, overwrite, folder=True)
    checkpoint = output.with_name(f"{output.name}.checkpoint")
    options = TrainingOptions(
        seed=seed, budget=budget, device=device, checkpoint=checkpoint, resume=resume
    )
    log = read_events(events, read_as)
    say(f"{events}: {log.facts()['num_events']} events, {log.num_users} users, "
        f"{log.num_items} items")  # fmt: skip
    model = estimator.train(log, at=at, options=options)
    model.save(output, overwrite=overwrite)
    Checkpoint(checkpoint, "").remove()
    facts = {"model": str(output), "seed": model.seed, **model.summary}
    text = (
        f"{output}: trained on {facts['num_events']} events up to {facts['last']}, horizon "
        f"{estimator.horizon}, seed {model.seed}"
    )
    emit(facts, text, as_json)
