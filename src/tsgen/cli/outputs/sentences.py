"""Errors that are not ours, in one sentence: the system's, the parsers', and faults of tsgen."""

from __future__ import annotations

import re

from tsgen.memory import lacks_memory

__all__ = ["in_one_line", "sentence_of"]

_LONGEST = 300
"""Characters of a name or a word in a message."""


def in_one_line(text: str) -> str:
    """Return a message on one line, without words that go on for pages."""
    line = " ".join(text.splitlines())
    return re.sub(rf"\S{{{_LONGEST},}}", lambda word: f"{word[0][: _LONGEST - 3]}...", line)


def sentence_of(error: Exception) -> str:
    """Return what to tell the user of an error that no room of tsgen has put into words."""
    words = " ".join(str(error).split()).rstrip(".")
    if lacks_memory(error):
        return (
            f"There is not enough memory ({words or type(error).__name__}). Ask for less at a "
            "time, or use a machine with more."
        )
    if isinstance(error, UnicodeEncodeError):
        odd = ascii(error.object[error.start : error.end])
        return f"A text has {odd}, which is no character of Unicode; write it in UTF-8."
    if isinstance(error, OSError) and error.strerror:
        where = f"{_short(error.filename)}: " if error.filename is not None else ""
        return f"{where}{error.strerror}."
    if isinstance(error, RecursionError):
        return "What was given is nested too deeply to be read."
    return (
        f"Something went wrong that tsgen has no sentence for ({type(error).__name__}: "
        f"{_short(words)}). The same command with --debug shows where; please report it."
    )


def _short(text: object) -> str:
    return str(text) if len(str(text)) <= _LONGEST else f"{str(text)[: _LONGEST - 3]}..."
