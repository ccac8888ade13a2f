"""Which training series are of a kind: of the static categories asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tsgen.arrays import Mask
from tsgen.errors import DataError

if TYPE_CHECKING:
    from ..sampler import DrawsSeries

__all__ = ["series_of_kind"]


def series_of_kind(model: DrawsSeries, static: Mapping[str, Any] | None) -> Mask | None:
    """Return which series that a model learnt are of a kind, (n,); None for all.

    Raises:
        SettingsError: The model knows no such static column.
        UnknownIdError: A category that no training series had.
        DataError: No series has all categories.
    """
    if not static:
        return None
    which: Mask = model.table.index > 0
    for column, code in model.data.static_codes_of(static).items():
        which = which & (model.table.static[:, column] == code)
    if not which.any():
        asked = ", ".join(f"{name}={value}" for name, value in static.items())
        raise DataError(
            f"No series that the model learnt has {asked}. Ask for fewer columns, or give an entry "
            "of that kind with like=."
        )
    return which
