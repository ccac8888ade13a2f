"""`tsgen batch`: what the verbs do, for inputs of any size, on one machine or several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import SettingsError

from .inputs import ReadEvents, load_rim, read_choices, read_id_file
from .options import AsJson, Device, Exclude, Overwrite, Read, Seed, Trust
from .outputs import answering, emit, free_output
from .sample import Constrain, Missing, constraint_request

if TYPE_CHECKING:
    from tsgen.batch import BatchTask
    from tsgen.intensity import RIMModel

__all__ = ["batch_app"]

batch_app = typer.Typer(
    help="Score, list, recommend, draw, forecast or fill with inputs of any size.",
    no_args_is_help=True,
)

Model = Annotated[Path, typer.Argument(help="Model folder.")]
Log = Annotated[Path, typer.Argument(help="Event log of whole histories: a folder of Parquet.")]
Table = Annotated[Path, typer.Argument(help="Long table: Parquet, a folder of Parquet, or CSV.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="Table to write: .parquet or .csv.")]
Item = Annotated[list[str] | None, typer.Option(help="Item; a list each. Repeatable.")]
Items = Annotated[Path | None, typer.Option(help="File of items, one a line.")]
At = Annotated[str | None, typer.Option(help="When the horizon begins; the log's end if absent.")]
EngineName = Annotated[
    str,
    typer.Option(
        help="Where: local (processes), ray, or spark; all read and write one file system."
    ),
]
Jobs = Annotated[
    int | None, typer.Option(help="Partitions at a time; one a core if absent.", min=1)
]
Memory = Annotated[
    str | None,
    typer.Option(help="What they may take together, such as 2GB; half of what is free if absent."),
]
Partitions = Annotated[
    int | None, typer.Option(help="How many; as many as --memory asks for if absent.", min=1)
]

_EVENT_KEYS = (
    "user_id", "item_id", "timestamp", "value", "unit", "timezone", "date_format", "returns",
    "on_duplicate", "on_missing_id", "on_bad_time",
)  # fmt: skip
_SERIES_KEYS = ("item_id", "timestamp", "target", "freq", "timezone", "on_duplicate", "static")


def _seed(seed: int | None) -> int:
    """Return a seed that the same command has again, so that it can go on."""
    return 0 if seed is None else seed


def _run(
    task: BatchTask, model: Path, source: Path, output: Path, as_json: bool, **how: Any
) -> None:
    from tsgen.batch import run_batch

    result = run_batch(model, task, source, output, **how)
    before = f", {result.resumed} of them finished before" if result.resumed else ""
    facts = {
        "output": str(output),
        "rows": result.rows,
        "partitions": result.num_partitions,
        "resumed": result.resumed,
    }
    emit(
        facts,
        f"{output}: {result.rows} rows of {result.num_partitions} partitions{before}",
        as_json,
    )


def _rim(model: Path, output: Path, overwrite: bool, trust: bool) -> RIMModel:
    free_output(output, overwrite, folder=False)
    return load_rim(model, "cpu", trust=trust)


def _wanted(rim: RIMModel, item: list[str] | None, items: Path | None) -> tuple[Any, ...]:
    if (item is None) == (items is None):
        raise SettingsError("Give either --item ID (repeatable) or --items FILE.")
    if item is not None:
        return tuple(rim.all_items.from_text(item))
    listed = read_id_file(items, rim.read_options.item_id, rim.all_items)  # type: ignore[arg-type]
    return tuple(rim.all_items.from_text([str(one) for one in listed]))


@batch_app.command()
@answering
def audience(
    model: Model,
    log: Log,
    output: Output,
    item: Item = None,
    items: Items = None,
    size: Annotated[int, typer.Option(help="Users wanted for each item.")] = 1000,
    threshold: Annotated[
        float | None, typer.Option(help="Smallest chance of at least one event.")
    ] = None,
    exclude: Exclude = None,
    on_unknown: Annotated[
        str, typer.Option(help="A list of users of whom none is known: error, or warn and go on.")
    ] = "error",
    exclude_seen: Annotated[
        bool, typer.Option("--exclude-seen", help="Leave out what was seen.")
    ] = False,
    at: At = None,
    engine: EngineName = "local",
    jobs: Jobs = None,
    memory: Memory = None,
    partitions: Partitions = None,
    device: Device = "cpu",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """List the users most likely to engage with each of some items.

    tsgen batch audience models/shop events/ --item 22423 --size 5000 -o list.parquet --memory 2GB
    """
    from tsgen.batch import AudienceBatch

    rim = _rim(model, output, overwrite, trust)
    out = (
        None
        if exclude is None
        else read_id_file(exclude, rim.read_options.user_id, rim.states.users)
    )
    task = AudienceBatch(
        items=_wanted(rim, item, items),
        size=size,
        threshold=threshold,
        exclude=None if out is None else tuple(out),
        on_unknown=on_unknown,
        exclude_seen=exclude_seen,
        at=at,
        read=read_choices(read_as, _EVENT_KEYS),
    )
    _run(task, model, log, output, as_json, engine=engine, jobs=jobs, memory=memory,
         partitions=partitions, device=device, trust=trust, overwrite=overwrite)  # fmt: skip


@batch_app.command()
@answering
def recommend(
    model: Model,
    log: Log,
    output: Output,
    size: Annotated[int, typer.Option(help="Items wanted for each user.")] = 10,
    item: Item = None,
    items: Items = None,
    exclude_seen: Annotated[
        bool, typer.Option("--exclude-seen", help="Leave out what was seen.")
    ] = False,
    at: At = None,
    engine: EngineName = "local",
    jobs: Jobs = None,
    memory: Memory = None,
    partitions: Partitions = None,
    device: Device = "cpu",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """List the items that each user of a log is most likely to engage with.

    tsgen batch recommend models/shop events/ --size 20 -o lists.parquet --jobs 4
    """
    from tsgen.batch import RecommendBatch

    rim = _rim(model, output, overwrite, trust)
    chosen = None if item is None and items is None else _wanted(rim, item, items)
    task = RecommendBatch(
        size=size,
        items=chosen,
        exclude_seen=exclude_seen,
        at=at,
        read=read_choices(read_as, _EVENT_KEYS),
    )
    _run(task, model, log, output, as_json, engine=engine, jobs=jobs, memory=memory,
         partitions=partitions, device=device, trust=trust, overwrite=overwrite)  # fmt: skip


@batch_app.command()
@answering
def score(
    model: Model,
    log: Log,
    output: Output,
    item: Item = None,
    items: Items = None,
    at: At = None,
    engine: EngineName = "local",
    jobs: Jobs = None,
    memory: Memory = None,
    partitions: Partitions = None,
    device: Device = "cpu",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Write expected events, and the chance of one, of every user with some items.

    tsgen batch score models/shop events/ --items items.txt -o scores.parquet
    """
    from tsgen.batch import ScoreBatch

    rim = _rim(model, output, overwrite, trust)
    read = read_choices(read_as, _EVENT_KEYS)
    task = ScoreBatch(items=_wanted(rim, item, items), at=at, read=read)
    _run(task, model, log, output, as_json, engine=engine, jobs=jobs, memory=memory,
         partitions=partitions, device=device, trust=trust, overwrite=overwrite)  # fmt: skip


@batch_app.command()
@answering
def sample(
    model: Model,
    requests: Annotated[
        Path,
        typer.Argument(help="Table of requests: item_id and perhaps start, length, number."),
    ],
    output: Output,
    constraints: Constrain = None,
    missing: Missing = "like",
    seed: Seed = None,
    engine: EngineName = "local",
    jobs: Jobs = None,
    memory: Memory = None,
    partitions: Partitions = None,
    device: Device = "cpu",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Draw synthetic series, as each row of a table asks for.

    tsgen batch sample models/load requests.parquet -o samples.parquet --seed 2
    """
    from tsgen.batch import SampleBatch

    free_output(output, overwrite, folder=False)
    task = SampleBatch(
        seed=_seed(seed), constraints=constraint_request(constraints), missing=missing
    )
    _run(task, model, requests, output, as_json, engine=engine, jobs=jobs, memory=memory,
         partitions=partitions, device=device, overwrite=overwrite)  # fmt: skip


@batch_app.command()
@answering
def forecast(
    model: Model,
    series: Table,
    output: Output,
    number: Annotated[
        int, typer.Option("--number", "-n", help="Sample paths of each series.")
    ] = 100,
    quantile: Annotated[
        list[float] | None, typer.Option(help="Level between 0 and 1; repeatable.")
    ] = None,
    seed: Seed = None,
    engine: EngineName = "local",
    jobs: Jobs = None,
    memory: Memory = None,
    partitions: Partitions = None,
    device: Device = "cpu",
    read_as: Read = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Forecast every series of a table from its end.

    tsgen batch forecast models/next series/ -o forecasts.parquet --seed 2
    """
    from tsgen.batch import ForecastBatch

    free_output(output, overwrite, folder=False)
    task = ForecastBatch(
        seed=_seed(seed),
        num_samples=number,
        quantiles=tuple(quantile or (0.1, 0.5, 0.9)),
        read=read_choices(read_as, _SERIES_KEYS),
    )
    _run(task, model, series, output, as_json, engine=engine, jobs=jobs, memory=memory,
         partitions=partitions, device=device, overwrite=overwrite)  # fmt: skip


@batch_app.command()
@answering
def impute(
    model: Model,
    series: Table,
    output: Output,
    number: Annotated[
        int, typer.Option("--number", "-n", help="Completed copies of each series.")
    ] = 1,
    seed: Seed = None,
    engine: EngineName = "local",
    jobs: Jobs = None,
    memory: Memory = None,
    partitions: Partitions = None,
    device: Device = "cpu",
    read_as: Read = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Fill what is missing in every series of a table.

    tsgen batch impute models/next series/ -o filled.parquet --seed 2
    """
    from tsgen.batch import ImputeBatch

    free_output(output, overwrite, folder=False)
    read = read_choices(read_as, _SERIES_KEYS)
    task = ImputeBatch(seed=_seed(seed), num_samples=number, read=read)
    _run(task, model, series, output, as_json, engine=engine, jobs=jobs, memory=memory,
         partitions=partitions, device=device, overwrite=overwrite)  # fmt: skip
