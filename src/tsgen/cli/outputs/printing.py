"""Where words go: results on stdout, the rest on stderr."""

from __future__ import annotations

import contextlib
import json
import math
import sys
from typing import Any

import typer

from tsgen.errors import OutputError

__all__ = ["emit", "say", "show"]


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
