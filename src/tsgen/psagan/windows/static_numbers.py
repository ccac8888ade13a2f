"""Static categories and numbers of series as the networks see them, by a description of tables."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Integers, Singles
from tsgen.contracts import TableDescription, table_describer
from tsgen.errors import DataError, DataWarning

__all__ = ["StaticNumbers"]

_UNKNOWN = "(unknown)"
_SEED = 0  # of the description, so that the same series are described alike


@dataclass(frozen=True, eq=False)
class StaticNumbers:
    """From static categories and numbers to (n, d) numbers of mean 0, together of mean square 1.

    0 everywhere stands for a series of which nothing is known.

    Attributes:
        name: In `TABLE_DESCRIBERS`.
        description: It, learnt from the training series.
        names: Of the categorical columns.
        categories: Theirs, in code order.
        real_names: Of the columns of static numbers, as `SeriesDataset.static_frame` has them.
        mean: (d,). scale: (d,).
    """

    name: str
    description: TableDescription
    names: tuple[str, ...]
    categories: tuple[tuple[Any, ...], ...]
    real_names: tuple[str, ...]
    mean: Array
    scale: Array

    @classmethod
    def learnt(
        cls,
        name: str,
        static: Integers,
        real: Array,
        names: tuple[str, ...],
        categories: tuple[tuple[Any, ...], ...],
        encoder: TableDescription | None = None,
    ) -> Self:
        """Learn from the training series.

        Args:
            name: In `TABLE_DESCRIBERS`.
            static: (n, k) codes from 1; 0 is unknown.
            real: (n, r).
            names: Of the categorical columns.
            categories: Theirs, in code order.
            encoder: A description that has learnt from another table; None learns one.

        Raises:
            DataError: There are no statics, all series have the same, or the encoder reads other
                columns.

        Warns:
            DataWarning: A static number is missing in all series.
        """
        if not names and not real.shape[1]:
            raise DataError(
                f"statics='{name}' describes static categories and numbers, of which the series "
                "have none; read them with static=[...], or leave statics out."
            )
        called = tuple(f"static_real_{k}" for k in range(real.shape[1]))
        table = _table(static, real, names, categories, called)
        if absent := [name for name, column in zip(called, real.T, strict=True)
                      if np.isnan(column).all()]:  # fmt: skip
            warnings.warn(
                f"{', '.join(absent)}: these static numbers are missing in all series; they tell "
                "nothing.",
                DataWarning,
                stacklevel=2,
            )
        description = encoder or table_describer(name).learnt(table, _SEED)
        numbers = description.transform(table).astype(np.float64)
        varied = np.maximum(numbers.std(axis=0), 1e-6) * numbers.shape[1] ** 0.5
        return cls(name, description, names, categories, called, numbers.mean(axis=0), varied)

    @property
    def width(self) -> int:
        """Numbers of a series, d."""
        return len(self.mean)

    def __call__(self, static: Integers, real: Array) -> Singles:
        """Return the numbers of series, (n, d).

        Args:
            static: (n, k) codes from 1; 0 is unknown.
            real: (n, r), NaN where missing.

        Warns:
            DataWarning: There are other numbers of static numbers than in training; then all of
                them count as missing.
        """
        num = len(self.real_names)
        if real.shape[1] != num:
            warnings.warn(
                f"The model was trained with {num} static numbers, {len(static)} series "
                f"have {real.shape[1]}; theirs count as missing.",
                DataWarning,
                stacklevel=2,
            )
            real = np.full((len(static), num), np.nan)
        table = _table(static, real, self.names, self.categories, self.real_names)
        read = self.description.transform(table)
        return np.asarray((read - self.mean) / self.scale, np.float32)

    def to_json(self) -> dict[str, Any]:
        """Return JSON values, for saving."""
        return {
            "name": self.name,
            "description": self.description.to_json(),
            "names": list(self.names),
            "categories": [list(values) for values in self.categories],
            "real_names": list(self.real_names),
        }

    def arrays(self) -> dict[str, AnyArray]:
        """Return arrays by name, for saving."""
        own = {"mean": self.mean, "scale": self.scale}
        return own | {f"description.{k}": a for k, a in self.description.arrays().items()}

    @classmethod
    def restored(cls, saved: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> Self:
        """Return what `to_json` and `arrays` came from."""
        start = "description."
        own = {k.removeprefix(start): a for k, a in arrays.items() if k.startswith(start)}
        description = table_describer(saved["name"]).restored(saved["description"], own)
        categories = tuple(tuple(values) for values in saved["categories"])
        place = arrays["mean"], arrays["scale"]
        real = saved.get("real_names") or [f"number {k}" for k in range(saved.get("num_real", 0))]
        names = tuple(saved["names"])
        return cls(saved["name"], description, names, categories, tuple(real), *place)


def _table(
    static: Integers,
    real: Array,
    names: tuple[str, ...],
    categories: tuple[tuple[Any, ...], ...],
    real_names: tuple[str, ...],
) -> pd.DataFrame:
    """Return statics as a table; categories that training had not are one unknown one."""
    columns: dict[str, Any] = {}
    for codes, name, values in zip(static.T, names, categories, strict=True):
        texts = np.array([_UNKNOWN, *map(str, values)], object)
        columns[name] = pd.Categorical(texts[np.where(codes <= len(values), codes, 0)])
    columns |= dict(zip(real_names, real.T, strict=True))
    return pd.DataFrame(columns, index=range(len(static)))
