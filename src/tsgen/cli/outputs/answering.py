"""A verb answers: one sentence and an exit code for each error, one line for each warning."""

from __future__ import annotations

import contextlib
import functools
import inspect
import shlex
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ParamSpec, get_args

import typer

from tsgen.errors import (
    CellsFailedError,
    TrainingInterruptedError,
    TsgenError,
    TsgenWarning,
)
from tsgen.interruption import exit_code_of
from tsgen.memory import memory_limit

from ..options import Debug, MaxMemory
from .claims import Command, paths_given, running
from .exit_codes import ExitCode
from .flags import flags_of, in_flags
from .printing import say
from .sentences import in_one_line, sentence_of

__all__ = ["answering", "command_line"]

P = ParamSpec("P")


def answering(verb: Callable[P, None]) -> Callable[P, None]:
    """Turn our errors into one sentence and an `ExitCode`, and warnings into one line each."""

    @functools.wraps(verb)
    def wrapper(
        *args: Any, debug: bool = False, max_memory: str | None = None, **kwargs: Any
    ) -> None:
        flags = flags_of(verb)
        with _warnings_in_lines(flags) as warned, contextlib.ExitStack() as claims:
            command = Command(claims, warned, paths_given(kwargs, flags, _required_words(verb)))
            running.set(command)
            try:
                with memory_limit(max_memory):
                    verb(*args, **kwargs)
            except TrainingInterruptedError as error:
                say(f"interrupted: {in_flags(str(error), flags)}")
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
                ours = isinstance(error, TsgenError)
                text = in_flags(str(error), flags) if ours else sentence_of(error)
                kept = "".join(f" {note}" for note in getattr(error, "__notes__", ()))
                say(f"error: {in_one_line(text)}{kept}{command.beside()}")
                failed = isinstance(error, CellsFailedError)
                raise typer.Exit(ExitCode.CELLS_FAILED if failed else ExitCode.ERROR) from None

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


def _required_words(verb: Callable[..., Any]) -> tuple[str, ...]:
    """Return the parameters that must be given, and are texts: inputs and outputs of batches."""
    parameters = inspect.signature(verb, eval_str=True).parameters.values()
    return tuple(
        p.name
        for p in parameters
        if p.default is inspect.Parameter.empty and get_args(p.annotation)[:1] == (str,)
    )


@contextlib.contextmanager
def _warnings_in_lines(flags: Mapping[str, str]) -> Iterator[list[str]]:
    """Show each text once a command; yield the list of them, which fills."""
    warned: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", TsgenWarning)
        warnings.showwarning = partial(_show_once, warned, flags)
        yield warned


def _show_once(
    warned: list[str], flags: Mapping[str, str], message: Warning | str, *_: Any, **__: Any
) -> None:
    text = in_flags(str(message), flags)
    if text not in warned:
        warned.append(text)
        say(f"warning: {text}")


def command_line() -> str:
    """Return what was typed, to be kept with a result."""
    return shlex.join(["tsgen", *sys.argv[1:]])
