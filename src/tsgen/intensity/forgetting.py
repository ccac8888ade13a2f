"""A fitted RIM without some of its users, or with digests in the place of their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tsgen.arrays import Indices
from tsgen.data import Vocabulary, hashed_vocabulary
from tsgen.errors import DataError

from .scoring import as_list

if TYPE_CHECKING:
    from .model import RIMModel

__all__ = ["with_hashed_users", "without_users"]


def without_users(model: RIMModel, users: Any) -> dict[str, Any]:
    """Return what changes in a model that forgets users; see `RIMModel.forget`."""
    vocabulary = model.states.users
    kept = np.setdiff1d(np.arange(len(vocabulary)), vocabulary.find(as_list(users, vocabulary)))
    if not len(kept):
        raise DataError("Nobody would be left in the model; delete its folder instead.")
    return _of_users(model, kept, Vocabulary(vocabulary.ids[kept], "user"))


def with_hashed_users(model: RIMModel, salt: str) -> dict[str, Any]:
    """Return what changes in a model that knows digests of ids; see `RIMModel.hashed`."""
    return _of_users(model, *hashed_vocabulary(model.states.users, salt))


def _of_users(model: RIMModel, rows: Indices, users: Vocabulary) -> dict[str, Any]:
    table, events = model.user_table, model.events
    return {
        "spend": None if model.spend is None else model.spend.of_rows(rows),
        "events": None if events is None else events.of_rows(rows),
        "states": model.states.of_rows(rows, users),
        "user_table": None if table is None else table.iloc[rows].reset_index(drop=True),
        "summary": model.summary | {"num_users": len(rows)},
    }
