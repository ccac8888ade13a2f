"""Finished parts of a choice, kept on disk so that an interrupted one goes on where it stopped."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tsgen.arrays import Array
from tsgen.persistence import load
from tsgen.rng import resolve_seed
from tsgen.storage import write_atomically, write_text

__all__ = ["Cells", "identity_of", "kept_seed"]


class Cells:
    """A folder of finished parts, or none.

    Args:
        folder: Where they are kept; None keeps nothing.
        facts: What all parts depend on: the data, the settings, the seed.
    """

    def __init__(self, folder: Path | None, facts: Any) -> None:
        self.folder, self.facts = folder, facts

    def losses(self, about: Any, compute: Callable[[], Array]) -> Array:
        """Return an array that was kept, or compute and keep it."""
        place = self._place(about, ".npy")
        if place is not None and place.is_file():
            kept: Array = np.load(place, allow_pickle=False)
            return kept
        values = compute()
        if place is not None:
            with write_atomically(place, overwrite=True) as file, file.open("wb") as stream:
                np.save(stream, values, allow_pickle=False)
        return values

    def facts_of(self, about: Any, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return facts that were kept, or compute and keep them."""
        place = self._place(about, ".json")
        if place is not None and place.is_file():
            kept: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
            return kept
        facts = compute()
        if place is not None:
            write_text(place, json.dumps(facts), overwrite=True)
        return facts

    def model(self, about: Any, train: Callable[[], Any]) -> Any:
        """Return a trained model that was kept, or train and keep it (where it can be saved)."""
        place = self._place(about, "")
        if place is not None and place.is_dir():
            return load(place, device="cpu")
        model = train()
        if place is not None and hasattr(model, "save"):
            model.save(place)
        return model

    def _place(self, about: Any, suffix: str) -> Path | None:
        if self.folder is None:
            return None
        text = json.dumps([self.facts, about], sort_keys=True, default=repr)
        return self.folder / (hashlib.sha256(text.encode()).hexdigest()[:16] + suffix)


def identity_of(thing: Any) -> str:
    """Return what tells one way or forecaster from another, the same in the next process.

    It is what the object says of its settings, the text of its functions, and the weights of a
    trained model.
    """
    digest = hashlib.sha256(re.sub(r" at 0x[0-9a-f]+", "", repr(thing)).encode())
    for part in (thing, *getattr(thing, "__dict__", {}).values()):
        digest.update(_source(part).encode())
        weights = getattr(part, "weights", None)
        for name, tensor in sorted(weights.items()) if isinstance(weights, Mapping) else ():
            digest.update(name.encode() + np.asarray(tensor).tobytes())
    return digest.hexdigest()[:16]


def _source(thing: Any) -> str:
    """Return the text of a function, or of an object's class."""
    try:
        return inspect.getsource(thing if inspect.isroutine(thing) else type(thing))
    except (OSError, TypeError):  # typed in, compiled, or a plain value
        return ""


def kept_seed(folder: Path | None, seed: int | None) -> int:
    """Return the seed: the one given, the one an interrupted call has kept, or a fresh one."""
    place = None if folder is None else folder / "seed.txt"
    if seed is None and place is not None and place.is_file():
        return int(place.read_text(encoding="utf-8"))
    seed = resolve_seed(seed)
    if place is not None:
        write_text(place, str(seed), overwrite=True)
    return seed
