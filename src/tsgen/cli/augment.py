"""`tsgen augment`: a dataset with synthetic series beside the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .common import (
    AsJson,
    Device,
    Overwrite,
    Panel,
    Read,
    Seed,
    answering,
    emit,
    free_output,
    load_model,
    read_for,
)
from .sample import Constrain, NoiseScale, constraint_request

__all__ = ["augment"]


@answering
def augment(
    data: Annotated[Path, typer.Argument(help="The real series: table or GluonTS folder.")],
    model: Annotated[Path, typer.Argument(help="Model folder.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help=".parquet, .csv, or a GluonTS dataset folder.")
    ],
    ratio: Annotated[float, typer.Option(help="Synthetic series / real series.")] = 1.0,
    length: Annotated[
        str, typer.Option(help="'like': as long as the source; 'window': one window.")
    ] = "like",
    constraints: Constrain = None,
    noise_scale: NoiseScale = 1.0,
    panel: Panel = False,
    seed: Seed = None,
    device: Device = "auto",
    read_as: Read = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Copy the real series and add synthetic ones after them.

    tsgen augment load.csv models/load --ratio 0.5 -o augmented/
    """
    from tsgen.data import write_series
    from tsgen.psagan import augment as add
    from tsgen.rng import resolve_seed

    free_output(output, overwrite, folder=not output.suffix)
    seed = resolve_seed(seed)
    choice: Any = length
    synthesizer = load_model(model, "psa-gan", device).with_noise_scale(noise_scale)
    augmented = add(
        read_for(synthesizer, data, read_as, panel=panel),
        synthesizer,
        ratio,
        length=choice,
        constraints=constraint_request(constraints),  # type: ignore[arg-type]
        seed=seed,
    )
    write_series(augmented, output, overwrite=overwrite)
    synthetic = int(augmented.synthetic.sum())
    real = len(augmented) - synthetic
    facts = {"output": str(output), "real": real, "synthetic": synthetic, "seed": seed}
    emit(facts, f"{output}: {real} real and {synthetic} synthetic series, seed {seed}", as_json)
