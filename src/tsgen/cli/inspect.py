"""`tsgen inspect`: what is this model, dataset, event log, run or checkpoint?"""

from __future__ import annotations

import json
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from tsgen.displays import flat_facts
from tsgen.errors import DataError, ModelFormatError, TsgenError, UntrustedCodeError

from .inputs import ReadEither, is_log, read_dataset, read_events
from .options import AsJson, Panel, Target, without_effect
from .outputs import answering, emit

__all__ = ["inspect"]

_NOISES = {
    "noise_scale": "noise scale",
    "fill_noise": "noise of fills",
    "forecast_noise": "noise of forecasts",
    "forecast_width": "width of forecasts",
}
"""Facts of a model, and what they are called here."""


@answering
def inspect(
    path: Annotated[
        Path, typer.Argument(help="A model, a dataset, an event log, a run or a checkpoint.")
    ],
    target: Target = None,
    panel: Panel = False,
    read_as: ReadEither = None,
    as_json: AsJson = False,
) -> None:
    """Say what a file or folder is and what it holds.

    tsgen inspect models/load
    """
    from tsgen.data import check_exists

    if not path.exists() and not path.is_symlink():
        raise DataError(f"There is nothing at {path}; check the path.")
    check_exists(path)
    if path.is_dir() and not any(path.iterdir()):
        raise DataError(
            f"{path} is an empty folder; give a model, a dataset, an event log, a run or a "
            "checkpoint."
        )
    facts = _facts(path, read_as, target, panel)
    lines = flat_facts(facts, tables="{} rows, which --json shows")
    emit(facts, "\n".join(f"{name:<24} {text}" for name, text in lines.items()), as_json)


def _facts(
    path: Path, read_as: list[str] | None, target: list[str] | None, panel: bool
) -> dict[str, Any]:
    of_series = {"--target": target, "--panel": panel}
    for name, reader in (("model.json", _model), ("state.pt", _checkpoint), ("result.json", _run)):
        if (path / name).exists():
            idle = {"--read": read_as, **of_series}
            without_effect(idle, f"on a folder with {name}", given=True)
            return reader(path)
    if (path / "type.txt").exists() or (path / "gluonts-config.json").exists():
        raise DataError(
            f"{path} is a predictor as GluonTS saves it; load it with "
            "gluonts.model.Predictor.deserialize, if you know who made it."
        )
    if is_log(path, read_as):
        without_effect(of_series, "on an event log", given=True)
        return {"is": "an event log", **read_events(path, read_as).facts()}
    return {"is": "a dataset of series", **read_dataset(path, read_as, target, panel=panel).facts()}


def _run(path: Path) -> dict[str, Any]:
    from tsgen.evaluation import StudyResult
    from tsgen.report import missing_parts

    result = StudyResult.load(path)
    missing = missing_parts(result)
    lacking = {"missing for its page": missing} if missing else {}
    return {"is": "a run", "answer": result.answer, **lacking, **result.facts}


def _model(path: Path) -> dict[str, Any]:
    from tsgen.persistence import read_model_json

    facts = read_model_json(path)
    try:
        return {
            "is": f"a {facts['kind']} model",
            "tsgen": facts["tsgen"],
            "format": facts["format"],
            **_imports(path),
            **_refused(path),
            **_further(path, facts["sha256"]),
            **_learnt(facts),
            "seed": facts["seed"],
            **{name: facts[key] for key, name in _NOISES.items() if key in facts},
            "last row": _last_row(path),
            "files": {
                name: f"{(path / name).stat().st_size / 1024:.0f} KiB" for name in facts["sha256"]
            },
            "settings": facts["settings"],
        }
    except KeyError as error:
        wrong = f"lacks {error}"
    except (TypeError, AttributeError):
        wrong = "has parts of another kind"
    raise ModelFormatError(
        f"{path} is not a complete {facts['kind']} model: its model.json {wrong}. Copy the model "
        "again or train it anew."
    )


def _learnt(facts: dict[str, Any]) -> dict[str, Any]:
    """Return what a model has learnt from, and how long."""
    if facts["kind"] == "tabular-encoder":
        columns = {column["name"]: column["role"] for column in facts["schema"]["columns"]}
        return {"columns": columns, "left out": facts["schema"]["silent"]}
    return {**facts["data"]["summary"], "schedule": facts["plan"]["schedule"]}


def _imports(path: Path) -> dict[str, Any]:
    """Return what a model asks to import of somebody else, if anything."""
    from tsgen.trust import imports_of, is_trusted

    folder = path / "forecaster"
    names = imports_of(folder) if folder.is_dir() else []
    foreign = [name for name in names if not is_trusted(name)]
    return {"not loaded without --trust": foreign} if foreign else {}


def _refused(path: Path) -> dict[str, Any]:
    """Return why a model is not loaded, if it is not, though its files are those that it lists."""
    from tsgen.persistence import load

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are for whoever works with the model
            load(path, device="cpu")
    except UntrustedCodeError:
        return {}  # `_imports` names what it asks for
    except TsgenError as error:
        return {"not loaded": str(error)}
    return {}


def _further(path: Path, sums: dict[str, Any]) -> dict[str, Any]:
    """Return the files of a model folder that no digest covers, if any; they are never read."""
    from tsgen.storage import unlisted

    files = unlisted(path, sums)
    return {"not of the model": files} if files else {}


def _checkpoint(path: Path) -> dict[str, Any]:
    return {
        "is": "the checkpoint of an unfinished training; continue with --resume",
        "last row": _last_row(path),
    }


def _last_row(path: Path) -> dict[str, Any]:
    """Return the last whole row of the history; a killed process may leave half a row."""
    history = path / "history.jsonl"
    rows = (
        history.read_text(encoding="utf-8", errors="replace").splitlines()
        if history.is_file()
        else []
    )
    for row in reversed(rows):
        with suppress(ValueError):
            return dict(json.loads(row))
    return {}
