"""A histogram of one or two roles, as outlines that can be told apart where they overlap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tsgen.errors import DataError

from .fidelity import COLOURS, finished, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_histogram"]


def plot_histogram(
    edges: npt.ArrayLike,
    data: Mapping[str, npt.ArrayLike],
    *,
    name: str = "value",
    ax: Axes | None = None,
) -> Axes:
    """Draw the shares of numbers in bars.

    Args:
        edges: (b + 1,), rising.
        data: Role ("real", "synthetic" or any other) -> (b,) shares.
        name: What the numbers are.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: Shares do not fit the edges.
    """
    places, ax = np.asarray(edges, np.float64), new_axes(ax, height=2.6)
    middles = (places[:-1] + places[1:]) / 2
    for role, shares in data.items():
        heights = 100 * np.asarray(shares, np.float64)
        if heights.shape != middles.shape:
            raise DataError(
                f"The shares of '{role}' have shape {heights.shape}; {len(places)} edges have "
                f"{len(middles)} bars between them."
            )
        colour = COLOURS.get(role, COLOURS["real"])
        ax.stairs(heights, places, color=colour, fill=True, alpha=0.18)
        ax.stairs(heights, places, color=colour, lw=1.4)
        ax.plot(middles, heights, ls="", color=colour, label=role)
    ax.set_ylim(0, None)
    ax.set_xlabel(name)
    ax.set_ylabel("share (%)")
    finished(ax)
    legend = ax.get_legend()
    if len(data) == 1 and legend is not None:
        legend.remove()
    elif legend is not None:
        for text in legend.get_texts():  # the outlines have the colours
            text.set(color=COLOURS.get(text.get_text(), COLOURS["real"]), weight="bold")
    return ax
