"""`tsgen forecast` and `tsgen impute`: what comes next, and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import SettingsError
from tsgen.memory import check_steps

from .inputs import load_model, read_dataset_for
from .options import (
    AsJson,
    Device,
    Overwrite,
    Panel,
    Read,
    Seed,
    SpreadsheetSafe,
    WrittenLayout,
    csv_only,
    without_effect,
)
from .outputs import answering, check_table, emit, free_output, write_table

__all__ = ["forecast", "impute"]

Model = Annotated[Path, typer.Argument(help="Model folder of `tsgen train psa-gan-c`.")]
Data = Annotated[Path, typer.Argument(help="Long table (CSV, Parquet) or GluonTS dataset folder.")]

Grain = Annotated[
    str,
    typer.Option(
        "--constraints",
        help="Give back the grain of the data: 'infer' (whole numbers for counts; in gaps grids, "
        "bounds and closed hours), or 'none'.",
    ),
]


@answering
def forecast(
    model: Model,
    data: Data,
    output: Annotated[Path, typer.Option("--output", "-o", help="forecasts.csv or .parquet.")],
    number: Annotated[
        int, typer.Option("--number", "-n", help="Sample paths of each series.")
    ] = 100,
    quantile: Annotated[
        list[float] | None, typer.Option(help="Level between 0 and 1; repeatable.")
    ] = None,
    samples: Annotated[
        bool, typer.Option("--samples", help="Write the paths instead of their quantiles.")
    ] = False,
    constraints: Grain = "infer",
    seed: Seed = None,
    device: Device = "auto",
    panel: Panel = False,
    read_as: Read = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
    as_json: AsJson = False,
) -> None:
    """Forecast every series from its end: the mean and quantiles of each step, or sample paths.

    tsgen forecast models/load load.csv -o forecasts.csv --quantile 0.1 --quantile 0.9
    """
    from tsgen.psagan.conditional import forecast_table

    without_effect({"--quantile": quantile}, "with --samples", given=samples)
    csv_only(spreadsheet_safe, output)
    check_table(output)
    free_output(output, overwrite, folder=False)
    predictor = load_model(model, "psa-gan-c", device)
    series = read_dataset_for(predictor, data, read_as, panel=panel)
    levels = None if samples else quantile or (0.1, 0.5, 0.9)
    check_steps(number * len(series) * predictor.prediction_length, f"--number {number}")
    table = forecast_table(
        predictor,
        series,
        num_samples=number,
        quantiles=levels,
        constraints=_request(constraints),
        seed=seed,
    )
    seed = table.attrs.pop("seed")
    write_table(table, output, overwrite=overwrite, spreadsheet_safe=spreadsheet_safe)
    facts = {"output": str(output), "num_series": len(series), "rows": len(table), "seed": seed}
    steps = f"{predictor.prediction_length} steps each"
    text = f"{output}: {len(series)} series, {steps}, {len(table)} rows, seed {seed}"
    emit(facts, text, as_json)


@answering
def impute(
    model: Model,
    data: Data,
    output: Annotated[
        Path, typer.Option("--output", "-o", help=".parquet, .csv, or a GluonTS dataset folder.")
    ],
    number: Annotated[
        int, typer.Option("--number", "-n", help="Completed copies of each series.")
    ] = 1,
    median: Annotated[
        bool,
        typer.Option(
            "--median", help="One copy, with the median of 19 draws: nearer, but smoother."
        ),
    ] = False,
    constraints: Grain = "infer",
    seed: Seed = None,
    device: Device = "auto",
    panel: Panel = False,
    read_as: Read = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
    layout: WrittenLayout = "long",
    as_json: AsJson = False,
) -> None:
    """Fill what is missing with draws that agree with what is observed on both sides.

    tsgen impute models/load load.csv -o completed.csv -n 10
    tsgen impute models/rooms sensors.parquet --panel -o completed.parquet
    """
    from tsgen.data import write_series
    from tsgen.data.series import check_table_layout, parts_of

    check_table_layout(output, layout)
    csv_only(spreadsheet_safe, output)
    free_output(output, overwrite, folder=not output.suffix)
    predictor = load_model(model, "psa-gan-c", device)
    gappy = read_dataset_for(predictor, data, read_as, panel=panel)
    check_steps(number * int(gappy.lengths.sum()), f"--number {number}")
    completed = predictor.impute(
        gappy, number, median=median, constraints=_request(constraints), seed=seed
    )
    info: Any = parts_of(completed)[0].info
    seed = info[0]["seed"]
    write_series(
        completed,
        output,
        overwrite=overwrite,
        spreadsheet_safe=spreadsheet_safe,
        layout=layout,  # type: ignore[arg-type]
    )
    filled = sum(facts["imputed_steps"] for facts in info[::number])
    facts = {"output": str(output), "num_series": len(completed), "filled": filled, "seed": seed}
    emit(
        facts,
        f"{output}: {len(completed)} series, {filled} missing steps filled, seed {seed}",
        as_json,
    )


def _request(constraints: str) -> Any:
    """Return what the library's `constraints` argument takes."""
    if constraints not in {"infer", "none"}:
        raise SettingsError(f"--constraints {constraints} is not possible; give infer or none.")
    return None if constraints == "none" else constraints
