"""A fitted PSA-GAN without some of its series, or with digests in the place of their ids."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch

from tsgen.data import hashed_id
from tsgen.errors import DataError

from .memory import SeriesTable

__all__ = ["RemembersSeries", "without_series"]

Tables = tuple[SeriesTable, ...]
Weights = dict[str, torch.Tensor]

_FIRST_ROW = {"identity.tables.0.weight": 0, "embedding.table": 1}
"""Where networks keep what they learnt of each series, and the index that the first row is of."""


class RemembersSeries(ABC):
    """A fitted model that can forget series, or keep digests of their ids."""

    _weights: Weights

    @property
    @abstractmethod
    def _tables(self) -> Tables:
        """What is remembered of the series, by channel."""

    @abstractmethod
    def _with(self, tables: Tables, weights: Weights) -> Self:
        """Return the model with other tables and weights."""

    def forget(self, items: Any) -> Self:
        """Return the model without these series: ids, scales, grids, and what networks learnt.

        Save it over the older one, which still knows them. What is learnt of all series together
        stays as it is, and so do the draws of the others.

        Args:
            items: One id, or several.

        Raises:
            UnknownIdError: A series is not known.
            DataError: No series would be left.
        """
        return self._with(*without_series(self._tables, self._weights, items))

    def hashed(self, salt: str) -> Self:
        """Return the model with digests for the ids of series; see `tsgen.data.hashed_id`.

        Series are asked for by their digests, and data given later are known by them.

        Raises:
            SettingsError: The salt is too short.
        """
        digests = tuple(hashed_id(known, salt) for known in self._tables[0].item_ids)
        tables = tuple(replace(table, item_ids=digests) for table in self._tables)
        return self._with(tables, self._weights)


def without_series(tables: Tables, weights: Weights, items: Any) -> tuple[Tables, Weights]:
    """Return tables and weights that know nothing of some series any more.

    Args:
        tables: What is remembered of the series, by channel.
        weights: Of all networks; the rows that were learnt of the series are left out.
        items: One id, or several.

    Raises:
        UnknownIdError: A series is not known.
        DataError: No series would be left.
    """
    wanted = list(items) if isinstance(items, Sequence) and not isinstance(items, str) else [items]
    kept = np.setdiff1d(np.arange(len(tables[0])), tables[0].find(wanted))
    if not len(kept):
        raise DataError("No series would be left in the model; delete its folder instead.")
    used = np.unique(tables[0].index[kept])
    used = used[used > 0]
    place = np.zeros(int(tables[0].index.max()) + 1, np.int64)
    place[used] = np.arange(1, len(used) + 1)
    rows = (table.rows(kept) for table in tables)
    fewer = tuple(replace(table, index=place[table.index]) for table in rows)
    return fewer, {name: _fewer_rows(name, tensor, used) for name, tensor in weights.items()}


def _fewer_rows(name: str, tensor: torch.Tensor, used: npt.NDArray[np.int64]) -> torch.Tensor:
    """Return what a network learnt of the series with these indices alone, in their order."""
    first = next((row for end, row in _FIRST_ROW.items() if name.endswith(end)), None)
    if first is None:
        return tensor
    unknown = np.zeros(1 - first, np.int64)
    return tensor[torch.from_numpy(np.concatenate([unknown, used - first]))].clone()
