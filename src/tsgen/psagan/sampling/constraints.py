"""Giving samples the grain of the real data: their grid, their bounds, what repeats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from tsgen.arrays import Array, Integers, Mask
from tsgen.errors import SettingsError, nearest

from ..memory import Grain, SeriesTable
from .grain import hold_steady, piled_up

__all__ = ["INTERMITTENT_SHARE", "ConstraintName", "Constraints", "check_infer"]

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
        grain: Grids, bounds, pile-ups and repeats, given back after the rest.
    """

    non_negative: Mask
    integer: Mask
    intermittent: Mask
    zero_below: float
    grain: Grain

    @classmethod
    def resolve(
        cls,
        request: Literal["infer"] | Iterable[ConstraintName] | None,
        table: SeriesTable,
        zero_below: float,
    ) -> Self:
        """Return the constraints of the series in `table`.

        Args:
            request: None for none; "infer" for the grain of each series in training: its grid, its
                least and greatest value and how many lie there, its repeats and zeros; or names,
                which then hold for all series.
            table: Facts of the R series.
            zero_below: Threshold of intermittent series, in scales.

        Raises:
            SettingsError: An unknown name.
        """
        if request == "infer":
            intermittent = table.non_negative & (table.zero_share >= INTERMITTENT_SHARE)
            return cls(table.non_negative, table.integer, intermittent, zero_below, table.grain)
        names = {request} if isinstance(request, str) else set(request or ())
        for name in names:
            if name not in _NAMES:
                raise SettingsError(
                    f"'{name}' is not a constraint.{nearest(name, _NAMES)} Use 'infer' or some of: "
                    f"{', '.join(_NAMES)}."
                )
        held = [np.full(len(table), name in names) for name in _NAMES]
        return cls(held[0] | held[2], held[1], held[2], zero_below, Grain.unknown(len(table)))

    def apply(
        self,
        values: Array,
        scale: Array,
        rows: Integers,
        where: Mask | None = None,
    ) -> Array:
        """Return `values` (B, L), in original units, of the series `rows`, as they are held.

        Where only some were drawn, `where` (B, L), they go on from those that were not.
        """
        grain, scale = self.grain.rows(rows), scale[rows]
        drawn = hold_steady(values, grain.hold * scale, where)
        # What the grain says of grids, pile-ups and bounds replaces the plain rules.
        integer = self.integer[rows] & (grain.step == 0)
        zeros = self.intermittent[rows] & np.isnan(grain.low_reach)
        positive = self.non_negative[rows] & ~np.isfinite(grain.low)
        least = np.where(positive[:, None], np.maximum(drawn, 0.0), drawn)
        zero = zeros[:, None] & (least <= (self.zero_below * scale)[:, None])
        rounded = np.round(least)
        rounded = np.where(zeros[:, None], np.maximum(rounded, 1.0), rounded)
        held = np.where(integer[:, None], rounded, least)
        return piled_up(np.where(zero, 0.0, held), drawn, grain, scale)


def check_infer(constraints: str | None) -> None:
    """Raise SettingsError for what is neither "infer" nor None."""
    if constraints not in ("infer", None):
        raise SettingsError(f"constraints={constraints!r} is not possible here: 'infer' or None.")
