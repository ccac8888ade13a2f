"""`SeriesDataset`: many series in a few arrays, and a GluonTS dataset at the same time."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Literal, Self, overload

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Indices, Integers, Mask
from tsgen.displays import html_facts
from tsgen.errors import DataError, DataWarning, SettingsError

from .dynamic import DynamicFeatures
from .gluonts_entries import check_dtype, gluonts_entry, place_in, say_rounded
from .joining import refuse_other_kind, unite_categories, unite_dynamic, unite_info
from .layouts import FrameLayout, frame_of, static_table
from .summary import ARRAYS, facts_of, fingerprint_of
from .times import (
    StepLabel,
    first_ordinal,
    normalise_freq,
    periods,
    split_freq,
    step_stamps,
)

__all__ = ["SeriesDataset"]


@dataclass(frozen=True, eq=False, repr=False)
class SeriesDataset:
    """Series on one regular time grid, stored column-wise; iterating gives GluonTS entries.

    Made by `to_dataset`, `read_series`, `load_sample` or `simulate_series`. Iterating yields
    dictionaries with `start` (`pd.Period`), `target` (`dtype`, NaN = missing), `item_id`,
    `feat_static_cat` (zero if there are no static columns) and, where present, `feat_static_real`
    and `info`; all entries have the same keys. The arrays are read-only.

    Args:
        values: All series one after another, NaN = missing, shape (steps,), float64.
        offsets: Series i is `values[offsets[i]:offsets[i + 1]]`, shape (series + 1,).
        starts: Period ordinal of each series' first step at `freq`, shape (series,).
        freq: A normalised Period frequency ("h", "30min", "D", "B", "W-SUN", "M", "Q-DEC", ...).
        item_ids: The series' ids, text or whole numbers, each once.
        static_cat: Codes of the static columns, shape (series, columns).
        static_names: Names of the static columns.
        static_categories: For each static column, its values in code order.
        static_real: Real static features, carried through, shape (series, features).
        timezone: The zone that all times are the wall clock of; None if unknown.
        label: How a step's time stamp is printed.
        info: One dictionary per series (synthetic series say so here), or None.
        dynamic: Features that change in time, or None; iterating gives them as `feat_dynamic_real`,
            `feat_dynamic_cat` and `past_feat_dynamic_real`.
        dtype: Of the targets of GluonTS entries: "float32", as GluonTS has them, or "float64" for
            series whose level is so high that float32 has no digits left for their variation.
        notes: What reading the data warned of; no part of the content.

    Raises:
        DataError: The parts do not fit together.

    Example:
        >>> import pandas as pd
        >>> from tsgen.data import to_dataset
        >>> days = pd.date_range("2024-01-01", periods=4, freq="D")
        >>> table = pd.DataFrame({"item_id": "a", "timestamp": days, "target": range(4)})
        >>> dataset = to_dataset(table)
        >>> past, future = dataset.split(until="2024-01-04")
        >>> past.series(0).tolist(), future.series(0).tolist()
        ([0.0, 1.0, 2.0], [3.0])
    """

    values: Array
    offsets: Integers
    starts: Integers
    freq: str
    item_ids: tuple[str | int, ...]
    static_cat: Integers = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    static_names: tuple[str, ...] = ()
    static_categories: tuple[tuple[Any, ...], ...] = ()
    static_real: Array = field(default_factory=lambda: np.zeros((0, 0)))
    timezone: str | None = None
    label: StepLabel = field(default_factory=StepLabel)
    info: tuple[dict[str, Any], ...] | None = None
    dynamic: DynamicFeatures | None = None
    dtype: str = "float32"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", check_dtype(self.dtype))
        for name, dtype in ARRAYS.items():
            array = np.asarray(getattr(self, name), dtype=dtype)
            if name.startswith("static") and array.size == 0:
                array = array.reshape(len(self.item_ids), 0)
            view = array.view()
            view.setflags(write=False)
            object.__setattr__(self, name, view)
        self._check()

    def __len__(self) -> int:
        return len(self.item_ids)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        say_rounded(self)
        for i, start in enumerate(periods(self.starts, self.freq)):
            yield gluonts_entry(self, i, start)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, place: slice) -> Self: ...

    def __getitem__(self, place: int | slice) -> dict[str, Any] | Self:
        if isinstance(place, slice):
            return self.subset(np.arange(len(self))[place])
        i = place_in(len(self), place)
        say_rounded(self.subset([i]))
        return gluonts_entry(self, i, periods(self.starts[[i]], self.freq)[0])

    def __repr__(self) -> str:
        zone = f", timezone={self.timezone!r}" if self.timezone else ""
        counts = f"{len(self)} series, {self.values.size} steps"
        return f"SeriesDataset({counts}, freq={self.freq!r}{zone})"

    def _repr_html_(self) -> str:
        return html_facts(repr(self), self.facts() if len(self) else {})

    @property
    def lengths(self) -> Integers:
        """Number of steps of each series, shape (series,)."""
        return np.diff(self.offsets)

    @property
    def static_cardinalities(self) -> tuple[int, ...]:
        """Number of categories of each static column."""
        return tuple(len(categories) for categories in self.static_categories)

    @property
    def synthetic(self) -> Mask:
        """Which series were generated, by their `info`, shape (series,)."""
        if self.info is None:
            return np.zeros(len(self), dtype=bool)
        return np.array([bool(facts.get("synthetic")) for facts in self.info], dtype=bool)

    def with_dtype(self, dtype: Literal["float32", "float64"]) -> Self:
        """Return this dataset with entries whose targets have this type; see `dtype`."""
        return replace(self, dtype=dtype)

    def series(self, i: int) -> Array:
        """Return the values of series `i`, NaN = missing, shape (length,); a read-only view."""
        return self.values[self.offsets[i] : self.offsets[i + 1]]

    def timestamps(self, i: int) -> pd.DatetimeIndex:
        """Return the wall-clock time stamps of series `i`, shape (length,)."""
        steps = np.arange(self.lengths[i]) * split_freq(self.freq)[1]
        return step_stamps(self.starts[i] + steps, self.freq, self.label)

    def subset(self, indices: Sequence[int] | AnyArray) -> Self:
        """Return the series at `indices` (positions or a mask), in that order.

        Raises:
            DataError: `indices` names a series twice, or nothing at all.
        """
        chosen = np.arange(len(self))[np.asarray(indices) if len(indices) else []].reshape(-1)
        return self.cut(chosen, np.zeros(chosen.size, np.int64), self.lengths[chosen])

    @classmethod
    def concat(cls, datasets: Sequence[SeriesDataset]) -> SeriesDataset:
        """Put datasets one after another: the same grid, zone and static columns, distinct ids.

        Categories of static columns are united in order of appearance. Where only some datasets
        carry `info`, the series of the others say `{"synthetic": False}`.

        Raises:
            DataError: The datasets differ in kind, share an id, or there are none.
        """
        if not datasets:
            raise DataError("concat needs at least one dataset.")
        for part in datasets[1:]:
            refuse_other_kind(datasets[0], part)
        categories, codes = unite_categories(datasets)
        lengths = np.concatenate([part.lengths for part in datasets])
        return cls(
            values=np.concatenate([part.values for part in datasets]),
            offsets=np.concatenate([[0], lengths.cumsum()]),
            starts=np.concatenate([part.starts for part in datasets]),
            freq=datasets[0].freq,
            item_ids=tuple(chain.from_iterable(part.item_ids for part in datasets)),
            static_cat=codes,
            static_names=datasets[0].static_names,
            static_categories=categories,
            static_real=np.concatenate([part.static_real for part in datasets]),
            timezone=datasets[0].timezone,
            label=datasets[0].label,
            info=unite_info(datasets),
            dynamic=unite_dynamic(datasets),
            dtype=datasets[0].dtype,
            notes=tuple(dict.fromkeys(chain.from_iterable(part.notes for part in datasets))),
        )

    def split(self, *, until: Any = None, last: int | None = None) -> tuple[Self, Self]:
        """Cut every series in two in time: what comes before, and the rest.

        Args:
            until: The first part ends before this time, the second starts with it. A naive time is
                wall clock; an aware one is converted to the dataset's zone.
            last: Instead of `until`: the second part is the last `last` steps of each series.

        Returns:
            Two datasets. Series with no step on one side are left out there, with a DataWarning
            that says how many.

        Raises:
            SettingsError: Not exactly one of `until` and `last`, or an impossible value.
            DataError: One side would be empty.
        """
        if (until is None) == (last is None):
            raise SettingsError("split needs either until=TIME or last=STEPS.")
        if last is not None:
            if isinstance(last, bool) or last < 1:
                raise SettingsError(f"last={last!r} is not possible: use a number of steps from 1.")
            cut = np.maximum(self.lengths - last, 0)
        else:
            steps = -(
                -(first_ordinal(until, self.freq, self.timezone, self.label) - self.starts)
                // split_freq(self.freq)[1]
            )
            cut = np.clip(steps, 0, self.lengths)
        zero = np.zeros_like(cut)
        return self._side(zero, cut, "before"), self._side(cut, self.lengths, "after")

    def with_dynamic(self, dynamic: DynamicFeatures | None) -> Self:
        """Return the same series with other features that change in time, or without any."""
        return replace(self, dynamic=dynamic)

    def to_frame(self, layout: FrameLayout = "long", *, provenance: bool = False) -> pd.DataFrame:
        """Return the series as a table, long if not asked otherwise; see `tsgen.data.to_frame`."""
        return frame_of(self, layout, provenance)

    def static_frame(self, layout: FrameLayout = "long") -> pd.DataFrame:
        """Return one row a series: its id, as in `to_frame`, and its static columns."""
        return static_table(self, layout)

    def facts(self) -> dict[str, Any]:
        """Return what there is to know at a glance, as plain JSON values."""
        return facts_of(self)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the content: equal data, equal text, on any machine."""
        return fingerprint_of(self)

    def cut(self, chosen: Indices, begin: Integers, end: Integers) -> Self:
        """Return steps `begin` to `end` of the chosen series; series left empty are dropped.

        Args:
            chosen: (m,), positions of series.
            begin: (m,), first step of each, from 0.
            end: (m,), the step after the last one of each.

        Raises:
            DataError: Nothing is left, or a series is chosen twice.
        """
        kept = end > begin
        if not kept.any():
            raise DataError("No series would be left; choose at least one series and one step.")
        dynamic = self.dynamic
        if dynamic is not None:  # what is known of the future stays with the last step
            whole = end[kept] == self.lengths[chosen[kept]]
            last = np.where(whole, dynamic.lengths[chosen[kept]], end[kept])
            dynamic = dynamic.cut(chosen[kept], begin[kept], last)
        chosen, begin, lengths = chosen[kept], begin[kept], (end - begin)[kept]
        offsets = np.concatenate([[0], lengths.cumsum()])
        source = np.repeat(self.offsets[chosen] + begin - offsets[:-1], lengths)
        return replace(
            self,
            values=self.values[source + np.arange(offsets[-1])],
            offsets=offsets,
            starts=self.starts[chosen] + begin * split_freq(self.freq)[1],
            item_ids=tuple(self.item_ids[i] for i in chosen),
            static_cat=self.static_cat[chosen],
            static_real=self.static_real[chosen],
            info=None if self.info is None else tuple(self.info[i] for i in chosen),
            dynamic=dynamic,
        )

    def _side(self, begin: Integers, end: Integers, where: str) -> Self:
        if dropped := int(np.count_nonzero(end <= begin)):
            if dropped == len(self):
                raise DataError(f"No series has a step {where} the cut; move it into the data.")
            warnings.warn(
                f"{dropped} of {len(self)} series have no step {where} the cut; "
                "they are left out there.",
                DataWarning,
                stacklevel=3,
            )
        return self.cut(np.arange(len(self)), begin, end)

    def _check(self) -> None:
        """Raise DataError unless the parts fit together."""
        num, lengths = len(self.item_ids), np.diff(self.offsets)
        shapes = {
            "offsets": self.offsets.shape == (num + 1,) and self.offsets[0] == 0,
            "values": self.values.shape == (self.offsets[-1],) and bool((lengths > 0).all()),
            "starts": self.starts.shape == (num,),
            "static_cat": self.static_cat.shape == (num, len(self.static_names)),
            "static_real": self.static_real.ndim == 2 and len(self.static_real) == num,
            "static_categories": len(self.static_categories) == len(self.static_names),
            "info": self.info is None or len(self.info) == num,
            "dynamic": self.dynamic is None or self.dynamic.fits(lengths),
            "freq": normalise_freq(self.freq) == self.freq,
        }
        for name, fits in shapes.items():
            if not fits:
                raise DataError(f"SeriesDataset: '{name}' does not fit {num} series.", field=name)
        if len(set(self.item_ids)) < num:
            item_id = next(i for i, count in Counter(self.item_ids).items() if count > 1)
            raise DataError(
                f"Two series have the item_id {item_id!r}; ids must differ.", item_id=item_id
            )
        codes = self.static_cat
        if codes.size and ((codes < 0) | (codes >= np.array(self.static_cardinalities))).any():
            raise DataError("A static code lies outside its categories.", field="static_cat")
