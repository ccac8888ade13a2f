"""What every verb shares: one-sentence errors, exit codes, where its words go."""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import math
import re
import shlex
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from tsgen.errors import (
    DataError,
    ModelFormatError,
    OutputError,
    SettingsError,
    TrainingInterruptedError,
    TsgenError,
    TsgenWarning,
    nearest,
)
from tsgen.interruption import exit_code_of
from tsgen.memory import memory_limit
from tsgen.storage import claimed, free_place, signature

from .exit_codes import ExitCode
from .sentences import sentence_of

__all__ = [
    "AsJson",
    "Debug",
    "Device",
    "MaxMemory",
    "Overwrite",
    "Panel",
    "Read",
    "Seed",
    "SpreadsheetSafe",
    "Target",
    "Trust",
    "answering",
    "claim",
    "command_line",
    "emit",
    "free_output",
    "load_model",
    "read",
    "read_choices",
    "read_for",
    "say",
    "show",
    "spelt",
    "without_effect",
]

Found = TypeVar("Found")

P = ParamSpec("P")

Read = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        metavar="KEY=VALUE",
        help="How to read the data, repeatable: item_id, timestamp, target name the columns; "
        "static names static columns (comma between, or repeated); freq; start dates the first of "
        "step numbers; "
        "timezone, on_duplicate, on_infinite, on_unobserved, dynamic_features.",
    ),
]
Seed = Annotated[int | None, typer.Option(help="Same seed, same numbers. Drawn if absent.")]
Target = Annotated[
    list[str] | None,
    typer.Option(
        help="Column of values; repeated, the columns are channels observed together.",
    ),
]
Panel = Annotated[
    bool,
    typer.Option("--panel", help="The series were observed together: channels of one entry."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an output that exists.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 ...")]
SpreadsheetSafe = Annotated[
    bool,
    typer.Option(
        "--spreadsheet-safe",
        help="In a CSV, put ' before texts that a spreadsheet would run; they are read back.",
    ),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Import classes that a model or study names, though not of GluonTS or tsgen.",
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
MaxMemory = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE", help="Refuse what would take more memory (8GB); what is free if absent."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

_READ_KEYS = (
    "item_id", "timestamp", "target", "static", "freq", "start", "timezone",
    "on_duplicate", "on_infinite", "on_unobserved", "dynamic_features",
)  # fmt: skip


_LISTS = ("static",)
"""Keys whose values, comma between, add up when they are given again."""


def say(text: str) -> None:
    """Tell the user something that is not the result."""
    typer.echo(text, err=True)


def emit(result: dict[str, Any], text: str, as_json: bool) -> None:
    """Print the result of a verb."""
    show(json.dumps(_plain(result)) if as_json else text)


def show(text: str) -> None:
    """Print a text on stdout.

    Raises:
        OutputError: It cannot be written there.
    """
    try:
        typer.echo(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        with contextlib.suppress(OSError):
            sys.stdout.close()  # or Python would try, and complain, once more at its end
        raise OutputError(f"The result cannot be printed: {error.strerror or error}.") from error


def _plain(value: Any) -> Any:
    """Return what JSON can say: NaN and infinity, which it cannot, become null."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)


@dataclass
class _Command:
    """The outputs that a running verb has claimed, and what lay there before."""

    claims: contextlib.ExitStack
    before: dict[Path, tuple[int, int] | None] = field(default_factory=dict)

    def written(self) -> str:
        """Return what has been put at the outputs since, in a sentence."""
        paths = [str(p) for p, facts in self.before.items() if signature(p) != facts]
        return f"{', '.join(paths)} was written before." if paths else "nothing was written."


_command: ContextVar[_Command] = ContextVar("command")


def answering(verb: Callable[P, None]) -> Callable[P, None]:
    """Turn our errors into one sentence and an `ExitCode`, and warnings into one line each."""

    @functools.wraps(verb)
    def wrapper(
        *args: Any, debug: bool = False, max_memory: str | None = None, **kwargs: Any
    ) -> None:
        with _warnings_in_lines(), contextlib.ExitStack() as claims:
            command = _Command(claims)
            token = _command.set(command)
            try:
                with memory_limit(max_memory):
                    verb(*args, **kwargs)
            except TrainingInterruptedError as error:
                say(f"interrupted: {error}")
                raise typer.Exit(exit_code_of(error)) from None
            except (KeyboardInterrupt, SystemExit) as error:  # Lightning makes the second of both
                say(f"interrupted: {command.written()}")
                raise typer.Exit(exit_code_of(error)) from None
            except BrokenPipeError:
                sys.stderr.close()
                raise typer.Exit(ExitCode.ERROR) from None
            except (typer.Exit, typer.Abort, typer.BadParameter):
                raise
            except Exception as error:
                if debug:
                    traceback.print_exc()
                say(f"error: {error if isinstance(error, TsgenError) else sentence_of(error)}")
                raise typer.Exit(ExitCode.ERROR) from None
            finally:
                _command.reset(token)

    complete: Callable[P, None] = _with_options_of_all(wrapper, verb)
    return complete


def _with_options_of_all(wrapper: Callable[..., None], verb: Callable[..., None]) -> Any:
    """Give a verb the options that every verb has."""
    every = {"max_memory": (MaxMemory, None), "debug": (Debug, False)}
    signature = inspect.signature(verb, eval_str=True)
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in every.items()
    ]
    parameters = [*signature.parameters.values(), *added]
    wrapper.__annotations__ = verb.__annotations__ | {k: kind for k, (kind, _) in every.items()}
    wrapper.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return wrapper


@contextlib.contextmanager
def _warnings_in_lines() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", TsgenWarning)
        warnings.showwarning = _shown_once()
        yield


def _shown_once() -> Callable[..., None]:
    """Return what shows warnings, each text once a command."""
    seen: set[str] = set()

    def show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
        if str(message) not in seen:
            seen.add(str(message))
            say(f"warning: {message}")

    return show_warning


def command_line() -> str:
    """Return what was typed, to be kept with a result."""
    return shlex.join(["tsgen", *sys.argv[1:]])


def read_choices(choices: list[str] | None, keys: Sequence[str]) -> dict[str, str]:
    """Return what the `--read` texts say, by key.

    Raises:
        SettingsError: A text is not KEY=VALUE with one of the keys.
    """
    options: dict[str, str] = {}
    for choice in choices or []:
        key, separator, value = choice.partition("=")
        if not separator or key not in keys:
            hint = nearest(key, keys) if separator else ""
            raise SettingsError(
                f"--read {choice} is not understood.{hint} Write KEY=VALUE with one of: "
                f"{', '.join(keys)}."
            )
        if key in options and key not in _LISTS:
            raise SettingsError(
                f"--read {key}= is given twice ({options[key]} and {value}); give it once."
            )
        options[key] = f"{options[key]},{value}" if key in options else value
    return options


def read(
    path: Path,
    choices: list[str] | None,
    target: Sequence[str] | None = None,
    *,
    panel: bool = False,
) -> Any:
    """Read the series at `path`, as the `--read` texts, `--target` and `--panel` say."""
    from tsgen.data import MultivariateDataset, SeriesDataset, read_series

    options: dict[str, Any] = read_choices(choices, _READ_KEYS)
    if "static" in options:
        options["static"] = tuple(options["static"].split(","))
    if target:
        options["target"] = target[0] if len(target) == 1 else tuple(target)
    dataset = spelt(_READ_KEYS, lambda: read_series(path, **options))
    if not len(dataset):
        raise DataError(f"{path} holds no series.")
    if not panel:
        return dataset
    if not isinstance(dataset, SeriesDataset):
        raise SettingsError("Give either several --target or --panel, not both.")
    return MultivariateDataset.of_panel(dataset)


def read_for(model: Any, path: Path, choices: list[str] | None, *, panel: bool) -> Any:
    """Read the series at `path` as a fitted PSA-GAN takes them: with the columns it knows."""
    return read(path, choices, None if panel else model.data.channels, panel=panel)


def spelt(keys: Sequence[str], reader: Callable[[], Found]) -> Found:
    """Return what `reader` reads; its messages say how arguments they advise are written here."""
    heard: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as heard:
            return reader()
    except TsgenError as error:
        if told := _as_options(str(error), keys):
            raise type(error)(f"{error}{told}") from error
        raise
    finally:
        for warning in heard:
            told = _as_options(str(warning.message), keys)
            warnings.warn(f"{warning.message}{told}", warning.category, stacklevel=2)


def _as_options(message: str, keys: Sequence[str]) -> str:
    """Return " (Here: --read key=...)" for the arguments that a message advises."""
    advised = re.findall(r"(?:[Pp]ass|[Ss]ay|example|and) (\w+)=('')?", message)
    found = {key: "" if empty else "..." for key, empty in advised if key in keys}
    written = " ".join(f"--read {key}={value}" for key, value in found.items())
    return f" (Here: {written})" if found else ""


def without_effect(options: Mapping[str, Any], where: str, *, given: bool) -> None:
    """Refuse options that were set where they change nothing.

    Raises:
        SettingsError: One was; say where, such as "without --like".
    """
    if given and (idle := [name for name, value in options.items() if value]):
        raise SettingsError(f"{idle[0]} has no effect {where}; leave it out.")


def load_model(path: Path, kind: str, device: str) -> Any:
    """Load a model of the kind that the verb needs.

    Raises:
        ModelFormatError: The folder holds no model, or one of another kind.
    """
    from tsgen.persistence import load, read_model_json

    found = read_model_json(path)["kind"]
    if found != kind:
        raise ModelFormatError(
            f"{path} holds a {found} model; this needs one of `tsgen train {kind}`."
        )
    return load(path, device=device)


def free_output(path: Path, overwrite: bool, *, folder: bool) -> None:
    """Claim an output to the end of the verb, before any work is done.

    What killed runs left there is removed.

    Raises:
        OutputError: It exists, is of the other kind, or another run is writing it.
    """
    claim(path)
    free_place(path, overwrite=overwrite)
    if path.exists() and path.is_dir() != folder:
        kinds = ("file", "folder") if folder else ("folder", "file")
        raise OutputError(f"{path} is a {kinds[0]}, the result a {kinds[1]}; choose another name.")


def claim(path: Path) -> None:
    """Keep other runs from writing to `path` until the verb ends, and tidy up after killed ones.

    Raises:
        OutputError: Another run is writing it.
    """
    if not path.name or path.name == "..":
        return  # is refused with the reason
    command = _command.get()
    command.claims.enter_context(claimed(path))
    command.before[path] = signature(path)
