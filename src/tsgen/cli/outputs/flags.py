"""The library's messages name arguments of Python; on the command line they name the flags."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any, get_args

__all__ = ["flags_of", "in_flags"]

_ARGUMENT = re.compile(
    r"(?<!--read )"  # it is in the words of the command line already
    r"""\b(?P<name>[a-z][a-z_0-9]*)=(?P<value>True|False|None|'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?[a-zA-Z]*|\[\.\.\.\])?"""
    r"(?![\w=])"
)
_READING = "read_as"
"""The parameter of verbs that read data: `--read NAME=VALUE` gives all that a reader takes."""

_READ = re.compile(
    r"on_(?!unknown)\w+|timezone|date_format|unit|dynamic(?:_features)?|past_dynamic|static(?:_\w+)?"
)
_PLANNING = "set_"
"""The parameter of verbs that take settings of a plan, `--set NAME=VALUE`."""

_ALSO = {
    "num_samples": "number",
    "ages": "age",
    "num_references": "references",
    "checkpoint_seconds": "checkpoint_every",
}
"""Arguments of Python, and the parameters of verbs that give them under another name."""

_CALLS = {"memory_limit(...)": "--max-memory"}
_MARKS = " '\""
_FIRST = re.compile(r"^(?P<name>[a-z][a-z_0-9]*)(?=: )")
_MAPPING = re.compile(r"\b(?P<name>[a-z_]+)=\{(?P<pairs>[^{}]+)\}")
_READER = re.compile(r"to_dataset\(\w+, (.*?)\)")


def flags_of(verb: Callable[..., Any]) -> dict[str, str]:
    """Return the flag of each option of a verb, by the name of its parameter."""
    flags = {}
    for name, parameter in signature(verb, eval_str=True).parameters.items():
        for extra in get_args(parameter.annotation)[1:]:
            if type(extra).__name__ == "OptionInfo":
                declared = (extra.default, *(extra.param_decls or ()))  # Typer's first is there
                named = [text for text in declared if str(text).startswith("--")]
                flags[name] = named[0] if named else f"--{name.replace('_', '-')}"
    return flags | {name: flags[own] for name, own in _ALSO.items() if own in flags}


def in_flags(text: str, flags: Mapping[str, str]) -> str:
    """Return a message with a verb's flags in the place of Python's arguments.

    `overwrite=True` becomes `--overwrite`, `num_users=5` `--num-users 5`, `on_stray="drop"`
    `--read on_stray=drop`; what the verb has no flag for stays.
    """
    for call, flag in _CALLS.items():
        text = text.replace(call, flag)
    text = _READER.sub(r"\1", text)
    text = _MAPPING.sub(lambda match: _with_pairs(match, flags), text)

    def flag_of(match: re.Match[str]) -> str:
        name, value = match["name"], (match["value"] or "").strip("'\"[]")
        if name in flags:
            return _with_value(flags[name], value)
        if _READING in flags and _READ.fullmatch(name):
            return f"{flags[_READING]} {name}={value or '...'}"
        if _PLANNING in flags and name == "on_unknown":
            return f"{flags[_PLANNING]} {name}={value or '...'}"
        return match[0]

    text = _FIRST.sub(lambda match: flags.get(match["name"], match[0]), text)
    return _ARGUMENT.sub(flag_of, text)


def _with_pairs(match: re.Match[str], flags: Mapping[str, str]) -> str:
    """Return `--name key=value` for each pair of a mapping; what the verb has no flag for stays."""
    if match["name"] not in flags:
        return match[0]
    pairs = [pair.partition(":") for pair in match["pairs"].split(", ")]
    named = [f"{key.strip(_MARKS)}={value.strip(_MARKS)}" for key, _, value in pairs]
    return " ".join(f"{flags[match['name']]} {pair}" for pair in named)


def _with_value(flag: str, value: str) -> str:
    if value == "False":
        return f"no {flag}"
    return flag if value in {"", "True"} else f"{flag} {'none' if value == 'None' else value}"
