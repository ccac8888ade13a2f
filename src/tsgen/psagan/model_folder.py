"""The saved folder of a PSA-GAN: what is written, and how it is read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from tsgen.data.series import Calendar, DynamicFeatures
from tsgen.errors import ModelFormatError
from tsgen.memory import lacks_memory
from tsgen.persistence import require, require_finite, save_model_folder

from .feature_file import read_features, write_features
from .memory import DataFacts, SeriesTable
from .settings import PSAGANSettings
from .windows import WindowConditions

if TYPE_CHECKING:
    from .conditional import PSAGANPredictor
    from .synthesizer import PSAGANSynthesizer

__all__ = ["finite", "read_folder", "refusing_damaged", "write_folder"]


def write_folder(
    model: PSAGANSynthesizer | PSAGANPredictor,
    path: str | Path,
    kind: str,
    more_facts: dict[str, Any],
    *,
    overwrite: bool,
    further_tables: Sequence[SeriesTable] = (),
    features: DynamicFeatures | None = None,
) -> None:
    """Write the model folder of a kind, with more facts than all kinds have.

    The series of channel k, from 1, are in `series_k.parquet`, features that change in time in
    `dynamic.parquet`.
    """
    facts = more_facts | {
        "settings": model.settings.to_json(),
        "seed": model.seed,
        "plan": model.plan,
        "conditions": {
            "calendar": list(model.conditions.calendar.names),
            "longest": model.conditions.longest,
        },
        "data": model.data.to_json(),
    }
    history = "".join(json.dumps(row) + "\n" for row in model.history)
    files = {
        "weights.safetensors": lambda file: save_file(model.weights, file),
        "series.parquet": model.table.write,
        "history.jsonl": lambda file: file.write_text(history, encoding="utf-8"),
    }
    files |= {f"series_{k}.parquet": t.write for k, t in enumerate(further_tables, start=1)}
    if features is not None:
        facts["features"] = features.to_json()
        files["dynamic.parquet"] = partial(write_features, features)
    save_model_folder(path, kind, facts, files, overwrite=overwrite)


def read_folder(
    path: Path, facts: dict[str, Any], settings_type: type[PSAGANSettings]
) -> dict[str, Any]:
    """Return the arguments of a fitted model that all kinds share, from what was written."""
    require(path, facts, ("weights.safetensors", "series.parquet", "history.jsonl"))
    settings = settings_type(**facts["settings"])
    data, conditions = facts["data"], facts["conditions"]
    calendar = Calendar(data["freq"], tuple(conditions["calendar"]), settings.calendar)
    longest = conditions["longest"]
    history = (path / "history.jsonl").read_text(encoding="utf-8").splitlines()
    weights = load_file(path / "weights.safetensors")
    table, loaded = SeriesTable.read(path / "series.parquet"), DataFacts.from_json(data)
    scaler = {"location": table.scaler.location, "scale": table.scaler.scale}
    require_finite(path, {**weights, **scaler})
    return {
        "settings": settings,
        "weights": weights,
        "table": table,
        **_further_tables(path, data),
        "data": loaded,
        "conditions": WindowConditions(
            calendar,
            settings.lengths,
            settings.age,
            longest,
            0 if loaded.dynamic is None else settings.num_covariates(loaded.dynamic),
        ),
        **({"features": read_features(path, facts["features"])} if "features" in facts else {}),
        "plan": facts["plan"],
        "history": [json.loads(row) for row in history],
        "seed": facts["seed"],
    }


def finite(value: Any) -> float:
    """Return a number of a header.

    Raises:
        ValueError: It is none, or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


@contextmanager
def refusing_damaged(path: Path, name: str) -> Iterator[None]:
    """Turn what a damaged folder makes of reading it into one sentence.

    Args:
        path: The folder.
        name: What the model is called.

    Raises:
        ModelFormatError: Reading failed inside the block.
    """
    try:
        yield
    except ModelFormatError:
        raise
    except (
        KeyError, TypeError, ValueError, RuntimeError, OSError, SafetensorError,
    ) as error:  # fmt: skip
        if lacks_memory(error):
            raise
        reason = (str(error).splitlines() or [""])[0].rstrip(":.")
        raise ModelFormatError(
            f"{path} is not a complete {name} model ({type(error).__name__}: {reason}). "
            "Copy the model again or train it anew."
        ) from error


def _further_tables(path: Path, data: dict[str, Any]) -> dict[str, list[SeriesTable]]:
    """Return what is remembered of the channels after the first; nothing of univariate series."""
    count = len(data.get("channels", ()))
    tables = [SeriesTable.read(path / f"series_{k}.parquet") for k in range(1, count)]
    return {"further_tables": tables} if tables else {}
