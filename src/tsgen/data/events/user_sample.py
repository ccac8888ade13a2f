"""A sample of the users of a log that is larger than memory, stratified by how much they do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Integers, Mask
from tsgen.errors import SettingsError
from tsgen.rng import resolve_seed

from .files import stream_interactions
from .interactions import Interactions
from .reading import ReadOptions

__all__ = ["UserSample", "sample_users"]

_OF_ROWS = ("on_duplicate", "returns", "on_stray", "on_machine")
"""Options that are asked of the sample, not of blocks of the log."""


@dataclass(frozen=True, eq=False)
class UserSample:
    """Some users of a log, with their whole histories.

    Attributes:
        log: Their events.
        of_users: Users of the whole log.
        of_events: Its events, repeated ones and returns included.
        events: As many of the sample, counted in the same way.
    """

    log: Interactions
    of_users: int
    of_events: int
    events: int

    @property
    def factor(self) -> float:
        """What a total of the sample is multiplied by to be one of the log."""
        return self.of_events / self.events

    def facts(self) -> dict[str, Any]:
        """Return what a model that was trained on it says of it."""
        return {
            "users": self.log.num_users,
            "of_users": self.of_users,
            "of_events": self.of_events,
            "factor": round(self.factor, 6),
        }


def sample_users(
    path: str | Path, num_users: int, *, seed: int | None = None, **options: Any
) -> UserSample:
    """Read the histories of some users of a log, which itself may be larger than memory.

    Users are in strata by their number of events (1, 2 to 3, 4 to 7, ...), each with its share of
    the sample: so small and large customers are as frequent as in the log, whatever is drawn. The
    log is read twice; only the users' counts, and the sample, are in memory.

    Args:
        path: The file or folder, as for `read_interactions`.
        num_users: Users wanted; all, if there are fewer.
        seed: Of the choice; None draws one.
        **options: The fields of `ReadOptions`.

    Raises:
        DataError: As for `stream_interactions`.
        SettingsError: An option is impossible.
    """
    if num_users < 1:
        raise SettingsError(f"num_users={num_users} is not possible; use a number from 1.")
    counts = _counts(path, options)
    lengths = np.asarray(counts, np.int64)
    chosen = counts.index[_stratified(lengths, num_users, _keys(counts.index, seed))]
    tables, first = [], None
    for block in stream_interactions(path, **options):
        first = first or block
        drawn = np.repeat(block.users.ids.isin(chosen), block.lengths)
        tables.append(block.where(drawn).to_frame())
    table = pd.concat(tables, ignore_index=True)
    kept = {name: options[name] for name in _OF_ROWS if name in options}
    log = Interactions.from_frame(table, **kept)
    if first is not None:
        log = replace(log, timezone=first.timezone, read_options=ReadOptions(**options))
    return UserSample(log, len(counts), int(counts.sum()), len(table))


def _counts(path: str | Path, options: dict[str, Any]) -> pd.Series[int]:
    """Return the number of events of each user, by id."""
    counts: pd.Series[int] = pd.Series(dtype=np.int64)
    for block in stream_interactions(path, **options):
        counts = counts.add(pd.Series(block.lengths, block.users.ids), fill_value=0)
    return counts.astype(np.int64)


def _keys(ids: pd.Index[Any], seed: int | None) -> Integers:
    """Return a random number for each id, which depends on the id and the seed alone."""
    salt = f"{resolve_seed(seed):016d}"[-16:]
    hashes = pd.util.hash_array(ids.astype(str).to_numpy(object), hash_key=salt)
    return np.asarray(hashes).view(np.int64)


def _stratified(counts: Integers, wanted: int, keys: Integers) -> Mask:
    """Return who is drawn: of each stratum its share, those with the least keys.

    The strata lie one behind the other, and every n-th user is drawn, n = users / wanted: no share
    is off by more than one.
    """
    num = len(counts)
    order = np.lexsort((keys, np.floor(np.log2(counts))))
    drawn = np.zeros(num, bool)
    size = min(wanted, num)
    drawn[order[np.floor((np.arange(size) + 0.5) * num / size).astype(np.int64)]] = True
    return drawn
