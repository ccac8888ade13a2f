"""A folder that GluonTS wrote: what its loader would import, looked at before it is called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tsgen.errors import ModelFormatError
from tsgen.storage import files_in

__all__ = ["imports_of"]

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


def imports_of(folder: Path) -> list[str]:
    """Return the import paths that a GluonTS folder names, types of plain values left out.

    They stand in `gluonts-config.json` and `type.txt` (the predictor's class) and under "class" in
    what `gluonts.core.serde` wrote. A pickle, which could name anything, is one "pickle".

    Raises:
        ModelFormatError: A file of JSON is none, or a link lies in the folder.
    """
    names = {name for file in files_in(folder) for name in _named_in(folder / file)}
    return sorted(name for name in names if name and name not in _VALUES)


def _named_in(path: Path) -> Iterator[str]:
    if path.name == "type.txt":
        yield path.read_text(encoding="utf-8").splitlines()[0].strip()
    elif path.suffix == ".json":
        yield from _classes(_json(path))
    else:
        with path.open("rb") as file:
            if file.read(1) == _PICKLE:
                yield "pickle"


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
