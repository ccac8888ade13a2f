"""The state of an unfinished training: enough to go on to the same numbers."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tsgen.errors import ModelFormatError, OutputError, SettingsError
from tsgen.storage import check_readable

from .options import SEED_FILE

__all__ = ["Checkpoint"]

_ADVICE = "Continue with resume=True, or delete the folder to start anew."


@dataclass
class Checkpoint:
    """A folder with `state.pt` (tensors, step, plan) and `history.jsonl` (rows as they come).

    Attributes:
        folder: Where it is kept.
        fingerprint: What the run depends on (data, settings, seed); a resume must agree with it.
    """

    folder: Path
    fingerprint: str

    @property
    def exists(self) -> bool:
        """Whether there is a state to resume from."""
        return (self.folder / "state.pt").is_file()

    @property
    def finished(self) -> bool:
        """Whether the run that lies there came to its end."""
        return bool(self._facts().get("finished", False))

    @property
    def step(self) -> int:
        """How many steps the state is from; 0 if there is none, or it is damaged."""
        return int(self._facts().get("step", 0))

    def _facts(self) -> dict[str, Any]:
        path = self.folder / "state.pt"
        if not path.is_file():  # a pipe would be waited for
            return {}
        try:
            return dict(torch.load(path, map_location="cpu", weights_only=True, mmap=True))
        except Exception:  # torch raises many types for a damaged file
            return {}

    def became(self, model: Path) -> bool:
        """Return whether the saved model at `model` is what this training ended in."""
        try:
            text = (model / "history.jsonl").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return False
        rows = [
            [_row(line) for line in lines] for lines in (text.splitlines(), self._history_lines())
        ]
        return bool(rows[0]) and rows[0] == rows[1]

    def begin(self, seed: int | None) -> None:
        """Make the folder for a new run, and note its seed there; a finished run makes way.

        Raises:
            OutputError: An unfinished run lies there, or something else.
        """
        if self.exists and not self.finished:
            raise OutputError(f"{self.folder} holds an unfinished training run. {_ADVICE}")
        if self.folder.is_dir() and (others := {*self.folder.iterdir()} - {*self._files()}):
            raise OutputError(
                f"{self.folder} is a folder with other content ({min(others).name}); choose "
                "another one for the checkpoint."
            )
        try:
            self.remove()
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / "history.jsonl").write_text("", encoding="utf-8")
            if seed is not None:
                (self.folder / SEED_FILE).write_text(f"{seed}\n", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be written: {error.strerror}.") from error

    def load(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return (state, history rows up to it), and drop later rows from the file.

        Raises:
            ModelFormatError: The state is damaged.
            SettingsError: The state belongs to other data, settings or another seed.
        """
        path = self.folder / "state.pt"
        check_readable(path)
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
            fingerprint = state["fingerprint"]
        except Exception as error:  # torch raises many types for a damaged file
            raise ModelFormatError(
                f"{path} is damaged and cannot be resumed from ({type(error).__name__}). "
                "Delete the folder and train anew."
            ) from error
        if fingerprint != self.fingerprint:
            raise SettingsError(
                f"{self.folder} was made with other data, settings, budget or another seed "
                "or encoder. Resume with the same ones, or delete the folder to start anew."
            )
        rows = [
            row
            for line in self._history_lines()
            if (row := _row(line)) is not None and row["step"] <= state["step"]
        ]
        self._rewrite_history(rows)
        return state, rows

    def _history_lines(self) -> list[str]:
        path = self.folder / "history.jsonl"
        return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []

    def _rewrite_history(self, rows: list[dict[str, Any]]) -> None:
        fresh = self.folder / f"history.jsonl.{os.getpid()}"  # every process loads
        try:
            text = "".join(json.dumps(row) + "\n" for row in rows)
            fresh.write_text(text, encoding="utf-8")
            os.replace(fresh, self.folder / "history.jsonl")
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be written: {error.strerror}.") from error

    def save(self, state: Mapping[str, Any]) -> None:
        """Replace the state; the older one survives a failure.

        Raises:
            OutputError: The disk refused the write.
        """
        fresh = self.folder / "state.pt.new"
        try:
            torch.save({**state, "fingerprint": self.fingerprint}, fresh)
            os.replace(fresh, self.folder / "state.pt")
        except (OSError, RuntimeError) as error:  # torch turns a full disk into RuntimeError
            fresh.unlink(missing_ok=True)
            reason = getattr(error, "strerror", None) or "the disk may be full"
            advice = (
                "Free some space and continue with resume=True; the older checkpoint is "
                "still there."
                if self.exists
                else "Free some space and train anew; there is no older checkpoint."
            )
            raise OutputError(
                f"The checkpoint in {self.folder} could not be written: {reason}. {advice}"
            ) from error

    def append(self, row: Mapping[str, Any]) -> None:
        """Add one history row."""
        try:
            with (self.folder / "history.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        except OSError as error:
            raise OutputError(
                f"The history in {self.folder} could not be written: {error.strerror}. Free some "
                "space and continue with resume=True."
            ) from error

    def remove(self) -> None:
        """Delete what a run wrote, and the folder if nothing else is in it."""
        with suppress(OSError):  # absent, or somebody else's files are in it
            for file in self._files():
                file.unlink(missing_ok=True)
            self.folder.rmdir()

    def _files(self) -> list[Path]:
        """Return what a run may have written."""
        names = ("state.pt", "state.pt.new", "history.jsonl", "history.jsonl.*", SEED_FILE)
        return [file for name in names for file in self.folder.glob(name)]


def _row(line: str) -> dict[str, Any] | None:
    """Return the row, or None for a line that a killed process left unfinished."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return None
    return row if isinstance(row, dict) and "step" in row else None
