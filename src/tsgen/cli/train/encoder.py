"""`tsgen train tabular-encoder`, and the options by which other models take what it has learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import DataError

from ..inputs import assigned, load_model, read_table
from ..options import AsJson, Overwrite, Seed
from ..outputs import answering, emit, free_output, say
from .options import Config, DryRun, ModelOutput, Set, print_settings, save_trained

__all__ = ["Encoder", "ItemEncoder", "UserEncoder", "handed", "tabular_encoder"]

_OF = (
    "Model folder of `tsgen train tabular-encoder`, learnt from a wider table of {}; with --set {}."
)

UserEncoder = Annotated[Path | None, typer.Option(help=_OF.format("users", "new_users=encoder"))]
ItemEncoder = Annotated[Path | None, typer.Option(help=_OF.format("items", "new_items=encoder"))]
Encoder = Annotated[Path | None, typer.Option(help=_OF.format("series", "statics=encoder"))]


def handed(**folders: Path | None) -> dict[str, Any]:
    """Return the encoders in folders by the arguments that take them; none is no argument.

    Raises:
        ModelFormatError: A folder holds no encoder.
    """
    kind = "tabular-encoder"
    given = {name: folder for name, folder in folders.items() if folder is not None}
    return {name: load_model(folder, kind, "cpu") for name, folder in given.items()}


@answering
def tabular_encoder(
    table: Annotated[Path, typer.Argument(help="Table of users, items or series, one a row.")],
    output: ModelOutput,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(help="A column that is no attribute, such as the ids. Repeatable."),
    ] = None,
    settings: Set = None,
    config: Config = None,
    seed: Seed = None,
    overwrite: Overwrite = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Learn from a table without labels, for tsgen train rim and psa-gan.

    tsgen train tabular-encoder users.csv --leave-out user_id -o models/users --seed 1
    """
    from tsgen.features import TabularEncoderEstimator
    from tsgen.settings import read_settings_file
    from tsgen.training import TrainingOptions

    base = read_settings_file(config) if config else {}
    estimator = TabularEncoderEstimator(**assigned(settings, base))
    if dry_run:
        print_settings(estimator)
        return
    free_output(output, overwrite, folder=True)
    without = leave_out or []
    rows = read_table(table, without[0] if without else "")
    if absent := [name for name in without if name not in rows]:
        raise DataError(
            f"{table} has no column '{absent[0]}' to leave out; it has "
            f"{', '.join(map(str, rows.columns[:20]))}."
        )
    rows = rows.drop(columns=without)
    say(f"{table}: {len(rows)} rows, {rows.shape[1]} columns")
    encoder = estimator.train(rows, options=TrainingOptions(seed=seed))
    save_trained(encoder, output, overwrite=overwrite)
    names, silent = [c.name for c in encoder.schema.columns], list(encoder.schema.silent)
    facts = {"model": str(output), "columns": names, "silent": silent, "seed": encoder.seed}
    emit(facts, f"{output}: trained on {', '.join(names)}, seed {encoder.seed}", as_json)
