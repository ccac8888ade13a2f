"""Ids of users as digests, so that a log or a model holds nobody's name or number."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Indices
from tsgen.errors import DataError, DataWarning, SettingsError

from .ids import Vocabulary, is_digest
from .interactions import Interactions

__all__ = ["are_digests", "check_same_hashing", "hash_users", "hashed_id", "hashed_vocabulary"]

_SHORTEST = 16


def hashed_id(text: Any, salt: str) -> str:
    """Return the SHA-256 of a salt and an id, 64 hexadecimal digits.

    Args:
        text: The id; its text counts.
        salt: A secret text of 16 characters or more. Who has it can find out whose a digest is, by
            trying ids; without it, nobody can.

    Raises:
        SettingsError: The salt is too short.
    """
    if len(salt) < _SHORTEST:
        raise SettingsError(
            f"The salt has {len(salt)} characters; give a secret one of {_SHORTEST} or more, which "
            "nobody can guess."
        )
    return hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()


def hashed_vocabulary(ids: Vocabulary, salt: str) -> tuple[Indices, Vocabulary]:
    """Return the old code of each new one, and the ids as digests, in the digests' order."""
    digests = np.array([hashed_id(one, salt) for one in ids.ids], dtype=object)
    order = np.argsort(digests) if len(digests) else np.zeros(0, np.intp)
    return order, Vocabulary(pd.Index(digests[order], dtype=object), ids.what)


def hash_users(events: Interactions, salt: str) -> Interactions:
    """Return the log with digests for the ids of users; what a digest is, see `hashed_id`.

    A model that is trained on it knows digests only. Lists of it name digests too, which the owner
    of the ids joins by `hashed_id` of each; newer logs are hashed with the same salt.

    Raises:
        SettingsError: The salt is too short.

    Example:
        >>> days = pd.date_range("2024-01-01", periods=3, freq="D")
        >>> table = pd.DataFrame({"user_id": ["b", "a", "a"], "item_id": [7, 8, 7]})
        >>> events = Interactions.from_frame(table.assign(timestamp=days))
        >>> hidden = hash_users(events, "a long and secret text")
        >>> hidden.history(hashed_id("a", "a long and secret text"))["item_id"].tolist()
        [8, 7]
    """
    order, users = hashed_vocabulary(events.users, salt)
    lengths = events.lengths[order]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    begins = np.repeat(events.offsets[:-1][order] - offsets[:-1], lengths)
    rows = begins + np.arange(len(events))
    table = events.user_table
    return replace(
        events,
        users=users,
        offsets=offsets,
        item=events.item[rows],
        time=events.time[rows],
        value=None if events.value is None else events.value[rows],
        user_table=None if table is None else table.iloc[order].reset_index(drop=True),
    )


def are_digests(ids: Vocabulary) -> bool:
    """Return whether ids look like digests, by the first, the middle and the last of them."""
    count = len(ids)
    return count > 0 and all(is_digest(ids.ids[place]) for place in (0, count // 2, count - 1))


def check_same_hashing(older: Vocabulary, newer: Vocabulary) -> None:
    """Refuse digests and plain ids of users side by side, where each would be somebody else.

    Args:
        older: The users of a model or a log.
        newer: Those of events that come to it.

    Raises:
        DataError: One are digests, the other are not.

    Warns:
        DataWarning: Both are digests and none is the same, as if the salts differed.
    """
    if not len(older) or not len(newer):
        return
    hashed, also = are_digests(older), are_digests(newer)
    if hashed != also:
        plain = (newer if hashed else older).ids[0]
        raise DataError(
            f"The users known are {'digests of ids' if hashed else 'no digests'}, those of the new "
            f"events are {'none' if hashed else 'digests'} ({plain!r} is no digest); hash both "
            "with the same salt (tsgen.data.hash_users)."
        )
    if hashed and (older.codes(newer.ids) < 0).all():
        warnings.warn(
            f"None of the {len(newer)} users of the new events, all digests, is known; were they "
            "hashed with the same salt?",
            DataWarning,
            stacklevel=5,
        )
