"""Whose code may be imported by name, because a file says so."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.metadata import entry_points
from pydoc import ErrorDuringImport, locate

from tsgen.errors import UntrustedCodeError

__all__ = ["check_trust", "is_trusted"]

_PACKAGES = ("gluonts", "tsgen")
"""Packages that are trusted; what they merely import from elsewhere is not."""

_GROUPS = "tsgen."
"""Entry points of groups that begin so are trusted: whoever installed them consented."""


def check_trust(names: Iterable[str], where: str, *, trust: bool) -> None:
    """Refuse to import classes outside the allow-list, unless the user consents.

    Args:
        names: Import paths, as "package.module.Class" or "package.module:Class".
        where: The file or folder that names them.
        trust: Whether the user consents.

    Raises:
        UntrustedCodeError: One is neither of GluonTS, of tsgen, nor registered by an entry point.
    """
    foreign = [] if trust else [name for name in names if not is_trusted(name)]
    if foreign:
        raise UntrustedCodeError(
            f"{where} asks to import {', '.join(sorted(set(foreign)))}, which is neither of "
            "GluonTS nor of tsgen, and importing runs its code. If you know who made it, allow it "
            "with trust=True (--trust)."
        )


def is_trusted(name: str) -> bool:
    """Return whether an import path names something of a trusted package, or an entry point."""
    path = name.replace(":", ".")
    if path in _registered():
        return True
    if path.split(".")[0] not in _PACKAGES:
        return False
    try:
        found = locate(path)
    except ErrorDuringImport:  # what it needs is absent: there is nothing that could run
        return True
    home = getattr(found, "__module__", None)
    return found is None or (isinstance(home, str) and home.split(".")[0] in _PACKAGES)


@functools.cache
def _registered() -> frozenset[str]:
    points = entry_points()
    return frozenset(
        point.value.replace(":", ".")
        for group in points.groups
        if group.startswith(_GROUPS)
        for point in points.select(group=group)
    )
