"""Keeping samples in the range of the real data, on request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from tsgen.errors import SettingsError, nearest

from ..memory import SeriesTable

__all__ = ["INTERMITTENT_SHARE", "ConstraintName", "Constraints"]

ConstraintName = Literal["non-negative", "integer", "intermittent"]
_NAMES: tuple[ConstraintName, ...] = ("non-negative", "integer", "intermittent")

INTERMITTENT_SHARE = 0.1
"""A non-negative series with at least this share of zeros counts as intermittent."""


@dataclass(frozen=True)
class Constraints:
    """Which of R series are held to what.

    Attributes:
        non_negative: (R,), values below 0 become 0.
        integer: (R,), values are rounded; where `intermittent` too, what is not zero stays 1 or
            more.
        intermittent: (R,), values up to `zero_below` times the series' scale become 0.
        zero_below: Set after training so that samples have the zero share of the real windows.
    """

    non_negative: npt.NDArray[np.bool_]
    integer: npt.NDArray[np.bool_]
    intermittent: npt.NDArray[np.bool_]
    zero_below: float

    @classmethod
    def resolve(
        cls,
        request: Literal["infer"] | Iterable[ConstraintName] | None,
        table: SeriesTable,
        zero_below: float,
    ) -> Self:
        """Return the constraints of the series in `table`.

        Args:
            request: None for none; "infer" for what held for every observed value of each series in
                training; or names, which then hold for all series.
            table: Facts of the R series.
            zero_below: Threshold of intermittent series, in scales.

        Raises:
            SettingsError: An unknown name.
        """
        if request == "infer":
            intermittent = table.non_negative & (table.zero_share >= INTERMITTENT_SHARE)
            return cls(table.non_negative, table.integer, intermittent, zero_below)
        names = {request} if isinstance(request, str) else set(request or ())
        for name in names:
            if name not in _NAMES:
                raise SettingsError(
                    f"'{name}' is not a constraint.{nearest(name, _NAMES)} Use 'infer' or some of: "
                    f"{', '.join(_NAMES)}."
                )
        held = [np.full(len(table), name in names) for name in _NAMES]
        return cls(held[0] | held[2], held[1], held[2], zero_below)

    def apply(
        self,
        values: npt.NDArray[np.float64],
        scale: npt.NDArray[np.float64],
        rows: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.float64]:
        """Return `values` (B, L), in original units, of the series `rows`, as they are held."""
        integer, intermittent = self.integer[rows, None], self.intermittent[rows, None]
        values = np.where(self.non_negative[rows, None], np.maximum(values, 0.0), values)
        zero = intermittent & (values <= self.zero_below * scale[rows, None])
        rounded = np.round(values)
        rounded = np.where(intermittent, np.maximum(rounded, 1.0), rounded)
        values = np.where(integer, rounded, values)
        return np.where(zero, 0.0, values)
