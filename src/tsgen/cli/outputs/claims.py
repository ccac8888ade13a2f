"""The outputs that a running verb has claimed."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from tsgen.errors import OutputError
from tsgen.storage import claimed, free_place, signature

__all__ = ["Command", "claim", "free_output", "running", "warnings_so_far"]


@dataclass
class Command:
    """The outputs that a running verb has claimed, what lay there before, and its warnings."""

    claims: contextlib.ExitStack
    warned: list[str] = field(default_factory=list)
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


running: ContextVar[Command] = ContextVar("command")


def warnings_so_far() -> list[str]:
    """Return what the running verb has warned of, to be kept with its result."""
    command = running.get(None)
    return [] if command is None else list(command.warned)


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
    command = running.get()
    command.claims.enter_context(claimed(path))
    command.before[path] = signature(path)
