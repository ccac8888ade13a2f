"""What tasks on event logs share: histories of some users in, a table out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from tsgen.data import Interactions
from tsgen.data.events import column_names, end_of_log, read_time, stream_interactions, to_stamps
from tsgen.errors import DataWarning, SettingsError

from .base import BatchTask, InputBlock

__all__ = ["EventBatch", "partition_of_users"]


@dataclass(frozen=True)
class EventBatch(BatchTask):
    """A task of a RIM: the input is a log of whole histories.

    Attributes:
        at: When the horizon begins; None is the end of the log, or the model's cut-off if that is
            later. Events at `at` or later are left out.
        read: How the log is read, where it is read otherwise than the training log was (see
            `ReadOptions`).
    """

    kind: ClassVar[str] = "rim"

    at: str | None = None
    read: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The users' histories stay whole."""
        return "user_id"

    def check(self, model: Any) -> None:
        """See `BatchTask`.

        Raises:
            SettingsError: `at` is no time.
        """
        if self.at is not None:
            read_time(self.at, model.timezone)

    def blocks(self, model: Any, source: Path | Iterable[Any]) -> Iterator[InputBlock]:
        """Read the log; the tables have the columns of `Interactions.to_frame`.

        Raises:
            SettingsError: It is no file, or returns are to be taken back by a column of quantities.
        """
        if not isinstance(source, Path):
            raise SettingsError(
                f"A {type(source).__name__} is no event log for a batch; give a file, a folder or "
                "an address."
            )
        options = model.read_options.within(column_names(source)).to_json() | self.read
        if options.get("quantity") and options.get("returns") in ("cancel", "drop"):
            raise SettingsError(
                f"returns={options['returns']!r} by the column '{options['quantity']}' is not "
                "possible in partitions; take returns out of the log first, or pass returns='keep'."
            )
        for events in stream_interactions(source, **options):
            yield InputBlock(events.to_frame(), end_of_log(events))

    def histories(self, model: Any, table: pd.DataFrame) -> Interactions:
        """Return a block's rows as a log, repeated events and returns as the options say.

        It has no values: what an event is worth is the model's, not that of some users' log.
        """
        options = model.read_options.to_json() | self.read
        kept = {name: options[name] for name in ("on_duplicate", "returns") if name in options}
        return replace(Interactions.from_frame(table, **kept), value=None)

    def moment(self, model: Any, end: int | None) -> Any:
        """Return when the horizon begins."""
        if self.at is not None or end is None:
            return self.at
        return max(to_stamps(np.array([end]), model.timezone or "UTC")[0], model.cutoff)


@contextmanager
def partition_of_users() -> Iterator[None]:
    """Let a log lack users inside the block without a word: the others are in other partitions."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The newer log has", DataWarning)
        yield
