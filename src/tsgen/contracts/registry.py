"""Classes by name, imported when they are first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from tsgen.errors import SettingsError, nearest

__all__ = ["registered"]


def registered(registry: Mapping[str, Any], name: str, what: str) -> Any:
    """Return what a registry has under a name, importing it from "module:name".

    Raises:
        SettingsError: There is no such name.
    """
    if name not in registry:
        raise SettingsError(
            f"There is no {what} '{name}'.{nearest(name, registry)} There are "
            f"{', '.join(registry)}."
        )
    registered = registry[name]
    if isinstance(registered, str):
        module, _, attribute = registered.partition(":")
        return getattr(importlib.import_module(module), attribute)
    return registered
