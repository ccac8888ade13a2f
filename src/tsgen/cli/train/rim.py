"""`tsgen train rim`: fit RIM to an event log and save it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..inputs import EventLog, ReadEvents, assigned, read_events, read_sample
from ..options import AsJson, Device, Overwrite, Seed, without_effect
from ..outputs import answering, emit, free_output, say
from .encoder import ItemEncoder, UserEncoder, handed
from .markets import Graph, Market, train_on
from .options import (
    Config,
    Devices,
    DryRun,
    ModelOutput,
    Resume,
    Set,
    TrainingBudget,
    checkpoint_of,
    finished_already,
    keeping,
    print_settings,
    report_nothing_to_resume,
    save_trained,
)

__all__ = ["rim"]


@answering
def rim(
    events: EventLog,
    output: ModelOutput,
    settings: Set = None,
    config: Config = None,
    at: Annotated[
        str | None, typer.Option(help="Training cut-off; the end of the events if absent.")
    ] = None,
    sample_users: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Learn from so many users, of each size of customer its share: for a log that is "
            "larger than memory. All if absent.",
        ),
    ] = None,
    market: Market = None,
    graph: Graph = None,
    user_encoder: UserEncoder = None,
    item_encoder: ItemEncoder = None,
    seed: Seed = None,
    budget: TrainingBudget = None,
    resume: Resume = False,
    checkpoint_every: Annotated[
        str | None,
        typer.Option(
            help="Time between two checkpoints: what a crash can cost (1min); 0s saves after every "
            "step."
        ),
    ] = None,
    device: Device = "auto",
    devices: Devices = 1,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Train RIM on a log of events (user_id, item_id, timestamp).

    tsgen train rim events.parquet -o models/shop --set horizon=14D --seed 1
    """
    from tsgen.errors import SettingsError
    from tsgen.intensity import RIMEstimator
    from tsgen.settings import read_settings_file
    from tsgen.training import TrainingOptions

    base = read_settings_file(config) if config else {}
    estimator = RIMEstimator(**assigned(settings, base))
    if dry_run:
        print_settings(estimator)
        return
    if finished_already(output, resume=resume, overwrite=overwrite, as_json=as_json):
        return
    free_output(output, overwrite, folder=True)
    checkpoint = checkpoint_of(output) if estimator.relevance_model().in_steps else None
    for option, given in (("--budget", budget), ("--checkpoint-every", checkpoint_every)):
        if given and checkpoint is None:
            raise SettingsError(
                f"{option} is for settings that train a network step by step (--set relevance=gru "
                "or transformer); these train in one go, so leave it out."
            )
    report_nothing_to_resume(output, resume=resume)
    options = TrainingOptions(
        seed=seed,
        budget=budget,
        device=device,
        devices=devices,
        checkpoint=checkpoint,
        checkpoint_seconds=checkpoint_every or "1min",
        resume=resume,
    )
    idle = {"--user-encoder": user_encoder, "--item-encoder": item_encoder}
    without_effect(idle, "with --market", given=market is not None)
    without_effect(idle, "with --sample-users", given=sample_users is not None)
    drawn, encoders = None, handed(user_encoder=user_encoder, item_encoder=item_encoder)
    if sample_users is not None:
        if market is not None:
            raise SettingsError("--sample-users is not possible with --market; leave one out.")
        drawn = read_sample(events, read_as, sample_users, seed)
    log = drawn.log if drawn is not None else read_events(events, read_as)
    share = "" if drawn is None else f", drawn from {drawn.of_users:,} users"
    say(f"{events}: {log.facts()['num_events']} events, {log.num_users} users, "
        f"{log.num_items} items{share}")  # fmt: skip
    with keeping(output):
        if drawn is not None:
            model = estimator.train(drawn, at=at, options=options)
        else:
            model = train_on(estimator, log, market, graph, at=at, options=options, **encoders)
        save_trained(model, output, overwrite=overwrite)
    facts = {"model": str(output), "seed": model.seed, **model.summary}
    text = (
        f"{output}: trained on {facts['num_events']} events up to {facts['last']}, horizon "
        f"{estimator.horizon}, seed {model.seed}"
    )
    if "expected_events" in model.summary:
        say(_expectation(model.summary, estimator.horizon))
    emit(facts, text, as_json)


def _expectation(summary: dict[str, Any], horizon: str) -> str:
    """Return what the model expects of all users, and what that rests on."""
    low, high = summary["expected_events_90"]
    return (
        f"expected in {horizon}: {summary['expected_events']:,.0f} events (90 %: {low:,.0f} to "
        f"{high:,.0f}); rests on {summary['rests_on']}"
    )
