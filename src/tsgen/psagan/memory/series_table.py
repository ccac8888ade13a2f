"""What a fitted model remembers of each series it was trained on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Integers, Mask
from tsgen.data import SeriesDataset, plain_value
from tsgen.data.series import SeriesScaler
from tsgen.errors import UnknownIdError, nearest

from .grain import Grain

__all__ = ["SeriesTable"]

_IS_NUMBER = "item_id_is_number"
_APART = {"item_ids", "scaler", "grain"}
_SCALARS: dict[str, Any] = {
    "index": np.int64,
    "starts": np.int64,
    "lengths": np.int64,
    "non_negative": np.bool_,
    "integer": np.bool_,
    "zero_share": np.float64,
}
"""Columns of one number a series, and what they hold."""


@dataclass(frozen=True)
class SeriesTable:
    """Facts of n series, in arrays of n rows; saved as `series.parquet`.

    Attributes:
        item_ids: Ids as given.
        index: Embedding index; 0 (unknown) for series that had no usable training window.
        starts: Period ordinal of the first step.
        lengths: Steps of the training part.
        scaler: Location and scale of each series.
        static: (n, k) embedding indices of the static categories, from 1; 0 is unknown.
        static_real: (n, r) real static features, carried through.
        non_negative: Whether no observed value is below zero.
        integer: Whether all observed values are whole numbers.
        zero_share: Share of the observed values that are zero.
        grain: Grid, bounds, repeats and gaps.
    """

    item_ids: tuple[str | int, ...]
    index: Integers
    starts: Integers
    lengths: Integers
    scaler: SeriesScaler
    static: Integers
    static_real: Array
    non_negative: Mask
    integer: Mask
    zero_share: Array
    grain: Grain

    @classmethod
    def of(cls, dataset: SeriesDataset, scaling: Any, index: Integers) -> Self:
        """Gather the facts of a dataset; `index` (n,) are the embedding indices."""
        values, begins = dataset.values, dataset.offsets[:-1]
        observed = np.isfinite(values)
        count = np.maximum(np.add.reduceat(observed, begins, dtype=np.float64), 1)
        whole = ~observed | (values == np.round(values))
        return cls(
            item_ids=dataset.item_ids,
            index=index,
            starts=dataset.starts,
            lengths=dataset.lengths,
            scaler=SeriesScaler.fit(values, dataset.offsets, scaling),
            static=dataset.static_cat + 1,
            static_real=dataset.static_real,
            non_negative=np.logical_and.reduceat(~observed | (values >= 0), begins),
            integer=np.logical_and.reduceat(whole, begins),
            zero_share=np.add.reduceat(values == 0, begins, dtype=np.float64) / count,
            grain=Grain.of(dataset),
        )

    def __len__(self) -> int:
        return len(self.item_ids)

    def rows(self, chosen: Integers) -> Self:
        """Return the table of the chosen rows, repeats allowed."""
        arrays = {
            f.name: getattr(self, f.name)[chosen] for f in fields(self) if f.name not in _APART
        }
        return replace(
            self,
            item_ids=tuple(self.item_ids[i] for i in chosen),
            scaler=SeriesScaler(self.scaler.location[chosen], self.scaler.scale[chosen]),
            grain=self.grain.rows(chosen),
            **arrays,
        )

    def find(self, item_ids: list[Any]) -> Integers:
        """Return the rows of the given ids.

        Raises:
            UnknownIdError: An id is not in the table.
        """
        places = self.places(item_ids)
        for place, item_id in zip(places, item_ids, strict=True):
            if place < 0:
                raise UnknownIdError(
                    f"The model was not trained on the series {item_id!r}."
                    f"{nearest(item_id, self.item_ids)} It knows {len(self)} series; for a new one "
                    "give its data with `like`.",
                    item_id=item_id,
                )
        return places

    def places(self, item_ids: list[Any]) -> Integers:
        """Return the rows of the given ids, -1 for unknown ones.

        100 and "100" are one series, for many a file knows no difference; where the table has both,
        each is itself.
        """
        row: dict[Any, int] = {item_id: i for i, item_id in enumerate(self.item_ids)}
        texts = Counter(str(item_id) for item_id in self.item_ids)
        row |= {t: row.get(t, i) for i, t in enumerate(map(str, self.item_ids)) if texts[t] == 1}

        def place(item_id: Any) -> int:
            if not isinstance(item_id, str | int) or isinstance(item_id, bool):
                return -1
            return row.get(item_id, row.get(str(item_id), -1))

        return np.array([place(plain_value(i)) for i in item_ids], dtype=np.int64)

    def stacked(self, other: SeriesTable) -> Self:
        """Return the rows of this table, then those of `other`."""
        arrays = {
            f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)])
            for f in fields(self)
            if f.name not in _APART
        }
        scaler = SeriesScaler(
            np.concatenate([self.scaler.location, other.scaler.location]),
            np.concatenate([self.scaler.scale, other.scaler.scale]),
        )
        item_ids, grain = self.item_ids + other.item_ids, self.grain.stacked(other.grain)
        return replace(self, item_ids=item_ids, scaler=scaler, grain=grain, **arrays)

    def overlaid(self, where: Integers, rows: SeriesTable) -> Self:
        """Return this table with what `rows` remember in the places `where`.

        Statics stay its own, and so do grids where it has one.
        """
        arrays = {name: getattr(self, name).copy() for name in _SCALARS}
        scaler = SeriesScaler(self.scaler.location.copy(), self.scaler.scale.copy())
        for name, array in arrays.items():
            array[where] = getattr(rows, name)
        scaler.location[where], scaler.scale[where] = rows.scaler.location, rows.scaler.scale
        grain = self.grain.overlaid(where, rows.grain)
        return replace(self, scaler=scaler, grain=grain, **arrays)

    def updated(self, other: SeriesTable) -> Self:
        """Return the rows of `other`, after those of this table whose ids it does not have."""
        old = np.flatnonzero(other.places(list(self.item_ids)) < 0)
        return self.rows(old).stacked(other)

    def write(self, path: Path) -> None:
        """Write the table as Parquet."""
        columns: dict[str, Any] = {"item_id": pd.array(list(self.item_ids))}
        whole = [isinstance(item_id, int) for item_id in self.item_ids]
        if any(whole) and not all(whole):  # a column has one type
            columns["item_id"] = pd.array([str(item_id) for item_id in self.item_ids])
            columns[_IS_NUMBER] = whole
        columns |= {name: getattr(self, name) for name in _SCALARS}
        columns |= {"location": self.scaler.location, "scale": self.scaler.scale}
        columns |= {f"static_{k}": column for k, column in enumerate(self.static.T)}
        columns |= {f"static_real_{k}": column for k, column in enumerate(self.static_real.T)}
        columns |= self.grain.to_columns()
        pd.DataFrame(columns).to_parquet(path, index=False)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote.

        Raises:
            ValueError: Ids repeat, a series has no step, or a column holds something else than
                numbers.
        """
        table = pd.read_parquet(path)

        def matrix(prefix: str, dtype: Any) -> AnyArray:
            names = [c for c in table if str(c).removeprefix(prefix).isdigit()]
            return table[names].to_numpy(dtype).reshape(len(table), len(names))

        item_ids = table["item_id"].tolist()
        if _IS_NUMBER in table:
            both = zip(item_ids, table[_IS_NUMBER], strict=True)
            item_ids = [int(item_id) if number else item_id for item_id, number in both]
        scalars = {name: _numbers(table[name], kind) for name, kind in _SCALARS.items()}
        if len({*item_ids}) < len(item_ids) or (scalars["lengths"] < 1).any():
            raise ValueError("its series repeat, or some have no step")
        scaler = SeriesScaler(*(_numbers(table[n], np.float64) for n in ("location", "scale")))
        return cls(
            item_ids=tuple(item_ids),
            scaler=scaler,
            static=matrix("static_", np.int64),
            static_real=matrix("static_real_", np.float64),
            grain=Grain.from_columns(table),
            **scalars,
        )


def _numbers(column: pd.Series[Any], kind: Any) -> AnyArray:
    """Return a column of numbers.

    Raises:
        ValueError: It holds something else, or a value is missing.
    """
    values = column.to_numpy()
    if values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        raise ValueError(
            f"the column '{column.name}' of its series holds NaN or infinite values, or no numbers"
        )
    return values.astype(kind)
