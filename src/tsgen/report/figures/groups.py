"""Pictures of groups: how each is taken beside the others, and where the gap comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tsgen.errors import DataError

from .fidelity import COLOURS, finished, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_parts", "plot_ratios"]

_PARTS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")

_LEGENDS = ((3, 16), (2, 28))
"""Columns of a legend, and the letters of its longest name at most."""


def plot_ratios(
    data: pd.DataFrame, *, line: float | None = None, label: str = "", ax: Axes | None = None
) -> Axes:
    """Draw a ratio of each group with its interval, beside 1.

    Args:
        data: group, value, low and high, one row a group.
        line: A ratio to draw a line at; None draws none.
        label: What the ratio is.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: There is no group.
    """
    if data.empty:
        raise DataError("There is no group to draw.")
    ax = new_axes(ax)
    places = np.arange(len(data))[::-1]
    value, low, high = (data[name].to_numpy(float) for name in ("value", "low", "high"))
    reach = np.maximum(np.stack([value - low, high - value]), 0.0)
    ax.errorbar(value, places, xerr=reach, fmt="o", color=COLOURS["synthetic"], capsize=3,
                label="group, 95 %")  # fmt: skip
    ax.axvline(1.0, color="#707070", lw=1.2, label="as the others")
    if line is not None:
        ax.axvline(line, color="#D55E00", lw=1.2, ls=(0, (4, 2)), label=f"{line:g}, as asked")
    ax.set_yticks(places, data["group"].astype(str))
    ax.set(xlim=(0, None), ylim=(-0.6, len(data) - 0.4), xlabel=label)
    return finished(ax)


def plot_parts(data: pd.DataFrame, *, label: str = "", ax: Axes | None = None) -> Axes:
    """Draw what parts add to each row's whole, as bars from 0 to both sides, and the whole.

    Args:
        data: One row a bar, by its index; one column a part.
        label: What is added up.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: There is nothing to draw.
    """
    if data.empty:
        raise DataError("There is nothing to draw.")
    ax = new_axes(ax)
    places = np.arange(len(data))[::-1]
    ends = {1: np.zeros(len(data)), -1: np.zeros(len(data))}
    for place, name in enumerate(data.columns):
        values = data[name].to_numpy(float)
        begins = np.where(values >= 0, ends[1], ends[-1])
        ax.barh(places, values, left=begins, height=0.6, color=_PARTS[place % len(_PARTS)],
                label=str(name))  # fmt: skip
        ends[1] = ends[1] + np.maximum(values, 0)
        ends[-1] = ends[-1] + np.minimum(values, 0)
    ax.plot(data.sum(axis=1), places, "D", color="black", ms=5, label="together")
    ax.axvline(0, color="#707070", lw=1.0)
    ax.set_yticks(places, data.index.astype(str))
    ax.set(ylim=(-0.6, len(data) - 0.4), xlabel=label)
    longest = max(len(str(name)) for name in [*data.columns, "together"])
    columns = next((n for n, most in _LEGENDS if longest <= most), 1)
    finished(ax).legend(frameon=False, fontsize="small", ncols=columns, loc="lower left",
                        bbox_to_anchor=(0, 1))  # fmt: skip
    return ax
