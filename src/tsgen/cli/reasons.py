"""`--why` and `--why shapley`: facts of each user of a list, and a sentence."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from typer.core import TyperCommand

from tsgen.errors import SettingsError

__all__ = ["ListCommand", "Why", "read_why", "with_plain_why"]

_FLAG, _PLAIN = "--why", "facts"
_CHOICES = (_PLAIN, "shapley")

Why = Annotated[
    str | None,
    typer.Option(
        _FLAG,
        metavar="[facts|shapley]",
        help="Add facts: times bought, days since, similar bought; shapley adds a sentence, too: "
        "what each part of the past adds to the user's expected events.",
    ),
]


class ListCommand(TyperCommand):
    """A verb whose `--why` may stand alone: then it asks for the facts."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the word in where none follows the flag."""
        return super().parse_args(ctx, with_plain_why(args))


def with_plain_why(words: list[str]) -> list[str]:
    """Return the words of a command line in which a bare `--why` asks for facts."""
    written: list[str] = []
    for word, after in zip(words, [*words[1:], ""], strict=True):
        written.append(word)
        if word == _FLAG and after not in _CHOICES:
            written.append(_PLAIN)
    return written


def read_why(choice: str | None) -> bool | Literal["shapley"]:
    """Return what was chosen, as `audience` takes it.

    Raises:
        SettingsError: It is no choice.
    """
    if choice is None:
        return False
    if choice not in _CHOICES:
        raise SettingsError(f"{_FLAG} {choice} is not possible: use facts or shapley.")
    return "shapley" if choice == "shapley" else True
