"""`tsgen train`: fit a model to a file and save it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import Field

from tsgen.errors import SettingsError
from tsgen.settings import Settings, read_settings_file

from ..features import Dynamic, PastDynamic, choices_of
from ..inputs import assigned, check_kind, read_dataset
from ..options import AsJson, Device, Overwrite, Panel, Read, Seed, Target, without_effect
from ..outputs import answering, emit, free_output, say
from .encoder import Encoder, handed
from .options import (
    CheckpointEvery,
    Config,
    Devices,
    DryRun,
    ModelOutput,
    Resume,
    Set,
    TrainingBudget,
    finished_already,
    keeping,
    print_settings,
    report_nothing_to_resume,
    save_trained,
    training_options,
)

if TYPE_CHECKING:
    from tsgen.training import TrainingOptions

__all__ = ["train_app"]

train_app = typer.Typer(help="Train a model.", no_args_is_help=True)

Data = Annotated[Path, typer.Argument(help="Long table (CSV, Parquet) or GluonTS dataset folder.")]


@train_app.callback()
def _group() -> None:
    """Keep the model's name as a word of its own, however few models there are."""


@train_app.command("psa-gan")
@answering
def psa_gan(
    data: Data,
    output: ModelOutput,
    settings: Set = None,
    config: Config = None,
    seed: Seed = None,
    budget: TrainingBudget = None,
    resume: Resume = False,
    start_from: Annotated[
        Path | None, typer.Option("--from", help="Fine-tune this saved model on the data.")
    ] = None,
    encoder: Encoder = None,
    checkpoint_every: CheckpointEvery = "1min",
    device: Device = "auto",
    devices: Devices = 1,
    target: Target = None,
    panel: Panel = False,
    dynamic: Dynamic = None,
    past_dynamic: PastDynamic = None,
    read_as: Read = None,
    overwrite: Overwrite = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Train a PSA-GAN on a table of series; several --target, or --panel, are learnt together.

    While it trains, its state is kept in MODEL.checkpoint; Ctrl-C keeps it too, and --resume goes
    on from there.

    tsgen train psa-gan load.csv -o models/load --set target_length=64 --seed 1 --budget 10min
    """
    from tsgen.psagan import PSAGANEstimator

    base = read_settings_file(config) if config else {}
    if start_from is None:
        estimator: Settings = PSAGANEstimator(**assigned(settings, base))
    else:
        estimator = _fine_tuning(settings or [], base)
        check_kind(start_from, "psa-gan")
    without_effect({"--encoder": encoder}, "with --from", given=start_from is not None)

    def train(dataset: Any, options: TrainingOptions) -> Any:
        if isinstance(estimator, PSAGANEstimator):
            return estimator.train(dataset, options=options, **encoders)
        from tsgen.persistence import load

        model = load(start_from, device=device)  # type: ignore[arg-type]
        return model.fine_tune(dataset, options=options, **estimator.to_json())

    if dry_run:
        print_settings(estimator)
        return
    if finished_already(output, resume=resume, overwrite=overwrite, as_json=as_json):
        return
    free_output(output, overwrite, folder=True)
    encoders = handed(encoder=encoder)
    options = training_options(
        output, seed=seed, budget=budget, device=device, devices=devices,
        checkpoint_every=checkpoint_every, resume=resume,
    )  # fmt: skip

    def reader() -> Any:
        return read_dataset(data, choices_of(read_as, dynamic, past_dynamic), target, panel=panel)

    _run(train, data, reader, output, options, overwrite, as_json)


@train_app.command("psa-gan-c")
@answering
def psa_gan_c(
    data: Data,
    output: ModelOutput,
    settings: Set = None,
    config: Config = None,
    seed: Seed = None,
    budget: TrainingBudget = None,
    resume: Resume = False,
    checkpoint_every: CheckpointEvery = "1min",
    device: Device = "auto",
    devices: Devices = 1,
    target: Target = None,
    panel: Panel = False,
    dynamic: Dynamic = None,
    past_dynamic: PastDynamic = None,
    read_as: Read = None,
    overwrite: Overwrite = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Train a PSA-GAN-C, which forecasts (tsgen forecast) and fills gaps (tsgen impute).

    Several --target, or --panel, are channels that it forecasts and fills together.

    tsgen train psa-gan-c load.csv -o models/load --set prediction_length=24 --budget 10min
    """
    from tsgen.psagan import PSAGANForecastEstimator

    base = read_settings_file(config) if config else {}
    estimator = PSAGANForecastEstimator(**assigned(settings, base))
    if dry_run:
        print_settings(estimator)
        return
    if finished_already(output, resume=resume, overwrite=overwrite, as_json=as_json):
        return
    free_output(output, overwrite, folder=True)
    options = training_options(
        output, seed=seed, budget=budget, device=device, devices=devices,
        checkpoint_every=checkpoint_every, resume=resume,
    )  # fmt: skip

    def train(dataset: Any, options: TrainingOptions) -> Any:
        return estimator.train(dataset, options=options)

    def reader() -> Any:
        return read_dataset(data, choices_of(read_as, dynamic, past_dynamic), target, panel=panel)

    _run(train, data, reader, output, options, overwrite, as_json)


def _run(
    train: Callable[[Any, TrainingOptions], Any],
    data: Path,
    reader: Callable[[], Any],
    output: Path,
    options: TrainingOptions,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Read, train, save and tell."""
    report_nothing_to_resume(output, resume=options.resume)
    dataset = reader()
    extent = f"{dataset.lengths.sum()} steps, freq '{dataset.freq}'"
    if names := getattr(dataset, "channels", ()):
        extent = f"{len(names)} channels ({', '.join(names)}), {extent}"
    if features := getattr(dataset, "dynamic", None):
        extent = f"{extent}, features {', '.join(features.names)}"
    say(f"{data}: {len(dataset)} series, {extent}")
    with keeping(output):
        model = train(dataset, options)
        save_trained(model, output, overwrite=overwrite)
    if note := getattr(model, "variety_note", ""):
        say(note)
    seconds = model.history[-1]["seconds"]
    emit(
        {
            "model": str(output),
            "num_series": len(model.table),
            "schedule": model.plan["schedule"],
            "seconds": seconds,
            "seed": model.seed,
        },
        f"{output}: trained on {len(dataset)} series, {sum(model.plan['schedule'])} steps in "
        f"{seconds:.0f} s, seed {model.seed}",
        as_json,
    )


class FineTuning(Settings):
    """What --from understands of the settings; the others are those of its model."""

    num_steps: int = Field(default=1000, ge=1)
    """Training steps."""


def _fine_tuning(assignments: list[str], base: dict[str, Any]) -> FineTuning:
    names = {*base, *(text.partition("=")[0].strip() for text in assignments)}
    if others := sorted(names - set(FineTuning.model_fields)):
        raise SettingsError(
            f"--from keeps the settings of its model; leave out {', '.join(others)} (only "
            "num_steps can be set)."
        )
    return FineTuning(**assigned(assignments, base))
