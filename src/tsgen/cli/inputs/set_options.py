"""`--set KEY=VALUE`: settings as text on the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tsgen.errors import SettingsError

__all__ = ["assigned"]


def assigned(
    assignments: Sequence[str] | None, base: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the fields of settings: `base` with what `key=value` texts set.

    Values are read as JSON where that works (`0.5`, `true`, `[1, 2]`) and as text otherwise;
    `group.key=value` sets one key of a group of settings.

    Args:
        assignments: What `--set` was given, or None.
        base: Fields of a settings file, which `--set` goes before.

    Raises:
        SettingsError: A text has no "=", or two set one key to two values.
    """
    fields = dict(base or {})
    given: dict[str, str] = {}
    for assignment in assignments or ():
        key, separator, text = assignment.partition("=")
        if not separator:
            raise SettingsError(f"--set {assignment} has no '='; write --set key=value.")
        if given.setdefault(key.strip(), text) != text:
            raise SettingsError(
                f"--set {key.strip()}= is given twice ({given[key.strip()]} and {text}); give it "
                "once."
            )
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        fields = _with(fields, key.strip(), value)
    return fields


def _with(fields: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return the fields with one more; a dot leads into a group of them."""
    name, dot, rest = key.partition(".")
    if dot:
        group = fields.get(name)
        value = _with(group if isinstance(group, dict) else {}, rest, value)
    return fields | {name: value}
