"""A RIM model as a folder: what is written and how it is read."""

from __future__ import annotations

import json
import shutil
from dataclasses import astuple
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import load_file, save_file

from tsgen.arrays import AnyArray
from tsgen.data import Interactions, Vocabulary
from tsgen.data.events import ReadOptions, Spend
from tsgen.data.series import check_zone
from tsgen.errors import DataError, ModelFormatError
from tsgen.persistence import refusing_damaged, require, require_finite, save_model_folder
from tsgen.storage import unlisted
from tsgen.training import resolve_device
from tsgen.trust import check_trust, imports_of

from .kept_events import KeptEvents
from .new_items import AttributeItems
from .new_users import AttributeUsers
from .pairs import LearnedPairs, RepeatMixture, SeenPairs
from .parts import SavedPart, arrays_of
from .scoring import FittedParts, ProbabilityMap, UserStates
from .settings import RIMSettings

if TYPE_CHECKING:
    from .model import RIMModel

__all__ = ["check_scores", "check_storable", "read_rim_folder", "write_rim_folder"]

_FORECASTER = "forecaster"
"""Folder of an activity that has one (a GluonTS predictor), within the model's."""

_EVENTS = "events.parquet"
_ID = "item_id, of tsgen"
_FILES = ("weights.safetensors", "users.parquet", "vocabulary.parquet", "history.jsonl")
_NEW_ITEMS = "new_items.parquet"
_PAIRS: dict[type[LearnedPairs | RepeatMixture | SeenPairs], str] = {
    LearnedPairs: "pairs",
    RepeatMixture: "mixture",
    SeenPairs: "seen_pairs",
}
"""What the arrays of a pair part begin with."""

_TABLES = {"user_table": "user_attributes.parquet", "item_table": "item_attributes.parquet"}


def check_storable(events: Interactions) -> None:
    """Refuse ids and attributes that `write_rim_folder` could not write, before anything is learnt.

    Raises:
        DataError: Ids are of a kind that no file can hold, or so is what a column of attributes
            holds.
    """
    for vocabulary in (events.users, events.items):
        vocabulary.to_column()
    for what, table in (("users", events.user_table), ("items", events.item_table)):
        if table is None:
            continue
        for name, column in table.items():
            try:
                empty = pa.Table.from_pandas(column.to_frame()).slice(0, 0)
                pq.write_table(empty, BytesIO())
            except (pa.ArrowException, TypeError, ValueError) as error:
                raise _not_storable(column, name, what) from error


def _not_storable(column: pd.Series[Any], name: Any, what: str) -> DataError:
    given = column.dropna()
    kinds = given.map(lambda value: type(value).__name__)
    examples = given[~kinds.duplicated()].iloc[:2].map(repr)
    return DataError(
        f"Attribute '{name}' of {what} has values that a model folder cannot hold "
        f"({', '.join(kinds.unique()[:2])}, such as {' and '.join(examples)}); make them one kind, "
        f"for example with astype(str), or leave the column out.",
        field=str(name),
    )


def write_rim_folder(model: RIMModel, path: str | Path, *, overwrite: bool) -> None:
    """Write the model folder; see `RIMModel.save`."""
    ids, kind = model.items.to_column()
    arrays = _arrays(model.parts)
    if model.spend is not None:
        arrays |= {"spend.prices": model.spend.prices, "spend.factors": model.spend.factors}
    text = "".join(json.dumps(row) + "\n" for row in model.history)
    files: dict[str, Any] = {
        "weights.safetensors": lambda file: save_file(arrays, file),
        "users.parquet": model.states.write,
        "vocabulary.parquet": pd.DataFrame({"item_id": ids}).to_parquet,
        "history.jsonl": lambda file: file.write_text(text, encoding="utf-8"),
    }
    for field, name in _TABLES.items():
        if (table := getattr(model, field)) is not None:
            files[name] = table.to_parquet
    if model.events is not None:
        files[_EVENTS] = model.events.write
    if (new := model.new_items) is not None:
        new_ids, new_kind = new.ids.to_column()
        arrays |= {f"new.{name}": np.atleast_1d(a) for name, a in new.arrays().items()}
        files[_NEW_ITEMS] = pd.DataFrame({_ID: new_ids}).join(new.table).to_parquet
    users = model.parts.new_users
    facts = {
        "settings": model.settings.to_json(),
        "seed": model.seed,
        "plan": {"schedule": [row["step"] for row in model.history[-1:]]},
        "item_ids": kind,
        "new_items": None if new is None else {"ids": new_kind, "facts": new.facts},
        "new_users": None if users is None else users.to_json(),
        "data": {"timezone": model.timezone, "summary": model.summary},
    }
    with TemporaryDirectory() as place:
        if model.parts.activity.has_folder:
            model.parts.activity.write(Path(place))
        for part in sorted(Path(place).rglob("*")):
            if part.is_file():
                name = f"{_FORECASTER}/{part.relative_to(place).as_posix()}"
                files[name] = partial(_copy, part)
        save_model_folder(path, "rim", facts, files, overwrite=overwrite)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def read_rim_folder(
    path: Path, facts: dict[str, Any], device: str, *, trust: bool = False
) -> dict[str, Any]:
    """Return the arguments of `RIMModel` that a folder holds.

    Raises:
        ModelFormatError: Something is missing or does not fit.
        SettingsError: The device is absent.
        UntrustedCodeError: Its forecaster is of a class of somebody else, and `trust` is False.
    """
    resolve_device(device)  # though some parts need none
    require(path, facts, _FILES)
    if (path / _FORECASTER).is_dir():
        if further := [n for n in unlisted(path, facts["sha256"]) if n.startswith(_FORECASTER)]:
            raise ModelFormatError(
                f"{path} has the file {further[0]}, which its model.json does not list. Remove it, "
                "copy the model again or train it anew."
            )
        check_trust(imports_of(path / _FORECASTER), str(path / _FORECASTER), trust=trust)
    with refusing_damaged(path, "RIM"):
        settings = RIMSettings(**facts["settings"])
        arrays = load_file(path / "weights.safetensors")
        new = {name: arrays.pop(name) for name in list(arrays) if name.startswith("new.")}
        prices, factors = (arrays.pop(f"spend.{name}", None) for name in ("prices", "factors"))
        require_finite(path, _finite_parts(arrays) | new)
        check_zone(facts["data"]["timezone"])
        summary = dict(facts["data"]["summary"])
        ReadOptions(**summary.get("read_options", {}))  # refused here, not at the next log
        ids = pd.read_parquet(path / "vocabulary.parquet")["item_id"]
        text = (path / "history.jsonl").read_text(encoding="utf-8")
        tables = {
            field: pd.read_parquet(path / name) if name in facts["sha256"] else None
            for field, name in _TABLES.items()
        }
        return {
            "settings": settings,
            "parts": _restore_parts(settings, arrays, device, path, facts),
            "items": Vocabulary.from_column(ids, facts["item_ids"], "item"),
            "states": UserStates.read(path / "users.parquet"),
            "timezone": facts["data"]["timezone"],
            "history": [json.loads(row) for row in text.splitlines()],
            "seed": facts["seed"],
            "summary": summary,
            "spend": None if prices is None or factors is None else Spend(prices, factors),
            "events": KeptEvents.read(path / _EVENTS) if _EVENTS in facts["sha256"] else None,
            "new_items": _read_new_items(path, facts, new, len(ids)),
            **tables,
        }


def check_scores(model: RIMModel, path: Path) -> None:
    """Refuse a model whose parts do not fit together: one user is scored.

    Raises:
        ModelFormatError: They do not.
    """
    if len(model.states):
        with refusing_damaged(path, "RIM"):
            model.scores().block(slice(0, 1), slice(None))


def _read_new_items(
    path: Path, facts: dict[str, Any], arrays: dict[str, AnyArray], num_items: int
) -> AttributeItems | None:
    saved = facts.get("new_items")
    if saved is None:
        return None
    table = pd.read_parquet(path / _NEW_ITEMS)
    ids = Vocabulary.from_column(table.pop(_ID), saved["ids"], "item")
    return AttributeItems.from_arrays(
        arrays_of("new", arrays), ids, table, num_items, saved["facts"]
    )


def _finite_parts(arrays: dict[str, AnyArray]) -> dict[str, AnyArray]:
    """Return the arrays without what may be infinite or absent.

    That is the logarithm of no chance (a bias), the shape of the chances, and a value's scale.
    """
    parts = {k: v for k, v in arrays.items() if k != "relevance.units"}
    for name, values in parts.items():
        if name.endswith("bias"):
            parts[name] = np.where(np.isneginf(values), 0.0, values)
    return parts | {"chance": np.where(np.isposinf(arrays["chance"]), 0.0, arrays["chance"])}


def _arrays(parts: FittedParts) -> dict[str, AnyArray]:
    """Return all arrays by part and name; a number becomes an array of one."""
    values: dict[str, Any] = {
        "chance": np.array(astuple(parts.probability)),
        "known": parts.seen_share,
        "item_power": parts.item_power,
    }
    for name, part in (
        ("relevance", parts.relevance),
        ("activity", parts.activity),
        (_PAIRS[type(parts.pairs)], parts.pairs),
    ):
        values |= {f"{name}.{key}": value for key, value in part.arrays().items()}
    if parts.new_users is not None:
        values |= {f"users.{key}": array for key, array in parts.new_users.arrays().items()}
    return {name: np.ascontiguousarray(np.atleast_1d(value)) for name, value in values.items()}


def _restore_parts(
    settings: RIMSettings,
    arrays: dict[str, AnyArray],
    device: str,
    path: Path,
    facts: dict[str, Any],
) -> FittedParts:
    start = f"{_FORECASTER}/"
    sums, users = facts["sha256"], facts.get("new_users")
    own = {k.removeprefix(start): v for k, v in sums.items() if k.startswith(start)}
    saved = SavedPart(path / _FORECASTER, own, device)
    pairs = {kind: arrays_of(name, arrays) for kind, name in _PAIRS.items()}
    kind = next((kind for kind, own in pairs.items() if own), LearnedPairs)
    return FittedParts(
        settings.activity_model().from_arrays(arrays_of("activity", arrays), saved),
        settings.relevance_model().from_arrays(arrays_of("relevance", arrays), saved),
        kind.from_arrays(pairs[kind]),
        ProbabilityMap(*(float(number) for number in arrays["chance"])),
        float(arrays["known"].item()) if "known" in arrays else 1.0,
        float(arrays["item_power"].item()) if "item_power" in arrays else 0.0,
        None if users is None else AttributeUsers.from_arrays(users, arrays_of("users", arrays)),
    )
