"""Whose code may be imported by name, because a file says so."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from pydoc import ErrorDuringImport, locate
from typing import Any

from tsgen.errors import ModelFormatError, UntrustedCodeError
from tsgen.storage import files_in

__all__ = ["check_trust", "imports_of", "is_trusted"]

_PACKAGES = ("gluonts", "tsgen")
"""Packages that are trusted; what they merely import from elsewhere is not."""

_GROUPS = "tsgen."
"""Entry points of groups that begin so are trusted: whoever installed them consented."""


_VALUES = frozenset(
    {
        *(f"builtins.{name}" for name in ("bool", "dict", "float", "frozenset", "int", "list")),
        *(f"builtins.{name}" for name in ("set", "str", "tuple")),
        *(f"numpy.{name}" for name in ("array", "bool", "datetime64", "dtype", "float32")),
        *(f"numpy.{name}" for name in ("float64", "int32", "int64")),
        *(f"pandas.{name}" for name in ("Period", "Timestamp")),
        "pandas._libs.tslibs.period.Period",
        "pandas._libs.tslibs.timestamps.Timestamp",
        "pandas.tseries.frequencies.to_offset",
        "pathlib.PosixPath",
        "pathlib.PurePosixPath",
    }
)
"""Types of plain values, which GluonTS writes by name too."""

_PICKLE = b"\x80"


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
            "with trust=True."
        )


def is_trusted(name: str) -> bool:
    """Return whether an import path names something of a trusted package, or an entry point."""
    path = name.replace(":", ".")
    if path in _registered():
        return True
    if path.split(".")[0] not in _PACKAGES:
        return False
    try:
        place = locate(path)
    except ErrorDuringImport:  # what it needs is absent: there is nothing that could run
        return True
    home = getattr(place, "__module__", None)
    return place is None or (isinstance(home, str) and home.split(".")[0] in _PACKAGES)


@functools.cache
def _registered() -> frozenset[str]:
    points = entry_points()
    return frozenset(
        point.value.replace(":", ".")
        for group in points.groups
        if group.startswith(_GROUPS)
        for point in points.select(group=group)
    )


def imports_of(folder: Path) -> list[str]:
    """Return the import paths that a GluonTS folder names, types of plain values left out.

    They stand in `gluonts-config.json` and `type.txt` (the predictor's class) and under "class" in
    what `gluonts.core.serde` wrote. A pickle, which could name anything, is one "pickle".

    Raises:
        ModelFormatError: A file of JSON or text is none, or a link lies in the folder.
    """
    names = {name for file in files_in(folder) for name in _named_in(folder / file)}
    return sorted(name for name in names if name and name not in _VALUES)


def _named_in(path: Path) -> Iterator[str]:
    if path.name == "type.txt":
        yield from _first_line(path)
    elif path.suffix == ".json":
        yield from _classes(_json(path))
    else:
        with path.open("rb") as file:
            if file.read(1) == _PICKLE:
                yield "pickle"


def _first_line(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()[:1]]
    except ValueError:
        raise ModelFormatError(
            f"{path} is no text, as a GluonTS folder has it; copy the model again or train it anew."
        ) from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise ModelFormatError(
            f"{path} is no JSON, as a GluonTS folder has it; copy the model again or train it anew."
        ) from None


def _classes(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _classes(part)
    elif isinstance(value, dict):
        for key in ("class", "type"):
            if isinstance(value.get(key), str) and (key == "type" or "__kind__" in value):
                yield value[key]
        for part in value.values():
            yield from _classes(part)
