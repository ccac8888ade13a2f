"""Models of the kind that a verb needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tsgen.errors import ModelFormatError

__all__ = ["check_kind", "load_model"]


def load_model(path: Path, kind: str, device: str, *, trust: bool = False) -> Any:
    """Load a model of the kind that the verb needs.

    Raises:
        ModelFormatError: The folder holds no model, or one of another kind.
        UntrustedCodeError: It names a class of somebody else, and `trust` is False.
    """
    from tsgen.persistence import load

    check_kind(path, kind)
    return load(path, device=device, trust=trust)


def check_kind(path: Path, kind: str) -> None:
    """Refuse a folder that is no model of the kind that the verb needs, before any work is done.

    Raises:
        ModelFormatError: The folder holds no model, or one of another kind.
    """
    from tsgen.persistence import read_model_json

    held = read_model_json(path)["kind"]
    if held != kind:
        raise ModelFormatError(
            f"{path} holds a {held} model; this needs one of `tsgen train {kind}`."
        )
