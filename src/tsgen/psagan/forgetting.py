"""A fitted PSA-GAN without some of its series, or with digests in the place of their ids."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch

from tsgen.arrays import Integers
from tsgen.data import hashed_id
from tsgen.data.series import DynamicFeatures
from tsgen.errors import DataError

from .memory import SeriesTable

__all__ = ["RemembersSeries"]

Tables = tuple[SeriesTable, ...]
Weights = dict[str, torch.Tensor]

_SHARED = ("settings", "data", "conditions", "plan", "history", "seed")
_FIRST_ROW = {"identity.tables.0.weight": 0, "embedding.table": 1}
"""Where networks keep what they learnt of each series, and the index that the first row is of."""


class RemembersSeries(ABC):
    """A fitted model that can forget series, or keep digests of their ids."""

    _weights: Weights
    features: DynamicFeatures | None

    @property
    @abstractmethod
    def _tables(self) -> Tables:
        """What is remembered of the series, by channel."""

    @abstractmethod
    def _arguments(self, tables: Tables) -> dict[str, Any]:
        """Return what only this kind of model is made of."""

    def forget(self, items: Any) -> Self:
        """Return the model without these series: ids, scales, grids, and what networks learnt.

        Save it over the older one, which still knows them. What is learnt of all series together
        stays as it is, and so do the draws of the others. A noise scale is to be set anew.

        Args:
            items: One id, or several.

        Raises:
            UnknownIdError: A series is not known.
            DataError: No series would be left.
        """
        kept = _others(self._tables[0], items)
        return self._with(*_only(kept, self._tables, self._weights), kept)

    def hashed(self, salt: str) -> Self:
        """Return the model with digests for the ids of series; see `tsgen.data.hashed_id`.

        Series are asked for by their digests, and data given later are known by them.

        Raises:
            SettingsError: The salt is too short.
        """
        digests = tuple(hashed_id(one, salt) for one in self._tables[0].item_ids)
        tables = tuple(replace(table, item_ids=digests) for table in self._tables)
        return self._with(tables, self._weights, np.arange(len(digests)))

    def _with(self, tables: Tables, weights: Weights, kept: Integers) -> Self:
        """Return the model with other tables and weights; `kept` are the old rows of the series."""
        arguments = {name: getattr(self, name) for name in _SHARED} | self._arguments(tables)
        if self.features is not None:
            begin = np.zeros(len(kept), np.int64)
            arguments["features"] = self.features.cut(kept, begin, self.features.lengths[kept])
        make: Any = type(self)
        changed: Self = make(weights=weights, table=tables[0], **arguments)
        return changed


def _others(table: SeriesTable, items: Any) -> Integers:
    """Return the rows of all series but some."""
    wanted = list(items) if isinstance(items, Sequence) and not isinstance(items, str) else [items]
    kept = np.setdiff1d(np.arange(len(table)), table.find(wanted))
    if not len(kept):
        raise DataError("No series would be left in the model; delete its folder instead.")
    return kept


def _only(kept: Integers, tables: Tables, weights: Weights) -> tuple[Tables, Weights]:
    """Return tables and weights that know nothing of the other series any more."""
    used = np.unique(tables[0].index[kept])
    used = used[used > 0]
    place = np.zeros(int(tables[0].index.max()) + 1, np.int64)
    place[used] = np.arange(1, len(used) + 1)
    rows = (table.rows(kept) for table in tables)
    fewer = tuple(replace(table, index=place[table.index]) for table in rows)
    return fewer, {name: _fewer_rows(name, tensor, used) for name, tensor in weights.items()}


def _fewer_rows(name: str, tensor: torch.Tensor, used: Integers) -> torch.Tensor:
    """Return what a network learnt of the series with these indices alone, in their order."""
    first = next((row for end, row in _FIRST_ROW.items() if name.endswith(end)), None)
    if first is None:
        return tensor
    unknown = np.zeros(1 - first, np.int64)
    return tensor[torch.from_numpy(np.concatenate([unknown, used - first]))].clone()
