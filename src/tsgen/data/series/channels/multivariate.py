"""`MultivariateDataset`: series of several channels observed together, and a GluonTS dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from gluonts.dataset.field_names import FieldName

from tsgen.arrays import AnyArray, Array, Indices, Integers, Mask
from tsgen.displays import html_facts
from tsgen.errors import DataError, nearest

from ..dataset import SeriesDataset
from ..dynamic import DynamicFeatures
from ..gluonts_entries import place_in, say_rounded
from ..layouts import FrameLayout, frame_of
from .agreement import check_channels
from .panel import panel_channels

__all__ = ["MultivariateDataset", "joined", "parts_of"]


@dataclass(frozen=True, eq=False, repr=False)
class MultivariateDataset:
    """Entries of several channels that were observed together, on one regular time grid.

    Made by `to_dataset` and `read_series` with several target columns, or of GluonTS entries whose
    target has two dimensions, and by `of_panel` of series that belong together. Iterating yields
    GluonTS entries whose `target` is (C, T), NaN = missing; all have the same keys.

    Args:
        parts: One dataset for each channel: the same entries, steps and static columns in each,
            the channel's own values.
        channels: The channels' names, two at the least.

    Raises:
        DataError: The parts do not fit together, or a name is impossible.

    Example:
        >>> import pandas as pd
        >>> from tsgen.data import to_dataset
        >>> days = pd.date_range("2024-01-01", periods=3, freq="D")
        >>> table = pd.DataFrame({"item_id": "shop", "timestamp": days})
        >>> table = table.assign(visits=[5.0, 7.0, 6.0], sales=[1.0, 3.0, 2.0])
        >>> dataset = to_dataset(table, target=["visits", "sales"])
        >>> dataset
        MultivariateDataset(1 entries of 2 channels, 3 steps, freq='D')
        >>> next(iter(dataset))["target"].shape
        (2, 3)
        >>> dataset.channel("sales").series(0).tolist()
        [1.0, 3.0, 2.0]
    """

    parts: tuple[SeriesDataset, ...]
    channels: tuple[str, ...]

    def __post_init__(self) -> None:
        check_channels(self.channels, self.parts)

    @classmethod
    def of_panel(cls, dataset: SeriesDataset, *, item_id: str = "panel") -> Self:
        """Take the series of a dataset as the channels of one entry, observed together.

        The entry spans from the first step of the earliest series to the last of the latest; a
        channel is missing (NaN) where its series has no step. Static columns stay where all series
        agree; the others belong to channels and are left out.

        Args:
            dataset: Two series or more; their ids become the channels' names.
            item_id: The entry's id.

        Raises:
            DataError: One series only, no step that all series have, or steps that do not meet.

        Warns:
            DataWarning: Static columns were left out.
        """
        return cls(*panel_channels(dataset, item_id))

    def __len__(self) -> int:
        return len(self.parts[0])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for part in self.parts:
            say_rounded(part)
        values = self.values.astype(self.parts[0].dtype)
        offsets, first = self.parts[0].offsets, self.parts[0].with_dtype("float64")
        for i, entry in enumerate(first):
            yield entry | {FieldName.TARGET: values[:, offsets[i] : offsets[i + 1]].copy()}

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return self.subset(np.arange(len(self))[place])
        i = place_in(len(self), place)
        channels = [part[i][FieldName.TARGET] for part in self.parts]
        return self.parts[0][i] | {FieldName.TARGET: np.stack(channels)}

    def _repr_html_(self) -> str:
        return html_facts(repr(self), self.facts())

    def __repr__(self) -> str:
        zone = f", timezone={self.timezone!r}" if self.timezone else ""
        size = f"{len(self)} entries of {len(self.channels)} channels, {self.lengths.sum()} steps"
        return f"MultivariateDataset({size}, freq={self.freq!r}{zone})"

    @property
    def item_ids(self) -> tuple[str | int, ...]:
        """The entries' ids."""
        return self.parts[0].item_ids

    @property
    def freq(self) -> str:
        """The Period frequency of all entries."""
        return self.parts[0].freq

    @property
    def timezone(self) -> str | None:
        """The zone that all times are the wall clock of; None if unknown."""
        return self.parts[0].timezone

    @property
    def dynamic(self) -> DynamicFeatures | None:
        """Features that change in time, which all channels share."""
        return self.parts[0].dynamic

    @property
    def starts(self) -> Integers:
        """Period ordinal of each entry's first step, shape (entries,)."""
        return self.parts[0].starts

    @property
    def lengths(self) -> Integers:
        """Number of steps of each entry, shape (entries,)."""
        return self.parts[0].lengths

    @property
    def offsets(self) -> Integers:
        """Entry i is `values[:, offsets[i]:offsets[i + 1]]`, shape (entries + 1,)."""
        return self.parts[0].offsets

    @property
    def synthetic(self) -> Mask:
        """Which entries were generated, by their `info`, shape (entries,)."""
        return self.parts[0].synthetic

    @property
    def values(self) -> Array:
        """The values of all entries one after another, NaN = missing, shape (C, steps)."""
        return np.stack([part.values for part in self.parts])

    def with_dtype(self, dtype: Literal["float32", "float64"]) -> Self:
        """Return this dataset with entries whose targets have another type.

        Raises:
            SettingsError: Neither "float32" nor "float64".
        """
        return replace(self, parts=tuple(part.with_dtype(dtype) for part in self.parts))

    @property
    def series(self) -> SeriesDataset:
        """Every channel of every entry as a series of its own, "ITEM_ID/CHANNEL"."""
        return SeriesDataset.concat([
            _named_after(part, name) for name, part in zip(self.channels, self.parts, strict=True)
        ])  # fmt: skip

    def channel(self, name: str) -> SeriesDataset:
        """Return one channel of all entries as univariate series.

        Raises:
            DataError: There is no such channel.
        """
        if name not in self.channels:
            raise DataError(
                f"There is no channel '{name}'.{nearest(name, self.channels)} The channels are: "
                f"{', '.join(self.channels)}.",
                field=name,
            )
        return self.parts[self.channels.index(name)]

    def subset(self, indices: Sequence[int] | AnyArray) -> Self:
        """Return the entries at `indices` (positions or a mask), in that order.

        Raises:
            DataError: `indices` names an entry twice, or nothing at all.
        """
        return self._each(lambda part: (part.subset(indices),))[0]

    def split(self, *, until: Any = None, last: int | None = None) -> tuple[Self, Self]:
        """Cut every entry in two in time, as `SeriesDataset.split` does."""
        before, after = self._each(lambda part: part.split(until=until, last=last))
        return before, after

    def cut(
        self,
        chosen: Indices,
        begin: Integers,
        end: Integers,
    ) -> Self:
        """Return steps `begin` to `end` of the chosen entries, as `SeriesDataset.cut` does."""
        return self._each(lambda part: (part.cut(chosen, begin, end),))[0]

    @classmethod
    def concat(cls, datasets: Sequence[MultivariateDataset]) -> MultivariateDataset:
        """Put datasets one after another: the same channels and grid, distinct ids.

        Raises:
            DataError: The datasets differ in kind, share an id, or there are none.
        """
        if not datasets:
            raise DataError("concat needs at least one dataset.")
        channels = datasets[0].channels
        for other in (dataset.channels for dataset in datasets[1:]):
            if other != channels:
                both = f"{', '.join(channels)} and {', '.join(other)}"
                raise DataError(f"Datasets with different channels cannot be joined: {both}.")
        places = zip(*(dataset.parts for dataset in datasets), strict=True)
        return cls(tuple(SeriesDataset.concat(parts) for parts in places), channels)

    def with_dynamic(self, dynamic: DynamicFeatures | None) -> Self:
        """Return the same entries with other features that change in time, or without any."""
        return replace(self, parts=tuple(part.with_dynamic(dynamic) for part in self.parts))

    def to_frame(self, layout: FrameLayout = "long", *, provenance: bool = False) -> pd.DataFrame:
        """Return the entries as a table: item_id, timestamp, one column a channel, static columns.

        So it is in the layouts "long" and "gluonts"; `to_dataset` reads it back with `target` = the
        channels. In "nixtla" and "wide" every channel of an entry is a series, "ITEM_ID/CHANNEL".
        Otherwise as `tsgen.data.to_frame`.
        """
        if layout in {"nixtla", "wide"}:
            return self.series.to_frame(layout, provenance=provenance)
        named = zip(self.parts, self.channels, strict=True)
        frames = [frame_of(part, layout, provenance, name) for part, name in named]
        table, place = frames[0], frames[0].columns.get_loc(self.channels[0])
        for k, name in enumerate(self.channels[1:], start=1):
            table.insert(place + k, name, frames[k][name])  # type: ignore[operator, arg-type]
        return table

    def facts(self) -> dict[str, Any]:
        """Return what there is to know at a glance, as plain JSON values."""
        missing = float(np.isnan(self.values).mean())
        return self.parts[0].facts() | {"channels": list(self.channels), "missing_share": missing}

    def fingerprint(self) -> str:
        """Return the SHA-256 of the content: equal data, equal text, on any machine."""
        digest = hashlib.sha256()
        for name, part in zip(self.channels, self.parts, strict=True):
            digest.update(f"{name}\n{part.fingerprint()}\n".encode())
        return digest.hexdigest()

    def _each(
        self, change: Callable[[SeriesDataset], tuple[SeriesDataset, ...]]
    ) -> tuple[Self, ...]:
        """Return what a choice of entries and steps leaves of all channels.

        The choice is made once, on step numbers in the place of values, so it warns once.
        """
        head = self.parts[0]
        chosen = change(replace(head, values=np.arange(head.values.size, dtype=np.float64)))
        return tuple(
            replace(
                self,
                parts=tuple(
                    replace(steps, values=part.values[steps.values.astype(np.int64)])
                    for part in self.parts
                ),
            )
            for steps in chosen
        )


def parts_of(dataset: SeriesDataset | MultivariateDataset) -> tuple[SeriesDataset, ...]:
    """Return one dataset for each channel; a univariate dataset is its own only one."""
    return dataset.parts if isinstance(dataset, MultivariateDataset) else (dataset,)


def joined(
    parts: Sequence[SeriesDataset], channels: tuple[str, ...]
) -> SeriesDataset | MultivariateDataset:
    """Return what `parts_of` took apart; without channels, the only part."""
    return MultivariateDataset(tuple(parts), channels) if channels else parts[0]


def _named_after(part: SeriesDataset, channel: str) -> SeriesDataset:
    """Return a channel as series "ITEM_ID/CHANNEL", which come from such series, too."""
    info = part.info
    if info is not None:
        named = ((facts, facts.get("source_item_id")) for facts in info)
        info = tuple(
            facts if source is None else facts | {"source_item_id": f"{source}/{channel}"}
            for facts, source in named
        )
    return replace(part, item_ids=tuple(f"{i}/{channel}" for i in part.item_ids), info=info)
