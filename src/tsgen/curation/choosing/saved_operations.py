"""Operations of a choice as JSON values and files, and back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tsgen.errors import SettingsError
from tsgen.persistence import load

from ..operations import (
    Draws,
    FunctionOperation,
    Futures,
    Operation,
    Transform,
    as_operation,
    operation,
)
from ..policy import AugmentationPolicy, PolicyEntry

__all__ = ["described", "model_files", "restored_operation"]


def described(made_by: Operation) -> dict[str, Any]:
    """Return what is needed to make an operation again, its trained models apart.

    Raises:
        SettingsError: It is a function of the user, which cannot be saved.
    """
    if isinstance(made_by, Transform):
        if made_by.function is not None:
            raise SettingsError(f"'{made_by.name}' is a function of yours, which is not saved.")
        settings, season = dict(made_by.settings), made_by.season
        return {"kind": "transform", "name": made_by.name, "settings": settings, "season": season}
    if isinstance(made_by, Draws | Futures):
        constraints = getattr(made_by, "constraints", None)
        return {"kind": "model", "name": made_by.name, "constraints": constraints}
    if isinstance(made_by, AugmentationPolicy):
        used = _used(made_by)
        idle = set(made_by.operations) - set(used)
        entries = [asdict(e) for e in made_by.entries if e.operation not in idle]
        parts = {name: described(part) for name, part in used.items()}
        return {"kind": "policy", "name": made_by.name, "entries": entries, "operations": parts}
    if isinstance(made_by, FunctionOperation) and made_by.name.startswith("synforecast-"):
        return {"kind": "named", "name": made_by.name, "settings": dict(made_by.settings)}
    raise SettingsError(
        f"'{made_by.name}' is a function of yours, which cannot be saved; keep your own code and "
        "the chosen ratios, or save the augmented dataset."
    )


def model_files(name: str, made_by: Operation) -> dict[str, Callable[[Path], None]]:
    """Return the files of an operation's trained models: path in the folder -> what writes it."""
    if isinstance(made_by, AugmentationPolicy):
        parts = _used(made_by).items()
        return {
            f"{name}/{path}": write
            for part, inner in parts
            for path, write in model_files(part, inner).items()
        }
    if not isinstance(made_by, Draws | Futures):
        return {}
    model = made_by.model if isinstance(made_by, Draws) else made_by.predictor
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch) / name
        model.save(place)
        return {f"{name}/{file.name}": _copying(file) for file in sorted(place.iterdir())}


def restored_operation(facts: Mapping[str, Any], place: Path, device: str, trust: bool) -> Any:
    """Return the operation that `described` described; `place` is the folder of its model."""
    name, kind = facts["name"], facts["kind"]
    if kind == "transform":
        return Transform(name, facts["settings"], facts.get("season"))
    if kind == "named":
        return operation(name, **facts.get("settings", {}))
    if kind == "policy":
        entries = [PolicyEntry(**entry) for entry in facts["entries"]]
        parts = facts["operations"].items()
        ready = {part: restored_operation(f, place / part, device, trust) for part, f in parts}
        return AugmentationPolicy(entries, ready, name)
    return as_operation(load(place, device=device, trust=trust), name, facts["constraints"])


def _used(policy: AugmentationPolicy) -> dict[str, Operation]:
    """Return the operations given to a policy that are ever taken."""
    taken = {entry.operation for entry in policy.entries if entry.probability > 0}
    return {name: made for name, made in policy.operations.items() if name in taken}


def _copying(source: Path) -> Callable[[Path], None]:
    content = source.read_bytes()

    def write(place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    return write
