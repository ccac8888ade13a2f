"""Series that a model was not trained on: counted, with the id that may have been meant."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tsgen.arrays import Mask
from tsgen.errors import DataWarning

__all__ = ["say_new_series"]


def say_new_series(item_ids: Sequence[Any], trained: Mask, remembered: Sequence[Any]) -> None:
    """Warn of series that the model was not trained on: they are drawn, forecast or filled as new.

    Args:
        item_ids: Of the n series; None is a series without an id, which is new on purpose.
        trained: (n,), which of them the model was trained on.
        remembered: Ids of the training series.
    """
    new = [i for i, ours in zip(item_ids, trained, strict=True) if not ours and i is not None]
    if not new:
        return
    warnings.warn(
        f"{len(new)} of {len(item_ids)} series are new to the model (the first is {new[0]!r}): "
        f"their scale is that of their own values, and what else they are like is unknown."
        f"{_spelling(new, remembered)}",
        DataWarning,
        stacklevel=5,
    )


def _spelling(new: Sequence[Any], remembered: Sequence[Any]) -> str:
    """Return a hint if a new id is a known one but for blanks, case or leading zeros."""
    meant = {_bare(item_id): item_id for item_id in remembered}
    for item_id in new:
        if _bare(item_id) in meant:
            return (
                f" Is {item_id!r} the series {meant[_bare(item_id)]!r} of the model? Write the ids "
                "as they were in training."
            )
    return ""


def _bare(item_id: Any) -> str:
    return str(item_id).strip().casefold().lstrip("0")
