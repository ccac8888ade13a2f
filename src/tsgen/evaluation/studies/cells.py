"""Finished cells of a study: one JSON file for each arm and seed, never computed twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tsgen.errors import DataError
from tsgen.storage import write_text

__all__ = ["cell_path", "finished_cells", "write_cell"]

_SHOWN = {"arms", "seeds", "question", "reference", "judged", "against"}
"""Keys that say how a study is shown, not what its numbers are."""

_FORMATS = {"audience": 3}
"""Of cells, by protocol, where what they hold has changed: those of before are computed again."""


def cell_path(place: Path, study: Mapping[str, Any], arm: str, seed: int) -> Path:
    """Return where a cell is kept; the name changes with what its numbers depend on."""
    common = {key: value for key, value in study.items() if key not in _SHOWN}
    parts = [common, study["arms"][arm]]
    if form := _FORMATS.get(study.get("protocol", "")):
        parts.append(form)
    text = json.dumps(parts, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return place / f"{arm}-{seed}-{digest}.json"


def write_cell(path: Path, arm: str, seed: int, result: Mapping[str, Any]) -> None:
    """Write a cell whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"arm": arm, "seed": seed, **result}, indent=1) + "\n"
    write_text(path, text, overwrite=True)


def finished_cells(place: Path, study: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the cells that belong to the study as it stands, arm by arm.

    Raises:
        DataError: One is damaged.
    """
    paths = (cell_path(place, study, arm, s) for arm in study["arms"] for s in study["seeds"])
    return [_read_cell(path) for path in paths if path.exists()]


def _read_cell(path: Path) -> dict[str, Any]:
    try:
        cell = json.loads(path.read_text(encoding="utf-8"))
        if {"arm", "seed"} <= set(cell):
            return dict(cell)
    except (ValueError, TypeError):
        pass
    raise DataError(f"{path} is no cell of a study; delete it, and it is computed again.")
