"""Pictures of forecasting studies: a forecast with its band, and arms with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array
from tsgen.errors import DataError

from .fidelity import COLOURS, finished, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_differences", "plot_forecast"]

_ARMS = (("#0072B2", "-"), ("#D55E00", (0, (4, 1.5))))


def plot_forecast(
    past: npt.ArrayLike,
    truth: npt.ArrayLike,
    bands: Mapping[str, npt.ArrayLike],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw what was known, what came, and the forecasts of one or two arms.

    Args:
        past: (P,) known values, NaN = missing.
        truth: (L,) what came.
        bands: Name of an arm -> its 0.1, 0.5 and 0.9 quantiles, (3, L); two at most.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: A band does not fit `truth`, or there are more than two.
    """
    before, came, ax = np.asarray(past, np.float64), np.asarray(truth, np.float64), new_axes(ax)
    if len(bands) > len(_ARMS):
        raise DataError(f"{len(bands)} arms in one picture hide each other; draw two at most.")
    steps = np.arange(len(came))
    ax.plot(np.arange(-len(before), 0), before, color="#777777", lw=1.2, label="known")
    ax.plot(steps, came, color="black", lw=1.6, label="came")
    for (name, band), (colour, line) in zip(bands.items(), _ARMS, strict=False):
        low, middle, high = _checked(band, len(came), name)
        ax.fill_between(steps, low, high, color=colour, alpha=0.18, lw=0)
        ax.plot(steps, middle, color=colour, ls=line, lw=1.6, label=name)
    ax.set_xlabel("steps from the start of the forecast")
    return finished(ax)


def plot_differences(
    names: Sequence[str],
    differences: npt.ArrayLike,
    lows: npt.ArrayLike,
    highs: npt.ArrayLike,
    *,
    label: str = "mean, 95 % over seeds",
    ax: Axes | None = None,
) -> Axes:
    """Draw differences to a reference with their intervals, one a row; below 0 is better.

    Args:
        names: What each row is called.
        differences: (n,), in per cent of the reference.
        lows: (n,), lower ends; NaN where there is no interval.
        highs: (n,), upper ends.
        label: What point and line are.
        ax: Where to draw; a new figure if None.
    """
    middle, low, high = (np.asarray(a, np.float64) for a in (differences, lows, highs))
    ax = new_axes(ax, height=0.9 + 0.32 * max(len(names), 2))
    rows = np.arange(len(names))[::-1]
    ax.axvline(0, color="#BBBBBB", lw=0.8, zorder=0)
    ax.hlines(rows, low, high, color=COLOURS["synthetic"], lw=2)
    ax.plot(middle, rows, "o", color=COLOURS["synthetic"], ms=5, label=label)
    ax.set_yticks(rows, names)
    ax.set_ylim(-0.6, len(names) + 0.4)  # room for the legend
    ax.set_xlabel("difference of the loss (%), left is better")
    return finished(ax)


def _checked(band: npt.ArrayLike, length: int, name: str) -> Array:
    values = np.asarray(band, np.float64)
    if values.shape != (3, length):
        raise DataError(f"The band of '{name}' has shape {values.shape}; expected (3, {length}).")
    return values
