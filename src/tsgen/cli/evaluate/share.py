"""`tsgen evaluate share`: may synthetic series be handed out in place of ours?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..inputs import assigned, read_dataset
from ..options import AsJson, Device, Overwrite, Read, Seed
from ..outputs import (
    answering,
    check_kept,
    command_line,
    emit,
    free_output,
    remove_cells,
    say,
)
from ..train import Set
from .options import RunOutput
from .runs import write_run

__all__ = ["evaluate_share"]


@answering
def evaluate_share(
    data: Annotated[Path, typer.Argument(help="The real series.")],
    output: RunOutput,
    prediction_length: Annotated[int, typer.Option(help="Steps that forecasters forecast.")],
    synthesizer: Annotated[
        str, typer.Option(help="What makes the series: psa-gan, psa-gan-c, or a transform.")
    ] = "psa-gan",
    settings: Set = None,
    budget: Annotated[
        str, typer.Option(help="Processor time of training one generator; ten are trained.")
    ] = "60s",
    references: Annotated[int, typer.Option(help="Reference models of the attack.")] = 8,
    window_length: Annotated[
        int | None, typer.Option(help="Steps of the windows that are attacked; 2 horizons if none.")
    ] = None,
    seed: Seed = None,
    device: Device = "auto",
    read_as: Read = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Measure whether synthetic series are of use, and whether they give the real ones away.

    Forecasters trained on them alone, the fidelity measures, and a membership attack with reference
    models. What will be trained is said first. Finished parts are kept beside the output until the
    end: the same command goes on after an interruption.

    tsgen evaluate share load.csv --prediction-length 24 --budget 60s --seed 1 -o runs/share
    """
    from tsgen.curation import operation
    from tsgen.evaluation import evaluate_share as judge

    free_output(output, overwrite, folder=True)
    cells = output.with_name(f"{output.name}.cells")
    check_kept(cells)
    result = judge(
        read_dataset(data, read_as),
        prediction_length,
        operation(synthesizer, **assigned(settings)),
        budget=budget,
        num_references=references,
        window_length=window_length,
        seed=seed,
        device=device,
        command=command_line(),
        on_cost=say,
        cells=cells,
    )
    write_run(result, output, overwrite=overwrite)
    remove_cells(cells)
    shown = _brackets_of_values(result.table).to_string(
        index=False, float_format="{:.3g}".format, na_rep="-"
    )
    facts: dict[str, Any] = {
        "run": str(output),
        "verdict": result.facts["verdict"],
        "answer": result.answer,
        "table": result.table.astype(object).where(result.table.notna(), None).to_dict("records"),
    }
    emit(facts, f"{shown}\n\n{result.answer}\n{output}", as_json)


def _brackets_of_values(table: Any) -> Any:
    """Return the rows to print; where an interval is of a change, it becomes that of the value."""
    shown = table[["part", "arm", "metric", "value", "low", "high", "floor"]].copy()
    use = shown["part"] == "use"
    for end in ("low", "high"):
        shown.loc[use, end] = shown.loc[use, "floor"] * (1 + shown.loc[use, end])
    return shown
