"""`tsgen augment`: a dataset with synthetic series beside the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import SettingsError

from .augment_auto import augment_by_choice
from .inputs import load_model, read_dataset, read_dataset_for
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
from .outputs import answering, emit, free_output
from .sample import Constrain, Missing, NoiseScale, constraint_request

__all__ = ["augment"]


@answering
def augment(
    data: Annotated[Path, typer.Argument(help="The real series: table or GluonTS folder.")],
    model: Annotated[
        Path | None, typer.Argument(help="Model folder; or use --by or --auto instead.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help=".parquet, .csv, or a GluonTS dataset folder."),
    ] = None,
    ratio: Annotated[float, typer.Option(help="Synthetic series / real series.")] = 1.0,
    by: Annotated[
        str | None, typer.Option(help="An operation instead of a model: mixing, jitter ...")
    ] = None,
    auto: Annotated[
        bool, typer.Option("--auto", help="Try many ways; use the best, or none if none helps.")
    ] = False,
    prediction_length: Annotated[
        int | None, typer.Option(help="With --auto: steps that you forecast.")
    ] = None,
    forecaster: Annotated[
        str | None,
        typer.Option(help="With --auto: what judges the last few ways, such as deepar."),
    ] = None,
    candidate: Annotated[
        list[str] | None, typer.Option(help="With --auto: a way to try; repeatable.")
    ] = None,
    budget: Annotated[str, typer.Option(help="With --auto: time, such as 15min.")] = "15min",
    run: Annotated[
        Path | None, typer.Option(help="With --auto: RUN folder to make, with a page.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="With --auto: folder for the choice, to be used again.")
    ] = None,
    use: Annotated[Path | None, typer.Option(help="A saved choice to use again.")] = None,
    length: Annotated[
        str, typer.Option(help="'like': as long as the source; 'window': one window.")
    ] = "like",
    constraints: Constrain = None,
    missing: Missing = "like",
    noise_scale: NoiseScale = 1.0,
    panel: Panel = False,
    seed: Seed = None,
    device: Device = "auto",
    read_as: Read = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
    layout: WrittenLayout = "long",
    as_json: AsJson = False,
) -> None:
    """Copy the real series and add synthetic ones after them.

    tsgen augment load.csv models/load --ratio 0.5 -o augmented/
    tsgen augment load.csv --by mixing -o augmented/
    tsgen augment load.csv --auto --prediction-length 24 -o augmented/ --run runs/choice
    """
    from tsgen.data import write_series
    from tsgen.data.series import check_table_layout
    from tsgen.rng import resolve_seed

    if output is None:
        raise SettingsError("Say where the result goes: --output augmented.parquet.")
    if sum((model is not None, by is not None, auto, use is not None)) != 1:
        raise SettingsError("Give one of MODEL, --by, --auto and --use.")
    csv_only(spreadsheet_safe, output)
    without_effect({"--ratio": ratio != 1}, "with --auto and --use", given=auto or use is not None)
    of_a_model = {
        "--length": length != "like",
        "--constraints": constraints,
        "--missing": missing != "like",
        "--noise-scale": noise_scale != 1,
        "--panel": panel,
        "--device": device != "auto",
    }
    without_effect(of_a_model, "without MODEL", given=model is None)
    of_a_choice = {
        "--prediction-length": prediction_length,
        "--forecaster": forecaster,
        "--candidate": candidate,
        "--budget": budget != "15min",
        "--run": run,
        "--save": save,
    }
    without_effect({"--layout": layout != "long"}, "with --auto", given=auto)
    check_table_layout(output, layout)
    without_effect(of_a_choice, "without --auto", given=not auto)
    free_output(output, overwrite, folder=not output.suffix)
    if auto:
        augment_by_choice(
            data, output, prediction_length, forecaster, candidate, budget, run, save, seed,
            read_as, overwrite, spreadsheet_safe, as_json,
        )  # fmt: skip
        return
    seed = resolve_seed(seed)
    if model is not None:
        augmented = _by_model(
            data, model, ratio, length, constraints, missing, noise_scale, panel, seed, device,
            read_as,
        )  # fmt: skip
    else:
        augmented = _by_operation(read_dataset(data, read_as), by, use, ratio, seed)
    write_series(
        augmented,
        output,
        overwrite=overwrite,
        spreadsheet_safe=spreadsheet_safe,
        layout=layout,  # type: ignore[arg-type]
    )
    synthetic = int(augmented.synthetic.sum())
    real = len(augmented) - synthetic
    facts = {"output": str(output), "real": real, "synthetic": synthetic, "seed": seed}
    emit(facts, f"{output}: {real} real and {synthetic} synthetic series, seed {seed}", as_json)


def _by_model(
    data: Path,
    model: Path,
    ratio: float,
    length: Any,
    constraints: Any,
    missing: Any,
    noise_scale: float,
    panel: bool,
    seed: int,
    device: str,
    read_as: list[str] | None,
) -> Any:
    """Add draws of a trained PSA-GAN."""
    from tsgen.psagan import augment as add

    synthesizer = load_model(model, "psa-gan", device).with_noise_scale(noise_scale)
    return add(
        read_dataset_for(synthesizer, data, read_as, panel=panel),
        synthesizer,
        ratio,
        length=length,
        constraints=constraint_request(constraints),  # type: ignore[arg-type]
        missing=missing,
        seed=seed,
    )


def _by_operation(dataset: Any, by: str | None, use: Path | None, ratio: float, seed: int) -> Any:
    """Add the series of an operation, or of a saved choice."""
    from tsgen.curation import Operation, make_series, operation
    from tsgen.data import SeriesDataset

    if use is not None:
        return load_model(use, "augmentation-choice", "cpu").augment(dataset, seed=seed)
    made_by = operation(by)
    if not isinstance(made_by, Operation):
        raise SettingsError(
            f"'{by}' has to be trained: `tsgen train {by}`, and give its folder as MODEL."
        )
    return SeriesDataset.concat([dataset, make_series(dataset, made_by, ratio, seed=seed)])
