"""`tsgen evaluate`: judge a result and write a RUN folder with its page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import SettingsError

from ..inputs import load_model, read_dataset
from ..options import AsJson, Overwrite, Panel, Read, Seed, Target
from ..outputs import answering, command_line, free_output
from ..sample import NoiseScale
from .options import RunOutput
from .runs import deliver_run

__all__ = ["evaluate_app"]

evaluate_app = typer.Typer(
    help="Judge a result; write a RUN folder with its page.", no_args_is_help=True
)


@evaluate_app.callback()
def _group() -> None:
    """Keep the protocol's name as a word of its own, however few protocols there are."""


@evaluate_app.command("fidelity")
@answering
def fidelity(
    data: Annotated[Path, typer.Argument(help="The real series.")],
    samples: Annotated[Path, typer.Argument(help="The synthetic series.")],
    output: RunOutput,
    train_until: Annotated[
        str | None, typer.Option(help="Time that ends the training part and begins the test part.")
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            help="Instead: the model, whose training part ends where its data ended. How much its "
            "draws of one series and time differ is measured too."
        ),
    ] = None,
    noise_scale: NoiseScale = 1.0,
    target_length: Annotated[int | None, typer.Option(help="Steps in a compared window.")] = None,
    num_windows: Annotated[int, typer.Option(help="Windows of each kind, at most.")] = 1000,
    draws: Annotated[
        int, typer.Option(help="Comparisons that mean and spread are taken over; fewer are faster.")
    ] = 20,
    target: Target = None,
    panel: Panel = False,
    seed: Seed = None,
    read_as: Read = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Compare synthetic series with real ones, every measure beside its real-against-real floor.

    Without --train-until or --model there is no held-out test part; the answer then says so.

    tsgen evaluate fidelity load.csv samples.parquet --train-until 2024-12-01 -o runs/load
    """
    from tsgen.data import MultivariateDataset, read_series
    from tsgen.evaluation import evaluate_fidelity

    if train_until is not None and model is not None:
        raise SettingsError("Give either --train-until or --model, not both.")
    if noise_scale != 1 and model is None:
        raise SettingsError("--noise-scale is a property of the draws of --model; give both.")
    free_output(output, overwrite, folder=True)
    fitted: Any = None
    if model is not None:
        fitted = load_model(model, "psa-gan", "cpu").with_noise_scale(noise_scale)
        target = target or (None if panel else list(fitted.data.channels))
    real = read_dataset(data, read_as, target, panel=panel)
    channels = {"target": real.channels} if isinstance(real, MultivariateDataset) else {}
    synthetic = read_series(samples, **channels)
    options: dict[str, Any] = {"train_until": train_until}
    history: list[dict[str, Any]] = []
    if fitted is not None:
        history = fitted.history
        target_length = target_length or fitted.settings.target_length
        real, test = fitted.split_at_training_end(real)
        options = {"test_dataset": test, "model": fitted}
    result = evaluate_fidelity(
        real,
        synthetic,
        seed=seed,
        target_length=target_length,
        num_windows=num_windows,
        draws=draws,
        command=command_line(),
        **options,
    )
    table = result.table.to_string(index=False)
    deliver_run(result, output, overwrite=overwrite, as_json=as_json, table=table, history=history)
