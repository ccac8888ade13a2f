"""The events that a model's states are of, kept so that newer ones can be added to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tsgen.arrays import Codes, Indices, Integers
from tsgen.data import Interactions, Vocabulary, as_interactions
from tsgen.errors import DataError

from .scoring import of_listed_items

if TYPE_CHECKING:
    from .model import RIMModel

__all__ = ["KeptEvents", "training_log"]


@dataclass(frozen=True, eq=False)
class KeptEvents:
    """Who did what when, of n users in the order of a model's states.

    About 12 bytes an event, in a file less; no values, no attributes.

    Attributes:
        offsets: User i has the events `offsets[i]` to `offsets[i + 1]`, (n + 1,).
        item: (events,) codes of the model's items.
        time: (events,) microseconds since 1970 UTC.
    """

    offsets: Integers
    item: Codes
    time: Integers

    @classmethod
    def of(cls, log: Interactions) -> Self:
        """Return the events of a log."""
        return cls(log.offsets, log.item, log.time)

    def log(self, users: Vocabulary, items: Vocabulary, timezone: str | None) -> Interactions:
        """Return them as a log of these users and items."""
        return Interactions(users, items, self.offsets, self.item, self.time, timezone=timezone)

    def of_rows(self, rows: Indices) -> Self:
        """Return the events of some users, in another order."""
        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        chosen = np.repeat(self.offsets[:-1][rows] - offsets[:-1], lengths)
        chosen = chosen + np.arange(int(offsets[-1]))
        return type(self)(offsets, self.item[chosen], self.time[chosen])

    def write(self, path: Path) -> None:
        """Write them as Parquet, a row an event."""
        user = np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int32), np.diff(self.offsets))
        columns = {"user": user, "item": self.item, "time": self.time}
        table = pa.table({name: pa.array(values) for name, values in columns.items()})
        facts = {"num_users": str(len(self.offsets) - 1)}
        pq.write_table(table.replace_schema_metadata(facts), path, compression="zstd")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote."""
        table = pq.read_table(path)
        num = int(table.schema.metadata[b"num_users"])
        counts = np.bincount(table["user"].to_numpy(), minlength=num)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        return cls(offsets, table["item"].to_numpy(), table["time"].to_numpy())


def training_log(model: RIMModel, log: Any, needed: str) -> Interactions:
    """Return the events that a model's states are of: those it keeps, or those of a given log.

    Args:
        model: The model.
        log: The training log, or None.
        needed: What they are for, and what to do, in the words that end a sentence.

    Raises:
        DataError: The model keeps none, and `log` is None.
    """
    if log is not None:
        given = as_interactions(log, model.read_options)
        return of_listed_items(given.where(given.time < model.states.at), model.items)
    if model.events is None:
        raise DataError(
            "The model keeps no events (it was trained with keep_events=False, or by an earlier "
            f"version), {needed}"
        )
    return model.events.log(model.states.users, model.items, model.timezone)
