"""Which columns of a table are ids, times and values: as asked for, or by the names clients use.

Without being asked, `item_id, timestamp, target` (tsgen, AutoGluon) and `unique_id, ds, y`
(Nixtla) are understood, each name for itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from tsgen.errors import DataError

__all__ = ["Roles"]

_NIXTLA = {"item_id": "unique_id", "timestamp": "ds", "target": "y"}


@dataclass(frozen=True)
class Roles:
    """The columns of a long table.

    Attributes:
        item_id: Of the ids; None for a table of one series.
        timestamp: Of the times.
        targets: Of the values, one or several.
    """

    item_id: str | None = "item_id"
    timestamp: str = "timestamp"
    targets: tuple[str, ...] = ("target",)

    def within(self, names: Iterable[Any]) -> Roles:
        """Return the roles in a table with these columns; what is not there stays as it is.

        Raises:
            DataError: A role could be either of two columns.
        """
        there = list(names)
        if all(name in there for name in self._asked()):
            return self
        return Roles(
            None if self.item_id is None else self._one(self.item_id, "item_id", there),
            self._one(self.timestamp, "timestamp", there),
            tuple(self._one(name, "target", there) for name in self.targets),
        )

    def in_columns(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the table with ids and times that are its index as columns.

        Those are levels of the index with the name of a role, and a level of times where no column
        has that role.
        """
        index = table.index
        wanted = {*self._asked(), *(_NIXTLA[name] for name in self._asked() if name in _NIXTLA)}
        levels = {k: name for k, name in enumerate(index.names) if name in wanted}
        if not {self.timestamp, _NIXTLA.get(self.timestamp)} & {*table.columns, *levels.values()}:
            times = [k for k in range(index.nlevels) if _holds_times(index.get_level_values(k))]
            levels |= {k: self.timestamp for k in times[:1]}
        if not levels:
            return table
        named = {k: name for k, name in enumerate(index.names) if name is not None} | levels
        flat = table.reset_index(drop=True)
        for k, name in named.items():
            if name not in table.columns:
                flat[name] = index.get_level_values(k).array
        return flat

    def free(self, names: Collection[Any]) -> bool:
        """Whether ids and values have the usual names, and a table lacks both."""
        usual = Roles()
        mine = (usual.item_id, usual.targets) == (self.item_id, self.targets)
        return mine and not {"item_id", "target"} & set(names)

    def with_ids(self) -> Roles:
        """Return the same with a column of ids."""
        return self if self.item_id else replace(self, item_id=Roles().item_id)

    def _asked(self) -> list[str]:
        return [*([self.item_id] if self.item_id else []), self.timestamp, *self.targets]

    @staticmethod
    def _one(name: str, role: str, there: list[Any]) -> str:
        other = _NIXTLA[role]
        if name != role or other not in there:
            return name
        if name in there:
            raise DataError(
                f"The table has the columns '{name}' and '{other}', and either could be the "
                f"{role}; say {role}='{name}' and the other columns' names, or leave one out.",
                field=name,
            )
        return other


def _holds_times(level: pd.Index) -> bool:
    return isinstance(level, pd.DatetimeIndex | pd.PeriodIndex)
