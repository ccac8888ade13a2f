"""Pictures of explanations: how much each player moves, and how it moves whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, Floats
from tsgen.errors import DataError

from .fidelity import COLOURS, finished, new_axes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

__all__ = ["plot_beeswarm", "plot_importance"]

_FEW, _MANY = np.array([86, 180, 233]) / 255, np.array([213, 94, 0]) / 255
_BINS = 60
_REACH = 0.4


def plot_importance(
    values: npt.ArrayLike, players: Sequence[str], *, label: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the mean absolute value of each player as a bar, the largest on top.

    Args:
        values: (n, players).
        players: Their names.
        label: What the values are.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: There is nothing to draw, or names do not fit.
    """
    size = np.abs(_checked(values, players)).mean(axis=0)
    ax = new_axes(ax)
    order = np.argsort(size, kind="stable")
    ax.barh(np.arange(len(order)), size[order], height=0.6, color=COLOURS["synthetic"])
    ax.set_yticks(np.arange(len(order)), [str(players[k]) for k in order])
    ax.set(xlim=(0, None), ylim=(-0.6, len(order) - 0.4), xlabel=label)
    return _with_legend(ax, False)


def plot_beeswarm(
    values: npt.ArrayLike,
    players: Sequence[str],
    *,
    amounts: npt.ArrayLike | None = None,
    label: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a dot for each user and player at its value; equal values lie beside each other.

    Args:
        values: (n, players).
        players: Their names; the one that moves most is on top.
        amounts: (n, players) how much there is of each, which colours the dots from the few to the
            many; NaN, or None, has no colour.
        label: What the values are.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: There is nothing to draw, or shapes do not fit.
    """
    numbers = _checked(values, players)
    much = np.full(numbers.shape, np.nan) if amounts is None else np.asarray(amounts, np.float64)
    if much.shape != numbers.shape:
        raise DataError(f"amounts has shape {much.shape}; the values have {numbers.shape}.")
    ax = new_axes(ax)
    order = np.argsort(np.abs(numbers).mean(axis=0), kind="stable")
    width = float(np.ptp(numbers)) or 1.0
    for place, player in enumerate(order):
        column = numbers[:, player]
        heights = place + _beside(column, width)
        ax.scatter(column, heights, s=9, c=_colours(much[:, player]), linewidths=0)
    coloured = bool(np.isfinite(much).any())
    if coloured:
        ax.plot([], [], "o", color=_FEW, ms=4, label="few")
        ax.plot([], [], "o", color=_MANY, ms=4, label="many")
    ax.axvline(0, color="#707070", lw=1.0)
    ax.set_yticks(np.arange(len(order)), [str(players[k]) for k in order])
    ax.set(ylim=(-0.6, len(order) - 0.4), xlabel=label)
    return _with_legend(ax, coloured)


def _with_legend(ax: Axes, wanted: bool) -> Axes:
    """Return the finished axes; one without names to explain has no legend."""
    if wanted:
        return finished(ax)
    ax.plot([], [], label=" ")
    legend = finished(ax).get_legend()
    if legend is not None:
        legend.remove()
    return ax


def _beside(column: Array, width: float) -> Array:
    """Return how far each dot lies above or below its line, (n,), so that none hides another.

    Args:
        column: (n,) values of one line.
        width: From the least to the largest of all lines.
    """
    bins = np.floor(_BINS * (column - column.min()) / width).astype(np.int64)
    rank = np.zeros(len(column))
    for one in np.unique(bins):
        mine = np.flatnonzero(bins == one)
        rank[mine] = np.arange(len(mine))
    step = np.ceil(rank / 2) * np.where(rank % 2, 1, -1)
    return np.asarray(_REACH * step / max(float(np.abs(step).max(initial=0)), 6.0))


def _colours(amounts: Array) -> Floats:
    """Return a colour for each amount, by its rank among the others, (n, 3)."""
    there = np.isfinite(amounts)
    share = np.zeros(len(amounts))
    distinct = np.unique(amounts[there])
    if len(distinct) > 1:
        share[there] = np.searchsorted(distinct, amounts[there]) / (len(distinct) - 1)
    colours = _FEW + share[:, None] * (_MANY - _FEW)
    return np.where(there[:, None], colours, 0.44)


def _checked(values: npt.ArrayLike, players: Sequence[str]) -> Array:
    numbers = np.asarray(values, np.float64)
    if numbers.ndim != 2 or not len(numbers) or numbers.shape[1] != len(players):
        raise DataError(
            f"The values have shape {numbers.shape}; draw a row at least, and a column for each of "
            f"{len(players)} players."
        )
    return numbers
