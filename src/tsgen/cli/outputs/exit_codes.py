"""The exit codes of every verb, in one table."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """What the command tells the shell."""

    DONE = 0
    ERROR = 1
    """Something went wrong, in one sentence on stderr."""

    USAGE = 2
    """The command line is not understood."""

    ALARM = 3
    """The work is done, and what was watched for has been seen."""

    CELLS_FAILED = 4
    """The study is done but for cells that failed."""

    INTERRUPTED = 130
    """Ctrl-C (128 + SIGINT)."""

    ENDED = 143
    """The process was asked to end (128 + SIGTERM)."""
