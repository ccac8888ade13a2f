"""The saved folder of a PSA-GAN: what is written, and how it is read back."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import load_file, save_file

from tsgen.data.series import Calendar, DynamicFeatures
from tsgen.persistence import refusing_damaged, require, require_finite, save_model_folder
from tsgen.training import resolve_device

from .feature_file import read_features, write_features
from .memory import DataFacts, SeriesTable
from .settings import PSAGANSettings
from .windows import StaticNumbers, WindowConditions

__all__ = ["SavesFolder", "finite"]

_STATICS = "statics.safetensors"


class SavesFolder(ABC):
    """A fitted model that is saved as a folder, and read back by `tsgen.load`.

    The series of channel k, from 1, are in `series_k.parquet`, features that change in time in
    `dynamic.parquet`, what describes statics in `statics.safetensors`.

    Attributes:
        kind: What `model.json` calls it.
        called: What messages call it.
        settings_type: Of its settings.
    """

    kind: ClassVar[str]
    called: ClassVar[str]
    settings_type: ClassVar[type[PSAGANSettings]]
    settings: PSAGANSettings
    tables: tuple[SeriesTable, ...]
    data: DataFacts
    conditions: WindowConditions
    features: DynamicFeatures | None
    plan: dict[str, Any]
    history: list[dict[str, Any]]
    seed: int
    _weights: dict[str, torch.Tensor]

    @abstractmethod
    def _own_facts(self) -> dict[str, Any]:
        """Return what the header says of this kind alone."""

    @classmethod
    @abstractmethod
    def _own_arguments(cls, facts: dict[str, Any]) -> dict[str, Any]:
        """Return arguments of this kind alone, from its header."""

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the model folder, which `tsgen.load` reads; an older one survives any failure.

        Raises:
            OutputError: The folder exists and `overwrite` is False, or the disk refused the write.
        """
        facts = self._own_facts() | {
            "settings": self.settings.to_json(),
            "seed": self.seed,
            "plan": self.plan,
            "conditions": {
                "calendar": list(self.conditions.calendar.names),
                "longest": self.conditions.longest,
            },
            "data": self.data.to_json(),
        }
        history = "".join(json.dumps(row) + "\n" for row in self.history)
        files = {
            "weights.safetensors": lambda file: save_file(self._weights, file),
            "series.parquet": self.tables[0].write,
            "history.jsonl": lambda file: file.write_text(history, encoding="utf-8"),
        }
        files |= {f"series_{k}.parquet": table.write for k, table in enumerate(self.tables) if k}
        if self.features is not None:
            facts["features"] = self.features.to_json()
            files["dynamic.parquet"] = partial(write_features, self.features)
        if (statics := self.conditions.statics) is not None:
            facts["statics"], arrays = statics.to_json(), statics.arrays()
            files[_STATICS] = lambda file: save_arrays(arrays, file)
        save_model_folder(path, self.kind, facts, files, overwrite=overwrite)

    @classmethod
    def from_folder(
        cls, path: Path, facts: dict[str, Any], *, device: str = "auto", trust: bool = False
    ) -> Self:
        """Read what `save` wrote; `tsgen.load` checks the folder and calls this.

        Nothing is imported by name, so `trust` changes nothing.

        Raises:
            ModelFormatError: The folder is damaged.
            SettingsError: There is no such device.
        """
        resolve_device(device)  # or an absent device would be taken for a damaged folder
        with refusing_damaged(path, cls.called):
            parts = _read_folder(path, facts, cls.settings_type)
            return cls(**parts, **cls._own_arguments(facts), **{"device": device})


def _read_folder(
    path: Path, facts: dict[str, Any], settings_type: type[PSAGANSettings]
) -> dict[str, Any]:
    """Return the arguments of a fitted model that all kinds share, from what was written."""
    require(path, facts, ("weights.safetensors", "series.parquet", "history.jsonl"))
    settings = settings_type.restored(facts["settings"])
    data, conditions = facts["data"], facts["conditions"]
    names = tuple(conditions["calendar"])
    calendar = Calendar(data["freq"], names, settings.calendar, settings.holidays)
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
            _statics(path, facts),
        ),
        **({"features": read_features(path, facts["features"])} if "features" in facts else {}),
        "plan": facts["plan"],
        "history": [json.loads(row) for row in history],
        "seed": facts["seed"],
    }


def _statics(path: Path, facts: dict[str, Any]) -> StaticNumbers | None:
    """Return what describes statics, if the model has it."""
    if "statics" not in facts:
        return None
    require(path, facts, (_STATICS,))
    arrays = load_arrays(path / _STATICS)
    require_finite(path, arrays)
    return StaticNumbers.restored(facts["statics"], arrays)


def finite(value: Any) -> float:
    """Return a number of a header.

    Raises:
        ValueError: It is none, or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _further_tables(path: Path, data: dict[str, Any]) -> dict[str, list[SeriesTable]]:
    """Return what is remembered of the channels after the first; nothing of univariate series."""
    count = len(data.get("channels", ()))
    tables = [SeriesTable.read(path / f"series_{k}.parquet") for k in range(1, count)]
    return {"further_tables": tables} if tables else {}
