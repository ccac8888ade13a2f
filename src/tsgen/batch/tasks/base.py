"""What every task can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import Field, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import pandas as pd

__all__ = ["BatchTask", "InputBlock", "Merged", "PartResults"]


@dataclass(frozen=True, eq=False)
class InputBlock:
    """Some rows of an input.

    Attributes:
        table: The rows.
        end: What the greatest of all blocks says of the whole: of events, the time in microseconds
            when the last stamp's period is over; of entries see `entry_blocks`; else None.
    """

    table: pd.DataFrame
    end: int | None = None


class PartResults(Protocol):
    """Results of all partitions, in order; they can be read again."""

    @property
    def folder(self) -> Path:
        """Where files in between may be written; it goes with the batch."""
        ...

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Read one after another; its `attrs` hold what it counted, by name."""
        ...


@dataclass(frozen=True, eq=False)
class Merged:
    """The result for a whole input.

    Attributes:
        pieces: The table, piece by piece.
        details: What else came of it.
    """

    pieces: Iterator[pd.DataFrame]
    details: Any = None


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
        return {f.name: getattr(self, f.name) for f in self._fields(merging=False)}

    def for_partitions(self) -> Self:
        """Return the task without what `merged` alone looks at, to be sent to workers."""
        return replace(self, **{f.name: f.default for f in self._fields(merging=True)})  # type: ignore[type-var]

    def _fields(self, *, merging: bool) -> list[Field[Any]]:
        every = fields(self)  # type: ignore[arg-type]
        return [f for f in every if bool(f.metadata.get("merging")) == merging]

    @abstractmethod
    def check(self, model: Any) -> None:
        """Refuse what is impossible with this model, before any input is read."""

    @abstractmethod
    def blocks(self, model: Any, source: Path | Iterable[Any]) -> Iterator[InputBlock]:
        """Read an input in blocks.

        Args:
            model: The fitted model.
            source: A file or folder; or entries, for tasks that take them.
        """

    @abstractmethod
    def apply(self, model: Any, table: pd.DataFrame, end: int | None) -> pd.DataFrame:
        """Return the result for the rows of some keys.

        Args:
            model: The fitted model.
            table: Rows as `blocks` gives them, all of each key's.
            end: The latest `InputBlock.end` of the whole input.
        """

    def merged(self, model: Any, parts: PartResults) -> Merged:
        """Return the whole result from those of the partitions; by default as they are.

        Args:
            model: The fitted model.
            parts: Results of the partitions.
        """
        return Merged(iter(parts))
