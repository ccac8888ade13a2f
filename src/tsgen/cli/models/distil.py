"""`tsgen distil`: a RIM teaches fast towers, and gets them in the place of its relevance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tsgen.displays import percent

from ..inputs import ReadEvents, assigned, check_read, load_model, read_events
from ..options import AsJson, Device, Overwrite, Seed, Trust
from ..outputs import answering, emit, free_output
from ..train import Set

__all__ = ["distil"]


@answering
def distil(
    model: Annotated[Path, typer.Argument(help="Model folder of a RIM.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Model folder to make.")],
    rank: Annotated[int, typer.Option(help="Width of the towers.")] = 64,
    rounds: Annotated[
        int, typer.Option(help="How often what the towers rank highest is taught again.")
    ] = 1,
    settings: Set = None,
    log: Annotated[
        Path | None, typer.Option(help="The training log, for a model that keeps none.")
    ] = None,
    seed: Seed = None,
    device: Device = "auto",
    trust: Trust = False,
    read_as: ReadEvents = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Make a RIM fast: low-rank towers learn to rank as it does; lists work as before.

    tsgen distil models/shop -o models/shop-fast --rank 64
    """
    from tsgen.features import TowerSettings
    from tsgen.features import distil as taught

    free_output(output, overwrite, folder=True)
    check_read(read_as, log=log, log_option="--log")
    how = TowerSettings(**assigned(settings, {"rank": rank, "rounds": rounds}))
    rim = load_model(model, "rim", device, trust=trust)
    events = None if log is None else read_events(log, read_as, rim.read_options)
    fast = taught(rim, how.rank, rounds=how.rounds, settings=how, log=events, seed=seed)
    fast.save(output, overwrite=overwrite)
    facts = {"model": str(output), **fast.summary["towers"]}
    size, share = facts["list_size"], percent(facts["agreement"], 1)
    text = (
        f"{output}: towers of rank {facts['rank']}; {share} of the first {size} users for an item "
        f"are among their first {2 * size} ({facts['items']:,} items)"
    )
    emit(facts, text, as_json)
