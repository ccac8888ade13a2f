"""`tsgen evaluate audience`: does the model find the users who will act?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import SettingsError

from ..audience import load_rim
from ..inputs import ReadEvents, read_events
from ..options import AsJson, Device, Overwrite, Seed, Trust
from ..outputs import answering, command_line, emit, free_output, say
from ..train import Budget, Config, DryRun, Set, show
from .fidelity import write_run

if TYPE_CHECKING:
    from tsgen.evaluation import StudyResult

__all__ = ["evaluate_audience"]


@answering
def evaluate_audience(
    events: Annotated[Path, typer.Argument(help="Event log: CSV, Parquet, a folder of Parquet.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="RUN folder to make.")],
    model: Annotated[
        Path | None, typer.Option(help="Judge this model by the events after its cut-off.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="When the test begins; one horizon before the end, or the cut-off."),
    ] = None,
    settings: Set = None,
    config: Config = None,
    num_users: Annotated[
        int | None, typer.Option(help="Users listed for an item; 1 % if absent.")
    ] = None,
    num_items: Annotated[
        int | None, typer.Option(help="Items listed for a user; 1 % if absent.")
    ] = None,
    seed: Seed = None,
    budget: Budget = None,
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
    """
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
    judged: Any = RIMEstimator.from_text(settings or [], **base)
    if dry_run:
        show(judged)
        return
    free_output(output, overwrite, folder=True)
    if model is not None:
        judged = load_rim(model, device, trust=trust)
    log = read_events(events, read_as, getattr(judged, "read_options", None))
    say(f"{events}: {len(log)} events, {log.num_users} users, {log.num_items} items")
    seed = resolve_seed(seed)
    result = judge(
        log,
        judged,
        at=at,
        num_users=num_users,
        num_items=num_items,
        seed=seed,
        options=TrainingOptions(seed=seed, budget=budget, device=device),
        command=command_line(),
    )
    write_run(result, output, [], overwrite)
    facts = {"run": str(output), "answer": result.answer, "table": result.table.to_dict("records")}
    emit(facts, f"{_shown(result)}\n\n{result.answer}\n{output}", as_json)


def _shown(result: StudyResult) -> str:
    """Return a table of metrics by arm."""
    table = result.table.pivot(index="metric", columns="arm", values="value")
    order = result.table["metric"].drop_duplicates()
    arms = result.table["arm"].drop_duplicates()
    return str(table.loc[order, list(arms)].to_string(float_format="{:.4g}".format))
