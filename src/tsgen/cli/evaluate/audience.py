"""`tsgen evaluate audience`: does the model find the users who will act?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import SettingsError

from ..audience import ItemWhere
from ..inputs import (
    EventLog,
    ReadEvents,
    assigned,
    column_of,
    load_model,
    read_conditions,
    read_events,
    read_excluded,
    read_plan,
)
from ..options import AsJson, Device, Exclude, Overwrite, Seed, Trust, UnknownUsers, without_effect
from ..outputs import answering, command_line, free_output, say
from ..train import Config, DryRun, Set, TrainingBudget, print_settings
from .options import JudgedModel, RunOutput, TestBegin
from .runs import arms_by_metric, deliver_run

if TYPE_CHECKING:
    from tsgen.data import Interactions

__all__ = ["evaluate_audience"]

_FEW_USERS = 2_000
"""Up to which a recurrent network is trained in minutes."""


@answering
def evaluate_audience(
    events: EventLog,
    output: RunOutput,
    model: JudgedModel = None,
    at: TestBegin = None,
    settings: Set = None,
    config: Config = None,
    num_users: Annotated[
        int | None, typer.Option(help="Users listed for an item; 1 % if absent.")
    ] = None,
    num_items: Annotated[
        int | None, typer.Option(help="Items listed for a user; 1 % if absent.")
    ] = None,
    item: Annotated[
        list[str] | None,
        typer.Option(help="Judge the list of one campaign about this item. Repeatable."),
    ] = None,
    item_where: ItemWhere = None,
    campaign: Annotated[
        Path | None, typer.Option(help="TOML file of one campaign, as for `tsgen allocate`.")
    ] = None,
    size: Annotated[int | None, typer.Option(help="Users of the campaign's list.")] = None,
    exclude: Exclude = None,
    on_unknown: UnknownUsers = "error",
    origins: Annotated[
        int | None, typer.Option(help="Past horizons to judge the campaign by; 3 if absent.")
    ] = None,
    sequence_model: Annotated[
        bool | None,
        typer.Option(
            help="Judge a recurrent network, trained on the same past, as well; if absent, of logs "
            "with up to 2,000 users."
        ),
    ] = None,
    seed: Seed = None,
    budget: TrainingBudget = None,
    device: Device = "auto",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Judge audiences by what users did next, beside simple rules.

    Without --model, one is trained on the events before the last horizon.

    tsgen evaluate audience events.parquet --set horizon=28D --seed 1 -o runs/shop

    tsgen evaluate audience events.parquet --set horizon=28D --item 22423 --size 500 -o runs/mine
    """
    from tsgen.evaluation import audience_measure_title, evaluate_campaign
    from tsgen.evaluation import evaluate_audience as judge
    from tsgen.intensity import RIMEstimator
    from tsgen.rng import resolve_seed
    from tsgen.settings import read_settings_file
    from tsgen.training import TrainingOptions

    if model is not None and (settings or config or budget or dry_run):
        raise SettingsError(
            "--model is judged as it is; leave out --set, --config, --budget and --dry-run."
        )
    base = read_settings_file(config) if config else {}
    judged: Any = RIMEstimator(**assigned(settings, base))
    if dry_run:
        print_settings(judged)
        return
    about = (item, item_where, campaign)
    without_effect({"--trust": trust}, "without --model", given=model is None)
    given = {"--size": size, "--exclude": exclude, "--origins": origins}
    unknown = {"--on-unknown": on_unknown != "error"}
    without_effect(unknown, "without --exclude", given=exclude is None)
    without_effect(given, "without --item, --item-where or --campaign", given=not any(about))
    if any(about):
        idle = {"--device": device != "auto"}
        without_effect(idle, "with --item, --item-where and --campaign", given=True)
        _check_campaign(about, model or at or num_users or num_items or budget)
    free_output(output, overwrite, folder=True)
    if model is not None:
        judged = load_model(model, "rim", device, trust=trust)
    log = read_events(events, read_as, getattr(judged, "read_options", None))
    say(f"{events}: {len(log)} events, {log.num_users} users, {log.num_items} items")
    seed = resolve_seed(seed)
    if any(about):
        column = column_of(read_as, "user_id")
        asked: dict[str, Any] = {} if on_unknown == "error" else {"on_unknown": on_unknown}
        result = evaluate_campaign(
            log,
            judged,
            _campaign(log, item, item_where, campaign, column),
            size=size,
            exclude=read_excluded(exclude, column, log.users),
            **asked,
            origins=origins or 3,
            seed=seed,
            command=command_line(),
        )
    else:
        result = judge(
            log,
            judged,
            at=at,
            num_users=num_users,
            num_items=num_items,
            seed=seed,
            options=TrainingOptions(seed=seed, budget=budget, device=device),
            sequence_model=_with_sequence_model(log, sequence_model),
            command=command_line(),
        )
    table = arms_by_metric(result, rows="metric", columns="arm", title=audience_measure_title)
    deliver_run(result, output, overwrite=overwrite, as_json=as_json, table=table)


def _with_sequence_model(log: Interactions, wanted: bool | None) -> bool:
    """Return whether a network is judged as well: by default where that takes little time."""
    few = log.num_users <= _FEW_USERS
    if wanted is None and not few:
        say(f"{log.num_users:,} users: no sequence model is judged beside; --sequence-model does.")
    return few if wanted is None else wanted


def _check_campaign(about: tuple[Any, ...], other: Any) -> None:
    if sum(bool(one) for one in about) != 1:
        raise SettingsError("Give one of --item, --item-where and --campaign.")
    if other:
        raise SettingsError(
            "A campaign is judged at past origins by models trained there; leave out --model, "
            "--at, --num-users, --num-items and --budget."
        )


def _campaign(
    log: Interactions,
    item: list[str] | None,
    item_where: list[str] | None,
    path: Path | None,
    column: str,
) -> Any:
    """Return the campaign that the options name."""
    if path is not None:
        return read_plan(path, log.users, log.items, column=column)
    if item:
        return {"name": "the list", "items": log.items.from_text(item)}
    return {"name": "the list", "item_where": read_conditions(item_where, "--item-where")}
