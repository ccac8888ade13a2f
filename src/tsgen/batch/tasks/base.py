"""What every task can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

__all__ = ["BatchTask", "InputBlock"]


@dataclass(frozen=True, eq=False)
class InputBlock:
    """Some rows of an input.

    Attributes:
        table: The rows.
        end: Of events, the time in microseconds when the last stamp's period is over; else None.
    """

    table: pd.DataFrame
    end: int | None = None


class BatchTask(ABC):
    """A pure function from a table to a table, by a fitted model; a frozen dataclass.

    Rows of one `key` are always in one table, and the result for a key does not depend on which
    other keys are beside it: so partitions may be of any size, on any machine.

    Attributes:
        kind: The kind of model it needs, such as "rim".
    """

    kind: ClassVar[str]

    @property
    @abstractmethod
    def key(self) -> str:
        """Column of the blocks' tables whose rows must stay together."""

    def settings(self) -> dict[str, Any]:
        """Return what the results of partitions depend on: not what `merged` alone looks at."""
        mine = fields(self)  # type: ignore[arg-type]
        return {f.name: getattr(self, f.name) for f in mine if not f.metadata.get("merging")}

    @abstractmethod
    def check(self, model: Any) -> None:
        """Refuse what is impossible with this model, before any input is read."""

    @abstractmethod
    def blocks(self, model: Any, path: Path) -> Iterator[InputBlock]:
        """Read an input in blocks."""

    @abstractmethod
    def apply(self, model: Any, table: pd.DataFrame, end: int | None) -> pd.DataFrame:
        """Return the result for the rows of some keys.

        Args:
            model: The fitted model.
            table: Rows as `blocks` gives them, all of each key's.
            end: The latest `InputBlock.end` of the whole input.
        """

    def merged(self, parts: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """Return the whole result from those of the partitions, in pieces; by default as they are.

        A result's `attrs` hold what it counted, by name.
        """
        return parts
