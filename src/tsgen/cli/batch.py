"""`tsgen batch`: what the verbs do, for inputs of any size, on one machine or several."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
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
Log = Annotated[
    str,
    typer.Argument(
        metavar="LOG",
        help="Event log of whole histories: a folder of Parquet, or an address (s3://...).",
    ),
]
Table = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        help="Long table: Parquet, a folder of Parquet, CSV, or an address (s3://...).",
    ),
]
Output = Annotated[
    str,
    typer.Option(
        "--output", "-o", metavar="PATH", help="Table to write: .parquet or .csv; or an address."
    ),
]
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
    task: Any,  # a BatchTask: its room is not imported with the command line
    model: Path,
    source: str,
    *,
    output: Output,
    engine: EngineName = "local",
    jobs: Jobs = None,
    memory: Memory = None,
    partitions: Partitions = None,
    device: Device = "cpu",
    trust: Trust = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Run a task; what is named by keyword are the options of all verbs."""
    from tsgen.batch import run_batch

    result = run_batch(
        model, task, source, output, engine=engine, jobs=jobs, memory=memory,
        partitions=partitions, device=device, trust=trust, overwrite=overwrite,
    )  # fmt: skip
    before = f", {result.resumed} of them finished before" if result.resumed else ""
    facts = {
        "output": output,
        "rows": result.rows,
        "partitions": result.num_partitions,
        "resumed": result.resumed,
    }
    emit(
        facts,
        f"{output}: {result.rows} rows of {result.num_partitions} partitions{before}",
        as_json,
    )


def _in_batches(verb: Callable[..., BatchTask]) -> Callable[..., None]:
    """Give a verb that returns a task the options of all verbs, and run the task.

    The first two parameters of the verb are the model and the input; `trust` is handed on to it.
    """
    verb.__annotations__["return"] = None
    own = inspect.signature(verb, eval_str=True)
    model, source, *_ = own.parameters
    shared = {
        name: parameter
        for name, parameter in inspect.signature(_run, eval_str=True).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }

    @functools.wraps(verb)
    def run(**given: Any) -> None:
        if "://" not in given["output"]:
            free_output(Path(given["output"]), given["overwrite"], folder=False)
        task = verb(**{name: given[name] for name in own.parameters})
        how = {name: given[name] for name in shared}
        _run(task, given[model], given[source], **how)

    parameters = [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for p in ({**own.parameters} | shared).values()
    ]
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


def _wanted(rim: RIMModel, item: list[str] | None, items: Path | None) -> tuple[Any, ...]:
    if (item is None) == (items is None):
        raise SettingsError("Give either --item ID (repeatable) or --items FILE.")
    if item is not None:
        return tuple(rim.all_items.from_text(item))
    listed = read_id_file(items, rim.read_options.item_id, rim.all_items)  # type: ignore[arg-type]
    return tuple(rim.all_items.from_text([str(one) for one in listed]))


@batch_app.command()
@answering
@_in_batches
def audience(
    model: Model,
    log: Log,
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
    trust: Trust = False,
    read_as: ReadEvents = None,
) -> BatchTask:
    """List the users most likely to engage with each of some items.

    tsgen batch audience models/shop events/ --item 22423 --size 5000 -o list.parquet --memory 2GB
    """
    from tsgen.batch import AudienceBatch

    rim = load_rim(model, "cpu", trust=trust)
    out = (
        None
        if exclude is None
        else read_id_file(exclude, rim.read_options.user_id, rim.states.users)
    )
    return AudienceBatch(
        items=_wanted(rim, item, items),
        size=size,
        threshold=threshold,
        exclude=None if out is None else tuple(out),
        on_unknown=on_unknown,
        exclude_seen=exclude_seen,
        at=at,
        read=read_choices(read_as, _EVENT_KEYS),
    )


@batch_app.command()
@answering
@_in_batches
def recommend(
    model: Model,
    log: Log,
    size: Annotated[int, typer.Option(help="Items wanted for each user.")] = 10,
    item: Item = None,
    items: Items = None,
    exclude_seen: Annotated[
        bool, typer.Option("--exclude-seen", help="Leave out what was seen.")
    ] = False,
    at: At = None,
    trust: Trust = False,
    read_as: ReadEvents = None,
) -> BatchTask:
    """List the items that each user of a log is most likely to engage with.

    tsgen batch recommend models/shop events/ --size 20 -o lists.parquet --jobs 4
    """
    from tsgen.batch import RecommendBatch

    rim = load_rim(model, "cpu", trust=trust)
    chosen = None if item is None and items is None else _wanted(rim, item, items)
    return RecommendBatch(
        size=size,
        items=chosen,
        exclude_seen=exclude_seen,
        at=at,
        read=read_choices(read_as, _EVENT_KEYS),
    )


@batch_app.command()
@answering
@_in_batches
def score(
    model: Model,
    log: Log,
    item: Item = None,
    items: Items = None,
    at: At = None,
    trust: Trust = False,
    read_as: ReadEvents = None,
) -> BatchTask:
    """Write expected events, and the chance of one, of every user with some items.

    tsgen batch score models/shop events/ --items items.txt -o scores.parquet
    """
    from tsgen.batch import ScoreBatch

    rim = load_rim(model, "cpu", trust=trust)
    read = read_choices(read_as, _EVENT_KEYS)
    return ScoreBatch(items=_wanted(rim, item, items), at=at, read=read)


@batch_app.command()
@answering
@_in_batches
def sample(
    model: Model,
    requests: Annotated[
        str,
        typer.Argument(help="Table of requests: item_id and perhaps start, length, number."),
    ],
    constraints: Constrain = None,
    missing: Missing = "like",
    seed: Seed = None,
) -> BatchTask:
    """Draw synthetic series, as each row of a table asks for.

    tsgen batch sample models/load requests.parquet -o samples.parquet --seed 2
    """
    from tsgen.batch import SampleBatch

    return SampleBatch(
        seed=_seed(seed), constraints=constraint_request(constraints), missing=missing
    )


@batch_app.command()
@answering
@_in_batches
def forecast(
    model: Model,
    series: Table,
    number: Annotated[
        int, typer.Option("--number", "-n", help="Sample paths of each series.")
    ] = 100,
    quantile: Annotated[
        list[float] | None, typer.Option(help="Level between 0 and 1; repeatable.")
    ] = None,
    seed: Seed = None,
    read_as: Read = None,
) -> BatchTask:
    """Forecast every series of a table from its end.

    tsgen batch forecast models/next series/ -o forecasts.parquet --seed 2
    """
    from tsgen.batch import ForecastBatch

    return ForecastBatch(
        seed=_seed(seed),
        num_samples=number,
        quantiles=tuple(quantile or (0.1, 0.5, 0.9)),
        read=read_choices(read_as, _SERIES_KEYS),
    )


@batch_app.command()
@answering
@_in_batches
def impute(
    model: Model,
    series: Table,
    number: Annotated[
        int, typer.Option("--number", "-n", help="Completed copies of each series.")
    ] = 1,
    seed: Seed = None,
    read_as: Read = None,
) -> BatchTask:
    """Fill what is missing in every series of a table.

    tsgen batch impute models/next series/ -o filled.parquet --seed 2
    """
    from tsgen.batch import ImputeBatch

    read = read_choices(read_as, _SERIES_KEYS)
    return ImputeBatch(seed=_seed(seed), num_samples=number, read=read)
