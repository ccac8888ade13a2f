"""`tsgen sample`: draw series from a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .features import DynamicChanges, Static, changes_of, statics_of
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
from .outputs import answering, emit, free_output

__all__ = ["Constrain", "Missing", "NoiseScale", "constraint_request", "sample"]

Constrain = Annotated[
    list[str] | None,
    typer.Option(
        "--constraints",
        help="Give samples the grain of their real series (infer, the default), hold all of them "
        "to: non-negative, integer, intermittent (repeatable), or leave them as drawn: none.",
    ),
]

Missing = Annotated[
    str,
    typer.Option(
        help="Gaps: 'like' those of the source entry, 'model' as long and as frequent as in "
        "training, or 'none'."
    ),
]

NoiseScale = Annotated[
    float,
    typer.Option(
        help="Deviation of the latent noise: above 1 draws of one series and time differ more, at "
        "a price in fidelity."
    ),
]


def constraint_request(names: list[str] | None) -> list[str] | str | None:
    """Return what the library's `constraints` argument takes."""
    if not names or names == ["infer"]:
        return "infer"
    return None if names == ["none"] else names


@answering
def sample(
    model: Annotated[Path, typer.Argument(help="Model folder.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="samples.parquet, .csv, or a GluonTS dataset folder."),
    ],
    number: Annotated[
        int,
        typer.Option(
            "--number", "-n", help="Series in all, or for each --item or entry of --like."
        ),
    ] = 1,
    static: Static = None,
    dynamic: DynamicChanges = None,
    item: Annotated[list[str] | None, typer.Option(help="Training series, repeatable.")] = None,
    like: Annotated[
        Path | None, typer.Option(help="Draw after the entries of this dataset.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="First time of every series.")] = None,
    length: Annotated[
        str | None, typer.Option(help="Steps of every series, or 'like' for those of --like.")
    ] = None,
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
    """Draw synthetic series; each has an item_id of its own and names its source_item_id.

    tsgen sample models/load -n 2000 -o samples.parquet --seed 2
    tsgen sample models/shop -n 20 --static store=B --dynamic promo=1 -o whatif.parquet
    """
    from tsgen.data import write_series
    from tsgen.data.series import check_table_layout
    from tsgen.rng import resolve_seed

    idle = {"--read": read_as, "--panel": panel}
    without_effect(idle, "without --like", given=like is None)
    check_table_layout(output, layout)
    csv_only(spreadsheet_safe, output)
    free_output(output, overwrite, folder=not output.suffix)
    seed = resolve_seed(seed)
    synthesizer = load_model(model, "psa-gan", device).with_noise_scale(noise_scale)
    changes = changes_of(dynamic)
    id_of = {str(item_id): item_id for item_id in synthesizer.table.item_ids}
    drawn = synthesizer.sample(
        number,
        items=[id_of.get(text, text) for text in item] if item else None,
        like=read_dataset_for(synthesizer, like, read_as, panel=panel, changed=changes)
        if like
        else None,
        static=statics_of(static),
        dynamic=changes,
        start=start,
        length=int(length) if length and length.isdigit() else length,
        constraints=constraint_request(constraints),
        missing=missing,
        seed=seed,
    )
    write_series(
        drawn,
        output,
        overwrite=overwrite,
        spreadsheet_safe=spreadsheet_safe,
        layout=layout,  # type: ignore[arg-type]
    )
    facts = {"output": str(output), "num_series": len(drawn), "rows": int(drawn.lengths.sum())}
    facts["seed"] = seed
    text = f"{output}: {len(drawn)} series, {facts['rows']} steps, seed {seed}"
    emit(facts, text, as_json)
