"""`tsgen evaluate allocation`: what would these campaigns have brought?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tsgen.errors import SettingsError

from ..inputs import (
    EventLog,
    ReadEvents,
    assigned,
    column_of,
    load_model,
    read_events,
    read_excluded,
    read_plan,
    read_table,
)
from ..options import (
    AsJson,
    CampaignsFile,
    Device,
    Exclude,
    Overwrite,
    Seed,
    Trust,
    UserTable,
    without_effect,
)
from ..outputs import answering, command_line, free_output, say
from ..train import Set, TrainingBudget
from .options import JudgedModel, RunOutput, TestBegin
from .runs import arms_by_metric, deliver_run

__all__ = ["evaluate_allocation"]


@answering
def evaluate_allocation(
    events: EventLog,
    campaigns: CampaignsFile,
    output: RunOutput,
    model: JudgedModel = None,
    at: TestBegin = None,
    origins: Annotated[
        int, typer.Option(help="Windows, a horizon apart; without --model each trains anew.")
    ] = 1,
    exclude: Exclude = None,
    users: UserTable = None,
    margin: Annotated[float, typer.Option(help="Part of the value that is earned.")] = 1.0,
    settings: Set = None,
    seed: Seed = None,
    budget: TrainingBudget = None,
    device: Device = "auto",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Judge a plan of campaigns by what users did in past windows, beside other ways to choose.

    Without --model, one is trained on the events before the last horizon (--set horizon=28D).

    tsgen evaluate allocation events.parquet campaigns.toml --set horizon=28D --origins 3 -o runs/c
    """
    from tsgen.evaluation import evaluate_allocation as judge
    from tsgen.intensity import RIMEstimator
    from tsgen.rng import resolve_seed
    from tsgen.training import TrainingOptions

    if model is not None and (settings or budget):
        raise SettingsError("--model is judged as it is; leave out --set and --budget.")
    without_effect({"--trust": trust}, "without --model", given=model is None)
    free_output(output, overwrite, folder=True)
    judged: Any = (
        RIMEstimator(**assigned(settings))
        if model is None
        else load_model(model, "rim", device, trust=trust)
    )
    options = getattr(judged, "read_options", None)
    log = read_events(events, read_as, options)
    say(f"{events}: {len(log)} events, {log.num_users} users, {log.num_items} items")
    seed, column = resolve_seed(seed), column_of(read_as, "user_id", options)
    result = judge(
        log,
        judged,
        read_plan(campaigns, log.users, log.items, column=column),
        at=at,
        origins=origins,
        exclude=read_excluded(exclude, column, log.users),
        users=None if users is None else read_table(users, "user_id"),
        margin=margin,
        seed=seed,
        options=TrainingOptions(seed=seed, budget=budget, device=device),
        command=command_line(),
    )
    table = arms_by_metric(result, rows="arm", columns="metric")
    deliver_run(result, output, overwrite=overwrite, as_json=as_json, table=table)
