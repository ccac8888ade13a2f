"""Series that a model was not trained on: counted, with the id that may have been meant."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tsgen.arrays import Mask
from tsgen.errors import DataWarning

__all__ = ["say_new_series"]


def say_new_series(item_ids: Sequence[Any], trained: Mask, remembered: Sequence[Any]) -> None:
    """Warn of series that are drawn as the model does not know them, beside others or by mistake.

    Where all are new, and none is spelt like one of the model's, that is what was asked for.

    Args:
        item_ids: Of the n series; None is a series without an id, which is new on purpose.
        trained: (n,), which of them the model was trained on.
        remembered: Ids of the training series.
    """
    new = [i for i, ours in zip(item_ids, trained, strict=True) if not ours and i is not None]
    hint = _spelling(new, remembered)
    if not new or (not hint and not trained.any()):
        return
    warnings.warn(
        f"{len(new)} of {len(item_ids)} series are new to the model (the first is {new[0]!r}): "
        f"their scale is that of their own values, and what else they are like is unknown.{hint}",
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
