"""The digest of an event log: equal content, equal text, on any machine."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..columns import plain_value
from .ids import Vocabulary

if TYPE_CHECKING:
    from .interactions import Interactions

__all__ = ["content_digest"]


def content_digest(events: Interactions) -> str:
    """Return the SHA-256 of ids, events, values and attributes, 64 hexadecimal digits.

    Attributes count by the names of their columns, in any order; 0.0 and -0.0 are one value.
    """
    digest = hashlib.sha256(json.dumps([events.timezone, events.value is not None]).encode())
    for vocabulary in (events.users, events.items):
        digest.update(_ids(vocabulary))
    for array, dtype in ((events.offsets, "<i8"), (events.item, "<i4"), (events.time, "<i8")):
        digest.update(array.astype(dtype).tobytes())
    if events.value is not None:
        digest.update((events.value + 0.0).astype("<f8").tobytes())
    for what, table in (("users", events.user_table), ("items", events.item_table)):
        if table is not None:
            digest.update(what.encode() + _attributes(table))
    return digest.hexdigest()


def _ids(vocabulary: Vocabulary) -> bytes:
    hashes = pd.util.hash_array(np.asarray(vocabulary.ids.astype(str), dtype=object))
    return hashes.astype("<u8").tobytes()


def _attributes(table: pd.DataFrame) -> bytes:
    digest = hashlib.sha256()
    for name, column in sorted(table.items(), key=lambda pair: str(pair[0])):
        present = column.notna().to_numpy()
        texts = column[present].astype(object).map(lambda value: str(plain_value(value)))
        digest.update(json.dumps(str(name)).encode() + present.tobytes())
        digest.update(pd.util.hash_array(texts.to_numpy(object)).astype("<u8").tobytes())
    return digest.digest()
