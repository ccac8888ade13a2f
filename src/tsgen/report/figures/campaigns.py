"""Pictures of campaigns: value over contacts, relevance and diversity, effects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen.errors import DataError

from .fidelity import COLOURS, finished, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_diversity", "plot_effects", "plot_value_curve"]

_COST, _BEST = "#707070", "#009E73"


def plot_value_curve(
    data: npt.ArrayLike,
    *,
    best: tuple[float, float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw expected and realised value, and cost, over the number of contacts.

    Args:
        data: (p, 4) rows of size, expected value, realised value and cost.
        best: Size of the greatest profit with the ends of its interval.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: `data` is not of that shape.
    """
    curve = np.asarray(data, np.float64)
    if curve.ndim != 2 or curve.shape[1] != 4 or not len(curve):
        raise DataError(f"data has shape {curve.shape}; expected (sizes, 4).")
    ax = new_axes(ax)
    sizes, expected, realised, cost = curve.T
    ax.plot(sizes, realised, color=COLOURS["real"], lw=1.8, label="value that came")
    ax.plot(sizes, expected, color=COLOURS["synthetic"], ls=(0, (4, 1.5)), lw=1.8,
            label="value expected")  # fmt: skip
    if cost.any():
        ax.plot(sizes, cost, color=_COST, ls=":", lw=1.8, label="cost")
        if best is not None:
            ax.axvspan(best[1], best[2], color=_BEST, alpha=0.15, lw=0)
            ax.axvline(best[0], color=_BEST, lw=1.2, label="greatest profit (95 %)")
    ax.set(xlim=(0, None), ylim=(0, None), xlabel="contacts, most valuable first")
    ax.set_ylabel("value")
    return finished(ax)


def plot_diversity(data: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the relevance-diversity curve: precision against effective numbers.

    The numbers of each side are in per cent of its greatest, so that a few campaigns and many users
    share an axis.

    Args:
        data: side ("items" or "users"), precision, campaign_perplexity, user_perplexity.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: There is no point to draw.
    """
    points = data.dropna(subset=["precision"])
    if points.empty:
        raise DataError("There is no point of the curve to draw.")
    ax = new_axes(ax)
    for side, column, name, colour, mark in (
        ("items", "campaign_perplexity", "campaigns shown", COLOURS["real"], "o-"),
        ("users", "user_perplexity", "users reached", COLOURS["synthetic"], "^--"),
    ):
        part = points[points["side"] == side]
        if part.empty:
            continue
        most = part[column].max()
        label = f"{name} (100 % are {most:,.{1 if most < 100 else 0}f})"
        ax.plot(100 * part["precision"], 100 * part[column] / most, mark, color=colour, label=label)
    ax.set_ylim(0, 105)
    ax.set_xlabel("contacts with an engagement (%)")
    ax.set_ylabel("effective number, % of the greatest")
    return finished(ax)


def plot_effects(
    labels: Sequence[str], data: npt.ArrayLike, *, ax: Axes | None = None, name: str = "effect"
) -> Axes:
    """Draw effects with their intervals, one above the other, beside a line at none.

    Args:
        labels: (e,) what each is of.
        data: (e, 3) effect, lower and upper end.
        ax: Where to draw; a new figure if None.
        name: What the axis says.

    Raises:
        DataError: `data` is not of that shape.
    """
    effects = np.asarray(data, np.float64)
    if effects.shape != (len(labels), 3) or not len(labels):
        raise DataError(f"data has shape {effects.shape}; expected ({len(labels)}, 3).")
    ax = new_axes(ax, height=1.2 + 0.3 * len(labels))
    places = np.arange(len(labels))[::-1]
    ax.axvline(0.0, color="#BBBBBB", lw=0.8, zorder=0)
    reach = np.abs(effects[:, 1:] - effects[:, :1]).T
    ax.errorbar(effects[:, 0], places, xerr=reach, fmt="o", color=COLOURS["real"], lw=1.4, ms=5,
                label="95 % interval")  # fmt: skip
    ax.set_yticks(places, labels)
    ax.set_ylim(-0.6, len(labels) + 0.4)  # room for the legend
    ax.set_xlabel(name)
    return finished(ax)
