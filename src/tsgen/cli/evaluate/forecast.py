"""`tsgen evaluate forecast`: does it help the forecaster?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import DataError

from ..inputs import read_dataset
from ..options import AsJson, Overwrite, Panel, Read, Target, Trust, without_effect
from ..outputs import (
    ExitCode,
    answering,
    beside_cells,
    check_kept,
    command_line,
    free_output,
    say,
)
from .options import AllowFailures, RunOutput
from .runs import deliver_run

__all__ = ["evaluate_forecast", "find_data", "report_cell"]

_SUFFIXES = (".parquet", ".csv", ".csv.gz", "")


@answering
def evaluate_forecast(
    study_file: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="The study.")],
    output: RunOutput,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder (or file) of the study's data; a bundled sample if absent."),
    ] = None,
    cells: Annotated[
        Path | None, typer.Option(help="Folder of finished cells; RUN.cells if absent.")
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Compute cells again that failed.")
    ] = False,
    allow_failures: AllowFailures = False,
    power: Annotated[
        float | None,
        typer.Option(
            metavar="PERCENT",
            help="Say how many draws of the series, generators and seeds an interval of ± PERCENT "
            "takes.",
        ),
    ] = None,
    trust: Trust = False,
    target: Target = None,
    panel: Panel = False,
    read_as: Read = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Train forecasters on real and augmented series and compare them on the same windows.

    Finished cells are kept in RUN.cells: the same command goes on after an interruption.

    tsgen evaluate forecast study.toml -o runs/study --data data/

    tsgen evaluate forecast study.toml -o runs/study --data data/ --power 2
    """
    from tsgen.evaluation import ForecastStudy, evaluate_forecast
    from tsgen.psagan import PSAGANEstimator

    without_effect({"--read": read_as}, "without --data", given=data is None)
    study = ForecastStudy.from_file(study_file)
    free_output(output, overwrite, folder=True)
    place = cells or output.with_name(f"{output.name}.cells")
    check_kept(place)
    synthesizers: dict[str, Any] = {"psa-gan": PSAGANEstimator}
    result = evaluate_forecast(
        study,
        find_data(study.data, data, read_as, target, panel=panel),
        synthesizers=synthesizers,
        cells=place,
        retry_failed=retry_failed,
        command=command_line(),
        on_cell=report_cell,
        trust=trust,
        power=None if power is None else power / 100,
    )
    failed = _report_failures(result.facts["cells"], retry_failed)
    shown = result.table[result.table["metric"] == "mean_weighted_quantile_loss"]
    columns = ["regime", "forecaster", "arm", "reference", "value", "difference"]
    columns += ["difference_low", "difference_high"]
    table = shown[columns].to_string(index=False)
    if power is not None:
        noise = [f"{_place(row)}: {row['says']}" for row in result.facts["power"]]
        table = "\n".join([table, "", *noise])
    with beside_cells(place):
        deliver_run(result, output, overwrite=overwrite, as_json=as_json, table=table)
    if failed and not allow_failures:
        raise typer.Exit(ExitCode.CELLS_FAILED)


def _place(row: dict[str, Any]) -> str:
    return f"{row['arm']} ({row['forecaster']}, {row['regime']})"


def _report_failures(cells: dict[str, int], retried: bool) -> bool:
    """Return whether cells failed, and say how they are computed again; stop if all did."""
    if not cells["failed"]:
        return False
    again = "" if retried else " The same command with --retry-failed computes them again."
    if not cells["finished"]:
        say(f"error: Nothing could be compared: all {cells['failed']} cells failed.{again}")
        raise typer.Exit(ExitCode.CELLS_FAILED)
    say(f"{cells['failed']} cells failed; the page says why.{again}")
    return True


def find_data(
    name: str,
    place: Path | None,
    read_as: list[str] | None,
    target: list[str] | None = None,
    *,
    panel: bool = False,
) -> Any:
    """Read the data that a study names, of several channels if several targets or a panel."""
    if place is None:
        from tsgen.data import load_sample

        return load_sample(name)
    if place.is_file():
        return read_dataset(place, read_as, target, panel=panel)
    folders = (place, place / "timeseries")
    tried = [folder / f"{name}{suffix}" for folder in folders for suffix in _SUFFIXES]
    existing = next((path for path in tried if path.exists()), None)
    if existing is None:
        raise DataError(
            f"The study is about '{name}', but there is no {name}.parquet, {name}.csv or folder "
            f"{name} in {place}; give the folder that has it with --data."
        )
    return read_dataset(existing, read_as, target, panel=panel)


def report_cell(cell: dict[str, Any]) -> None:
    """Say what came of one cell."""
    where = f"{cell['regime']}, {cell['forecaster']}, {cell['arm']}, seed {cell['seed']}"
    if "failed" in cell:
        say(f"{where}: failed: {cell['failed']}")
    else:
        loss = cell["metrics"]["mean_weighted_quantile_loss"]
        say(f"{where}: {loss:.4f} ({cell['cpu_seconds']} s)")
