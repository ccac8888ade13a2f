"""Models of the kind that a verb needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tsgen.errors import DataError, ModelFormatError

from .events import read_table

if TYPE_CHECKING:
    from tsgen.intensity import RIMModel

__all__ = ["NewItems", "check_kind", "load_model", "load_rim"]

NewItems = Annotated[
    Path | None,
    typer.Option(
        help="Table of items that no event mentions: their ids, and the attributes of training."
    ),
]


def load_rim(
    path: Path, device: str, *, trust: bool = False, new_items: Path | None = None
) -> RIMModel:
    """Load a RIM, with the items of a table if one is given; see `RIMModel.with_items`.

    Raises:
        DataError: The table cannot be read, or does not fit the model.
    """
    rim: RIMModel = load_model(path, "rim", device, trust=trust)
    if new_items is None:
        return rim
    table = read_table(new_items, rim.read_options.item_id)
    try:
        return rim.with_items(table)
    except DataError as error:
        raise DataError(f"{new_items}: {error}", field=error.field, row=error.row) from error


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
