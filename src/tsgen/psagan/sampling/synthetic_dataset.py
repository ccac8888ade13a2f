"""The drawn series as a dataset: ids of their own, and from what they were made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tsgen.arrays import Array, Integers
from tsgen.data import SeriesDataset
from tsgen.rng import occurrences

from ..memory import DataFacts

if TYPE_CHECKING:
    from .requests import Requests

__all__ = ["first_numbers", "synthetic_dataset"]

_SYNTHETIC = re.compile(r"synthetic/(.*)/(\d{1,9})", re.DOTALL)


def synthetic_dataset(
    requests: Requests, values: Array, facts: DataFacts, seed: int
) -> SeriesDataset:
    """Return drawn values as a dataset whose entries say where they come from.

    Args:
        requests: Which series were drawn.
        values: (steps of all series,).
        facts: What the model remembers of the training data.
        seed: That they were drawn with.
    """
    sources, like = requests.table.item_ids, requests.like
    meta = facts if like is None else like
    return SeriesDataset(
        values=values,
        offsets=requests.offsets,
        starts=requests.starts,
        freq=facts.freq,
        item_ids=_new_ids(sources, () if like is None else like.item_ids),
        static_cat=requests.table.static - 1 if like is None else like.static_cat[requests.rows],
        static_names=meta.static_names,
        static_categories=meta.static_categories,
        static_real=requests.table.static_real if like is None else like.static_real[requests.rows],
        timezone=meta.timezone,
        label=meta.label,
        info=tuple(
            {"synthetic": True, "source_item_id": source, "model": "psa-gan", "seed": seed}
            for source in sources
        ),
        dynamic=requests.features,
        dtype="float32" if like is None else like.dtype,
    )


def first_numbers(sources: Sequence[str | int], taken: Sequence[str | int]) -> Integers:
    """Return, for each source, the first number from which on "synthetic/SOURCE/..." is free."""
    next_of: dict[str, int] = {}
    for item_id in taken:
        match = _SYNTHETIC.fullmatch(item_id) if isinstance(item_id, str) else None
        if match:
            next_of[match[1]] = max(next_of.get(match[1], 0), int(match[2]) + 1)
    return np.array([next_of.get(str(source), 0) for source in sources], dtype=np.int64)


def _new_ids(sources: Sequence[str | int], taken: Sequence[str | int]) -> tuple[str, ...]:
    """Return "synthetic/SOURCE/NUMBER" for each source; numbers go on where ids are taken."""
    texts = [str(source) for source in sources]  # 1 and "1" may both be series
    numbers = first_numbers(texts, taken) + occurrences(texts)
    return tuple(f"synthetic/{text}/{n}" for text, n in zip(texts, numbers, strict=True))
