"""`tsgen train`: fit a model to a file and save it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import Field

from tsgen.errors import SettingsError, TrainingInterruptedError
from tsgen.settings import Settings, read_settings_file

from .common import AsJson, Overwrite, Read, Seed, answering, emit, free_output, read, say

__all__ = ["app"]

app = typer.Typer(help="Train a model.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep the model's name as a word of its own, however few models there are."""


@app.command("psa-gan")
@answering
def psa_gan(
    data: Annotated[
        Path, typer.Argument(help="Long table (CSV, Parquet) or GluonTS dataset folder.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Model folder to make.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the model, repeatable."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Settings file, TOML or JSON; --set goes before it.")
    ] = None,
    seed: Seed = None,
    budget: Annotated[
        str | None, typer.Option(help="Training time: 90s, 10min, 1h. Import and saving excluded.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted run, to the same numbers.")
    ] = False,
    start_from: Annotated[
        Path | None, typer.Option("--from", help="Fine-tune this saved model on the data.")
    ] = None,
    checkpoint_every: Annotated[
        str, typer.Option(help="Time between two checkpoints: what a crash can cost.")
    ] = "1min",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    devices: Annotated[int, typer.Option(help="Processes that share each batch.")] = 1,
    read_as: Read = None,
    overwrite: Overwrite = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the resolved settings as JSON and stop.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a PSA-GAN on a table of series.

    While it trains, its state is kept in MODEL.checkpoint; Ctrl-C keeps it too, and --resume goes
    on from there.

    tsgen train psa-gan load.csv -o models/load --set target_length=64 --seed 1 --budget 10min
    """
    from tsgen.psagan import PSAGANEstimator
    from tsgen.training import TrainingOptions

    base = read_settings_file(config) if config else {}
    if start_from is None:
        estimator: Settings = PSAGANEstimator.from_text(settings or [], **base)
    else:
        estimator = _fine_tuning(settings or [], base)
    if dry_run:
        typer.echo(json.dumps(estimator.to_json(), indent=1))
        return
    free_output(output, overwrite, folder=True)
    checkpoint = output.with_name(f"{output.name}.checkpoint")
    options = TrainingOptions(
        seed=seed,
        budget=budget,
        device=device,
        devices=devices,
        checkpoint=checkpoint,
        checkpoint_seconds=checkpoint_every,
        resume=resume,
    )
    if resume and not (checkpoint / "state.pt").exists():
        say(f"There is nothing to resume at {checkpoint}; training starts anew.")
    dataset = read(data, read_as)
    say(f"{data}: {len(dataset)} series, {dataset.values.size} steps, freq '{dataset.freq}'")
    try:
        if isinstance(estimator, PSAGANEstimator):
            model = estimator.train(dataset, options=options)
        else:
            from tsgen.persistence import load

            known = load(start_from, device=device)  # type: ignore[arg-type]
            model = known.fine_tune(dataset, options=options, **estimator.to_json())
    except KeyboardInterrupt:  # a second Ctrl-C, or one that reached several processes
        if not (checkpoint / "state.pt").exists():
            raise
        raise TrainingInterruptedError(
            f"Training was interrupted. The checkpoint is in {checkpoint}; continue with --resume.",
            checkpoint=str(checkpoint),
        ) from None
    model.save(output, overwrite=overwrite)
    _remove(checkpoint)
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
    return FineTuning.from_text(assignments, **base)


def _remove(checkpoint: Path) -> None:
    from tsgen.training import Checkpoint

    Checkpoint(checkpoint, "").remove()
