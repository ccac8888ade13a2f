"""What is asked of a fitted PSA-GAN: which series, after whom, from when, how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from tsgen.arrays import Integers, Mask
from tsgen.data import SeriesDataset
from tsgen.data.series import DynamicFeatures
from tsgen.errors import SettingsError
from tsgen.rng import KeyedStreams, entry_keys, numpy_stream, occurrences

from ..memory import DataFacts, Grain, SeriesTable
from .synthetic_dataset import first_numbers

__all__ = ["Requests", "check_request", "series_facts"]


@dataclass(frozen=True)
class Requests:
    """R series to draw: facts of their source, first step, position in the source, length.

    Their features that change in time, if there are some, begin and end with them. Series of
    several channels have one `Requests` for each channel, alike in all but the table. The results
    have static columns and zone of `rows` of `like`, or as the model remembers.
    """

    table: SeriesTable
    like: SeriesDataset | None
    rows: Integers
    starts: Integers
    positions: Integers
    lengths: Integers
    features: DynamicFeatures | None = None

    @classmethod
    def after(
        cls,
        table: SeriesTable,
        starts: Integers,
        lengths: Integers,
        stride: int,
        like: SeriesDataset | None = None,
        rows: Integers | None = None,
    ) -> Self:
        """Request one series after each row of `table` (entry `rows` of `like`), from `starts`."""
        rows = np.arange(len(table)) if rows is None else rows
        return cls(table, like, rows, starts, (starts - table.starts) // stride, lengths)

    @classmethod
    def of_training_series(
        cls,
        tables: Sequence[SeriesTable],
        items: Sequence[Any] | None,
        num_samples: int,
        start: int | None,
        length: int,
        stride: int,
        seed: int,
        kind: Mask | None = None,
    ) -> list[Self]:
        """Request series that the model knows, at random times of their training part.

        Args:
            tables: What the model remembers, one table for each channel.
            items: `num_samples` series of each of these; None takes `num_samples` random ones.
            num_samples: See `items`.
            start: Period ordinal of every first step; None draws one each.
            length: Steps of every series.
            stride: Period ordinals from one step to the next.
            seed: Same seed, same requests.
            kind: (n,), which series may be drawn where `items` is None; None for all.
        """
        table = tables[0]
        if items is None:
            eligible = np.flatnonzero(table.index > 0 if kind is None else kind)
            rows = eligible[numpy_stream(seed, "series").integers(len(eligible), size=num_samples)]
        else:
            rows = np.repeat(table.find(list(items)), num_samples)
        chosen = table.rows(rows)
        lengths = np.full(len(rows), length, dtype=np.int64)
        if start is not None:
            starts = np.full(len(rows), start, dtype=np.int64)
        else:
            keys = entry_keys(chosen.item_ids, chosen.starts, lengths)
            streams = KeyedStreams.of(seed, "start", keys, occurrences(keys))
            room = np.maximum(chosen.lengths - lengths, 0)
            starts = chosen.starts + streams.integers(room + 1) * stride
        return [cls.after(channel.rows(rows), starts, lengths, stride) for channel in tables]

    @property
    def offsets(self) -> Integers:
        """(R + 1,), where each series begins among the values of all."""
        return np.concatenate([[0], np.cumsum(self.lengths)]).astype(np.int64)

    def streams(self, seed: int) -> KeyedStreams:
        """Return the random streams of the R series; see `tsgen.rng`.

        Of several series of one key, each is a draw of its own; so is a series whose source has
        series already in `like`.
        """
        keys = entry_keys(self.table.item_ids, self.starts, self.lengths)
        taken = () if self.like is None else self.like.item_ids
        first = first_numbers(self.table.item_ids, taken)
        return KeyedStreams.of(seed, "sample", keys, first + occurrences(keys))


def series_facts(
    like: SeriesDataset, remembered: SeriesTable, facts: DataFacts, scaling: Any
) -> SeriesTable:
    """Return the facts of a dataset's entries, as the model remembers them or as they are.

    Raises:
        DataError: `like` has another frequency or zone than the model.
    """
    facts.refuse_other_grid(like)
    own = SeriesTable.of(like, scaling, np.zeros(len(like), np.int64))
    places = remembered.places(list(like.item_ids))
    trained = np.flatnonzero(places >= 0)
    static = facts.codes_of(like)
    old = not remembered.grain.present
    grain = Grain.unknown(len(own)) if old else own.grain.calibrated_as(remembered.grain)
    own = replace(own, static=static, grain=grain)
    if not len(trained):
        return own
    kept = remembered.rows(places[trained])
    missing = np.array([name not in like.static_names for name in facts.static_names], bool)
    static[trained] = np.where(missing, kept.static, static[trained])
    both = own.overlaid(trained, kept)
    return replace(both, grain=both.grain.seen_in(like))


def check_request(num_samples: Any, like: Any, items: Any, length: Any, static: Any = None) -> None:
    """Refuse what `sample` cannot do."""
    if static is not None and (like is not None or items is not None):
        other = "like" if like is not None else "items"
        raise SettingsError(f"Give either static or {other}, not both: {other} says which series.")
    if not _is_count(num_samples):
        raise SettingsError(
            f"num_samples={num_samples!r} is not possible; give a whole number from 1."
        )
    if like is not None and items is not None:
        raise SettingsError("Give either like or items, not both.")
    if isinstance(items, str | int):
        raise SettingsError(f"items={items!r} is one id; give a list, items=[{items!r}].")
    if items is not None and not len(items):
        raise SettingsError("items is empty; name at least one series, or leave it out.")
    if isinstance(length, str) and length == "like":
        if like is None:
            raise SettingsError("length='like' needs a dataset in like.")
    elif length is not None and not _is_count(length):
        raise SettingsError(f"length={length!r} is not possible; give steps from 1 or 'like'.")


def _is_count(number: Any) -> bool:
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    return whole and number >= 1
