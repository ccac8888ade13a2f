"""What the verbs that train share: options, settings, the checkpoint beside the output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import OutputError, TrainingInterruptedError
from tsgen.interruption import exit_code_of
from tsgen.settings import Settings
from tsgen.storage import signature

from ..outputs import claim, emit, say, show

if TYPE_CHECKING:
    from tsgen.training import TrainingOptions

__all__ = [
    "CheckpointEvery",
    "Config",
    "Devices",
    "DryRun",
    "ModelOutput",
    "Resume",
    "Set",
    "TrainingBudget",
    "checkpoint_of",
    "finished_already",
    "keeping",
    "print_settings",
    "report_nothing_to_resume",
    "save_trained",
    "training_options",
]

Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="A setting of the model, repeatable; a.b=VALUE for one of a group.",
    ),
]
ModelOutput = Annotated[Path, typer.Option("--output", "-o", help="Model folder to make.")]
Config = Annotated[
    Path | None, typer.Option(help="Settings file, TOML or JSON; --set goes before it.")
]
TrainingBudget = Annotated[
    str | None,
    typer.Option(
        help="Training time: 90s, 10min, 1h. Import and saving excluded. "
        "Turned once into a number of steps, by timing: the next run may get another."
    ),
]
Devices = Annotated[int, typer.Option(help="Processes that share each batch.")]
CheckpointEvery = Annotated[
    str,
    typer.Option(
        help="Time between two checkpoints: what a crash can cost; 0s saves after every step."
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Continue an interrupted run, to the same numbers.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print the resolved settings as JSON and stop.")
]


def training_options(
    output: Path,
    *,
    seed: int | None,
    budget: str | None,
    device: str,
    checkpoint_every: str,
    resume: bool,
    devices: int = 1,
) -> TrainingOptions:
    """Return the options of a training that keeps its state beside `output`."""
    from tsgen.training import TrainingOptions

    return TrainingOptions(
        seed=seed,
        budget=budget,
        device=device,
        devices=devices,
        checkpoint=checkpoint_of(output),
        checkpoint_seconds=checkpoint_every,
        resume=resume,
    )


def print_settings(settings: Settings) -> None:
    """Print settings in a form that --config takes."""
    show(json.dumps(settings.to_json(), indent=1))


def checkpoint_of(output: Path) -> Path:
    """Return where the state of an unfinished training is kept."""
    return output.with_name(f"{output.name}.checkpoint")


def _resumed_already(output: Path, *, resume: bool, overwrite: bool) -> bool:
    """Return whether a run to be continued has ended in the model at `output`; then clean up."""
    if not resume or not (output / "model.json").is_file():
        return False
    from tsgen.persistence import read_model_json
    from tsgen.training import Checkpoint

    checkpoint = Checkpoint(checkpoint_of(output), "")
    if not checkpoint.became(output) and (overwrite or checkpoint.exists):
        return False
    claim(output)
    read_model_json(output)
    checkpoint.remove()
    return True


def finished_already(output: Path, *, resume: bool, overwrite: bool, as_json: bool) -> bool:
    """Return whether there is nothing left to train, and say so."""
    finished = _resumed_already(output, resume=resume, overwrite=overwrite)
    if finished:
        _report_finished(output, as_json)
    return finished


def _report_finished(output: Path, as_json: bool) -> None:
    """Say that there is nothing left to do."""
    from tsgen.persistence import read_model_json

    facts = {"model": str(output), "finished": True, "seed": read_model_json(output)["seed"]}
    emit(
        facts, f"{output}: the training is finished and saved; there is nothing to resume", as_json
    )


def report_nothing_to_resume(output: Path, *, resume: bool) -> None:
    """Say that a run which was asked to go on starts anew."""
    if resume and not (checkpoint_of(output) / "state.pt").exists():
        say(f"There is nothing to resume at {checkpoint_of(output)}; training starts anew.")


@contextmanager
def keeping(output: Path) -> Iterator[None]:
    """Say with all that ends the block early where the state lies and how to go on.

    Raises:
        TrainingInterruptedError: Ctrl-C or SIGTERM.
    """
    before = signature(output)
    try:
        yield
    except Exception as error:
        state = _state(checkpoint_of(output))
        if checkpoint_of(output).exists() and str(checkpoint_of(output)) not in str(error):
            error.add_note(state)
        raise
    except (KeyboardInterrupt, SystemExit) as error:  # Lightning makes the second of both
        checkpoint = checkpoint_of(output)
        if signature(output) != before:
            text = f"{output} is saved."
            if checkpoint.exists():
                text += f" Its checkpoint {checkpoint} is still there; --resume removes it."
        else:
            text = f"{output} is not saved. {_state(checkpoint)}"
        raise TrainingInterruptedError(
            text, checkpoint=str(checkpoint), signal=exit_code_of(error) - 128
        ) from None


def save_trained(model: Any, output: Path, *, overwrite: bool) -> None:
    """Save a model, and remove the checkpoint of its training.

    Raises:
        OutputError: It cannot be saved; the message says where the training lies.
    """
    from tsgen.training import Checkpoint

    try:
        model.save(output, overwrite=overwrite)
    except OutputError as error:
        raise OutputError(f"{error} {_state(checkpoint_of(output))}") from error
    Checkpoint(checkpoint_of(output), "").remove()


def _state(folder: Path) -> str:
    """Return where the state of a training lies and how to go on from it, in a sentence.

    A folder without a state goes.
    """
    from tsgen.training import Checkpoint

    checkpoint = Checkpoint(folder, "")
    if checkpoint.finished:
        return f"The finished training is in {folder}; the same command with --resume saves it."
    if checkpoint.exists:
        return (
            f"The training up to step {checkpoint.step} is in {folder}; the same command with "
            "--resume goes on from there."
        )
    checkpoint.remove()
    return "Nothing of the training is kept; the same command starts anew."
