"""A picture of one measure of a study: an arm a row, its number and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, Indices, Mask
from tsgen.errors import DataError

from .fidelity import COLOURS, bare, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_arms"]

_WIDTH = 26
_WIDE_RANGE = 30.0
"""Ratio of the largest to the smallest number from which the scale is logarithmic."""


def plot_arms(
    names: Sequence[str],
    values: npt.ArrayLike,
    lows: npt.ArrayLike,
    highs: npt.ArrayLike,
    *,
    measure: str,
    reference: int | None = None,
    changes: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the numbers of all arms with their intervals, one arm a row, the first on top.

    Positive numbers that differ by a factor of more than 30 stand on a logarithmic scale, unless
    they are changes. A thin line marks 0 where it lies among the numbers, and for changes always.

    Args:
        names: Of the arms.
        values: (n,), one number an arm.
        lows: (n,), lower ends of the intervals; NaN where there is none.
        highs: (n,), upper ends.
        measure: What the numbers are: the label of the axis.
        reference: Place of the arm that the others are seen beside; it has a dashed line, and its
            interval a band.
        changes: Whether the numbers are changes, which are seen by how far they are from 0.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: The sizes differ, or there is no arm.
    """
    middle, low, high = (np.asarray(a, np.float64) for a in (values, lows, highs))
    if not len(names) or {len(middle), len(low), len(high)} != {len(names)}:
        raise DataError(f"There are {len(names)} names and {len(middle)} numbers; give as many.")
    labels = ["\n".join(wrap(name, _WIDTH)) or name for name in names]
    lines = sum(label.count("\n") + 1 for label in labels)
    ax = new_axes(ax, height=0.8 + 0.17 * lines + 0.13 * len(names))
    rows = np.arange(len(names))[::-1]
    ends = np.concatenate([middle, low, high])
    if _spans(ends) and not changes:
        ax.set_xscale("log")
        ax.xaxis.set_minor_formatter("")  # its labels would run into each other
    else:
        ax.locator_params(axis="x", nbins=6)
        if changes or np.nanmin(ends) <= 0 <= np.nanmax(ends):
            ax.axvline(0, color="#BBBBBB", lw=0.8, zorder=0)
    others = np.ones(len(names), bool)
    if reference is not None:
        others[reference] = False
        _mark(ax, middle[reference], low[reference], high[reference])
        _dots(ax, "reference", rows, middle, low, high, ~others)
    _dots(ax, "value", rows, middle, low, high, others)
    ax.set_yticks(rows, labels)
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.set_xlabel(measure)
    return bare(ax)


def _spans(ends: Array) -> bool:
    finite = ends[np.isfinite(ends)]
    return bool(len(finite) and finite.min() > 0 and finite.max() > _WIDE_RANGE * finite.min())


def _mark(ax: Axes, middle: float, low: float, high: float) -> None:
    ax.axvline(middle, color=COLOURS["baseline"], ls=(0, (4, 2)), lw=1.1, zorder=0)
    if np.isfinite(low) and np.isfinite(high):
        ax.axvspan(low, high, color=COLOURS["baseline"], alpha=0.15, lw=0, zorder=0)


def _dots(
    ax: Axes, name: str, rows: Indices, middle: Array, low: Array, high: Array,
    which: Mask,
) -> None:  # fmt: skip
    role, marker = ("baseline", "s") if name == "reference" else ("synthetic", "o")
    colour, rows, middle = COLOURS[role], rows[which], middle[which]
    ax.hlines(rows, low[which], high[which], color=colour, lw=2)
    for label, ends in (("lower end", low[which]), ("upper end", high[which])):
        ax.plot(ends, rows, "|", color=colour, ms=6, label=label)
    ax.plot(middle, rows, marker, color=colour, ms=5.5, label=name)
