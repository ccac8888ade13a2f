"""`tsgen batch`: what the verbs do, for inputs of any size, on one machine or several."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from tsgen.storage import is_address

from ..options import AsJson, Device, Overwrite, SpreadsheetSafe, Trust, csv_only
from ..outputs import emit, free_output
from .options import BatchMemory, EngineName, Jobs, Output, Partitions

__all__ = ["batch_app", "in_batches"]

batch_app = typer.Typer(
    help="Score, list, recommend, allocate, draw, forecast or fill with inputs of any size.",
    no_args_is_help=True,
)

After = Callable[[Any], tuple[dict[str, Any], str]]
"""From a `BatchResult` to more facts, and an answer in sentences."""


def _run(
    task: Any,  # a BatchTask: its room is not imported with the command line
    model: Path,
    source: str,
    after: After | None,
    *,
    output: Output,
    engine: EngineName = "local",
    jobs: Jobs = None,
    memory: BatchMemory = None,
    partitions: Partitions = None,
    device: Device = "cpu",
    trust: Trust = False,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
    as_json: AsJson = False,
) -> None:
    """Run a task; what is named by keyword are the options of all verbs."""
    from tsgen.batch import run_batch

    csv_only(spreadsheet_safe, Path(output))
    result = run_batch(
        model, task, source, output, engine=engine, jobs=jobs, memory=memory,
        partitions=partitions, device=device, trust=trust, overwrite=overwrite,
        spreadsheet_safe=spreadsheet_safe,
    )  # fmt: skip
    before = f", {result.resumed} of them finished before" if result.resumed else ""
    facts = {
        "output": output,
        "rows": result.rows,
        "partitions": result.num_partitions,
        "resumed": result.resumed,
    }
    text = f"{output}: {result.rows} rows of {result.num_partitions} partitions{before}"
    more, answer = ({}, None) if after is None else after(result)
    emit(facts | more, text if answer is None else f"{answer}\n{text}", as_json)


def in_batches(
    verb: Callable[..., Any], after: Callable[..., tuple[dict[str, Any], str]] | None = None
) -> Callable[..., None]:
    """Give a verb that returns a task the options of all verbs, and run the task.

    The first two parameters of the verb are the model and the input. Those it shares with all
    verbs, such as `trust`, are handed on to it.

    Args:
        verb: Returns the task.
        after: Is given the result and the verb's options; returns more facts and an answer.
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
        if not is_address(given["output"]):
            free_output(Path(given["output"]), given["overwrite"], folder=False)
        options = {name: given[name] for name in own.parameters}
        task = verb(**options)
        then = None if after is None else functools.partial(after, **options)
        how = {name: given[name] for name in shared}
        _run(task, given[model], given[source], then, **how)

    parameters = [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for p in ({**own.parameters} | shared).values()
    ]
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run
