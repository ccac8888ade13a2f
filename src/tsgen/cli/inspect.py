"""`tsgen inspect`: what is this model, dataset, run or checkpoint?"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.errors import DataError

from .common import AsJson, Read, answering, emit, read

__all__ = ["inspect"]


@answering
def inspect(
    path: Annotated[Path, typer.Argument(help="A model, a dataset, a run or a checkpoint.")],
    read_as: Read = None,
    as_json: AsJson = False,
) -> None:
    """Say what a file or folder is and what it holds."""
    if not path.exists():
        raise DataError(f"There is nothing at {path}; check the path.")
    facts = _facts(path, read_as)
    emit(facts, "\n".join(f"{name:<16} {_short(value)}" for name, value in facts.items()), as_json)


def _facts(path: Path, read_as: list[str] | None) -> dict[str, Any]:
    if (path / "model.json").exists():
        return _model(path)
    if (path / "state.pt").exists():
        return _checkpoint(path)
    if (path / "result.json").exists():
        from tsgen.evaluation import StudyResult

        result = StudyResult.load(path)
        return {"is": "a run", "answer": result.answer, **result.facts}
    return {"is": "a dataset of series", **read(path, read_as).facts()}


def _model(path: Path) -> dict[str, Any]:
    from tsgen.persistence import read_model_json

    facts = read_model_json(path)
    return {
        "is": f"a {facts['kind']} model",
        "tsgen": facts["tsgen"],
        "format": facts["format"],
        **facts["data"]["summary"],
        "schedule": facts["plan"]["schedule"],
        "seed": facts["seed"],
        "last row": _last_row(path),
        "settings": facts["settings"],
    }


def _checkpoint(path: Path) -> dict[str, Any]:
    return {
        "is": "the checkpoint of an unfinished training; continue with --resume",
        "last row": _last_row(path),
    }


def _last_row(path: Path) -> dict[str, Any]:
    """Return the last whole row of the history; a killed process may leave half a row."""
    history = path / "history.jsonl"
    rows = history.read_text(encoding="utf-8").splitlines() if history.is_file() else []
    for row in reversed(rows):
        with suppress(ValueError):
            return dict(json.loads(row))
    return {}


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={_short(part)}" for key, part in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)
