"""The outputs that a running verb has claimed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from tsgen.errors import OutputError
from tsgen.storage import claimed, free_place, holds_ours, signature

__all__ = [
    "Command",
    "claim",
    "free_output",
    "paths_given",
    "running",
    "warnings_so_far",
    "written_so_far",
]

_READ = ("users=", "items=", "hash_users=")
"""Texts of `--read` that name a file."""


@dataclass
class Command:
    """The outputs that a running verb has claimed, what lay there before, and its warnings."""

    claims: contextlib.ExitStack
    warned: list[str] = field(default_factory=list)
    given: list[tuple[str, Path]] = field(default_factory=list)
    """The paths that the verb was given, inputs and outputs, each with its flag or argument."""

    before: dict[Path, tuple[int, int] | None] = field(default_factory=dict)

    def written(self) -> str:
        """Return what has been put at the outputs since, in a sentence."""
        paths = self._changed()
        return f"{', '.join(paths)} was written before." if paths else "nothing was written."

    def beside(self) -> str:
        """Return what has been put at the outputs before an error, or an empty text."""
        paths = self._changed()
        return f" Written before, and whole: {', '.join(paths)}." if paths else ""

    def _changed(self) -> list[str]:
        return [str(p) for p, facts in self.before.items() if signature(p) != facts]


running: ContextVar[Command | None] = ContextVar("command", default=None)
"""The verb that runs, or ran last in this process: a signal can come as it ends."""


def written_so_far() -> str:
    """Return what the verb has written, in a sentence, also before it began and after it ended."""
    command = running.get()
    return "nothing was written." if command is None else command.written()


def warnings_so_far() -> list[str]:
    """Return what the running verb has warned of, to be kept with its result."""
    command = running.get()
    return [] if command is None else list(command.warned)


def paths_given(
    values: Mapping[str, object], flags: Mapping[str, str], words: tuple[str, ...] = ()
) -> list[tuple[str, Path]]:
    """Return the paths among a verb's values, each with its flag or argument.

    Args:
        values: By the name of the parameter.
        flags: See `flags_of`.
        words: The parameters that are paths or addresses, and so texts.
    """
    paths = []
    for name, value in values.items():
        flag = flags.get(name, name.upper())
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, Path) or (name in words and entry):
                paths.append((flag, Path(str(entry))))
            elif flag == "--read" and str(entry).startswith(_READ):
                paths.append((flag, Path(str(entry).partition("=")[2])))
    return paths


def free_output(path: Path, overwrite: bool, *, folder: bool, renews: Path | None = None) -> None:
    """Claim an output to the end of the verb, before any work is done.

    What killed runs left there is removed.

    Args:
        path: The output.
        overwrite: Whether it may be there.
        folder: Whether it is to be a folder.
        renews: The one input that it may replace: the same model as it was.

    Raises:
        OutputError: It exists, is of the other kind, is or would change an input, or another run is
            writing it.
    """
    claim(path, renews=renews)
    free_place(path, overwrite=overwrite)
    if path.exists() and path.is_dir() != folder:
        kinds = ("file", "folder") if folder else ("folder", "file")
        raise OutputError(f"{path} is a {kinds[0]}, the result a {kinds[1]}; choose another name.")


def claim(path: Path, *, renews: Path | None = None) -> None:
    """Keep other runs from writing to `path` until the verb ends, and tidy up after killed ones.

    Raises:
        OutputError: It is or would change an input, or another run is writing it.
    """
    command = running.get()
    if command is None or not path.name or path.name == "..":
        return  # no verb runs; or the path is refused with the reason
    _refuse_inputs(path, command.given, renews)
    command.claims.enter_context(claimed(path))
    command.before[path] = signature(path)


def _refuse_inputs(path: Path, given: list[tuple[str, Path]], renews: Path | None) -> None:
    """Refuse an output where something lies that the same verb reads or makes."""
    place = _resolved(path)
    older = None if renews is None else _resolved(renews)
    flags = [flag for flag, other in given if _resolved(other) == place]
    if len(flags) > (2 if place == older else 1):
        raise OutputError(
            f"{path} is given as {' and as '.join(flags)}; give the output a name of its own."
        )
    for flag, other in given:
        inner = _resolved(other)
        if inner == place:
            continue
        if inner.is_relative_to(place) and holds_ours(place):
            raise OutputError(
                f"{other} ({flag}) lies in {path}, which would be replaced; give the output a name "
                "of its own."
            )
        if place.is_relative_to(inner) and holds_ours(inner):
            raise OutputError(
                f"{path} would lie in {other} ({flag}), which would no longer be as tsgen wrote "
                "it; choose another place."
            )


def _resolved(path: Path) -> Path:
    """Return where a path leads; where links go in a circle it is for the reader to say so."""
    return Path(os.path.realpath(path))
