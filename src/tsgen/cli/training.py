"""What the verbs that train share: options, settings, the checkpoint beside the output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.settings import Settings

from .common import say
from .common import show as show_text

__all__ = [
    "Budget",
    "Config",
    "DryRun",
    "Resume",
    "Set",
    "checkpoint_of",
    "forget",
    "nothing_to_resume",
    "show",
]

Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="A setting of the model, repeatable; a.b=VALUE for one of a group.",
    ),
]
Config = Annotated[
    Path | None, typer.Option(help="Settings file, TOML or JSON; --set goes before it.")
]
Budget = Annotated[
    str | None,
    typer.Option(
        help="Training time: 90s, 10min, 1h. Import and saving excluded. "
        "Turned once into a number of steps, by timing: the next run may get another."
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Continue an interrupted run, to the same numbers.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print the resolved settings as JSON and stop.")
]


def show(settings: Settings) -> None:
    """Print settings in a form that --config takes."""
    show_text(json.dumps(settings.to_json(), indent=1))


def checkpoint_of(output: Path) -> Path:
    """Return where the state of an unfinished training is kept."""
    return output.with_name(f"{output.name}.checkpoint")


def nothing_to_resume(checkpoint: Path) -> None:
    """Say that a run which was asked to go on starts anew."""
    say(f"There is nothing to resume at {checkpoint}; training starts anew.")


def forget(checkpoint: Any) -> None:
    """Remove the checkpoint of a training that is finished and saved."""
    from tsgen.training import Checkpoint

    Checkpoint(checkpoint, "").remove()
