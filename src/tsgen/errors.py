"""The errors and warnings of tsgen.

    TsgenError
    ├── SettingsError (ValueError)          a hyper-parameter or option is impossible
    ├── DataError (ValueError)              the data break a stated rule
    │   ├── UnknownIdError (KeyError)       a series, user or item the model has never seen
    │   └── CellsFailedError                cells of a study failed; the others are kept
    ├── TrainingDivergedError (RuntimeError)  a loss became NaN or infinite
    ├── TrainingInterruptedError            training was stopped; a checkpoint was kept
    ├── ModelFormatError (OSError)          a folder is not, or is no longer, a model
    ├── TooLargeError (MemoryError)         a result would take more memory than there is
    ├── UntrustedCodeError                  a file names code to be imported, and nobody consented
    ├── OutputError (OSError)               a result could not be written
    └── MissingExtraError (ImportError)     an optional dependency is absent

    TsgenWarning (UserWarning)
    └── DataWarning                         something was sorted, dropped or changed on request

A message says where (series, column, row), what was found, what was expected, and what to do.
"""

from __future__ import annotations

import difflib
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from signal import SIGINT
from typing import Any

__all__ = [
    "BudgetError",
    "CellsFailedError",
    "DataError",
    "DataWarning",
    "MissingExtraError",
    "ModelFormatError",
    "OutputError",
    "SettingsError",
    "TooLargeError",
    "TrainingDivergedError",
    "TrainingInterruptedError",
    "TsgenError",
    "TsgenWarning",
    "UnknownIdError",
    "UntrustedCodeError",
    "error_of",
    "error_record",
    "nearest",
    "noted_warnings",
]


class TsgenError(Exception):
    """Base of every error that tsgen raises on purpose."""


class SettingsError(TsgenError, ValueError):
    """A hyper-parameter or option is impossible."""


class BudgetError(SettingsError):
    """A training has too little time for one step of each stage.

    Args:
        message: One sentence.
        least: Seconds that would do.
    """

    def __init__(self, message: str, *, least: float) -> None:
        super().__init__(message)
        self.least = least


class DataError(TsgenError, ValueError):
    """The data break a stated rule.

    Args:
        message: One sentence: where, what was found, what was expected, what to do.
        item_id: The series concerned, where there is one.
        field: The column or GluonTS field concerned, where there is one.
        row: The row of the user's table concerned, where there is one.
    """

    def __init__(
        self, message: str, *, item_id: Any = None, field: str | None = None, row: int | None = None
    ) -> None:
        super().__init__(message)
        self.item_id = item_id
        self.field = field
        self.row = row


class UnknownIdError(DataError, KeyError):
    """A series, user or item that the model has never seen."""

    def __str__(self) -> str:  # KeyError would print the message in quotes
        return str(self.args[0])


class CellsFailedError(DataError):
    """Cells of a study failed; those that ended are kept."""


class TrainingDivergedError(TsgenError, RuntimeError):
    """A loss became NaN or infinite; training stopped at `step` of stage `stage`."""

    def __init__(self, message: str, *, step: int, stage: int | None = None) -> None:
        super().__init__(message)
        self.step = step
        self.stage = stage


class TrainingInterruptedError(TsgenError):
    """Training was stopped by Ctrl-C or SIGTERM.

    Args:
        message: What is finished, and how to go on.
        checkpoint: The folder to resume from, if any.
        signal: Number of the signal.
    """

    def __init__(
        self, message: str, *, checkpoint: str | None = None, signal: int = SIGINT
    ) -> None:
        super().__init__(message)
        self.checkpoint = checkpoint
        self.signal = int(signal)


class ModelFormatError(TsgenError, OSError):
    """A folder is not, or is no longer, a model that this version can read."""


class TooLargeError(TsgenError, MemoryError):
    """A result would take more memory than there is, or than was allowed."""


class UntrustedCodeError(TsgenError):
    """A file names code to be imported, and nobody consented to running it."""


class OutputError(TsgenError, OSError):
    """A result could not be written; what was there before is still there."""


class MissingExtraError(TsgenError, ImportError):
    """An optional dependency is absent."""


class TsgenWarning(UserWarning):
    """Base of every warning of tsgen."""


class DataWarning(TsgenWarning):
    """Rows or series were sorted, dropped or changed; the message says how many."""


def error_record(error: TsgenError) -> dict[str, Any]:
    """Return one of our errors as JSON values, to be raised in another process by `error_of`."""
    facts = json.loads(json.dumps(vars(error), default=str))
    return {"kind": type(error).__name__, "text": str(error), "facts": facts}


def error_of(record: Mapping[str, Any]) -> TsgenError:
    """Return the error that `error_record` was made of."""
    kind: type[TsgenError] = globals()[record["kind"]]
    return kind(record["text"], **record["facts"])


def nearest(name: Any, choices: Iterable[Any]) -> str:
    """Return " Did you mean 'x'?" for the known name closest to `name`, or an empty string."""
    by_text = {str(k).lower(): str(k) for k in choices}
    close = difflib.get_close_matches(str(name).lower(), by_text, n=1, cutoff=0.6)
    return f" Did you mean '{by_text[close[0]]}'?" if close else ""


@contextmanager
def noted_warnings() -> Iterator[list[str]]:
    """Collect what tsgen warns of inside a `with` block; every warning goes its way as before.

    What a filter silences is not collected, and a filter "error" raises as ever.

    Example:
        >>> with noted_warnings() as notes, warnings.catch_warnings():
        ...     warnings.showwarning("two rows were merged", DataWarning, "load.csv", 1)
        >>> notes
        ['two rows were merged']
    """
    notes: list[str] = []
    with warnings.catch_warnings():
        show = warnings.showwarning

        def note(message: Warning | str, category: type[Warning], *place: Any, **to: Any) -> None:
            if issubclass(category, TsgenWarning):
                notes.append(str(message))
            show(message, category, *place, **to)

        warnings.showwarning = note
        yield notes
