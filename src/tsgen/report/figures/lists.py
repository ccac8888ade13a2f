"""A picture of one list: how many buyers its first users hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tsgen.errors import DataError

from .fidelity import COLOURS, finished, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_list"]


def plot_list(
    data: npt.ArrayLike,
    *,
    size: int | None = None,
    until: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw expected buyers, buyers, and buyers at random, over the size of a list.

    Args:
        data: (p, 4) rows of size, expected buyers, buyers, and buyers at random.
        size: Of the list that was asked for.
        until: Size beyond which it holds no more than a random one.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: `data` is not of that shape.
    """
    curve = np.asarray(data, np.float64)
    if curve.ndim != 2 or curve.shape[1] != 4 or not len(curve):
        raise DataError(f"data has shape {curve.shape}; expected (sizes, 4).")
    ax = new_axes(ax)
    sizes, expected, came, random = np.vstack([np.zeros(4), curve]).T
    ax.plot(sizes, came, color=COLOURS["real"], lw=1.8, label="buyers that came")
    ax.plot(sizes, expected, color=COLOURS["synthetic"], ls=(0, (4, 1.5)), lw=1.8,
            label="buyers expected")  # fmt: skip
    ax.plot(sizes, random, color="#999999", ls=":", lw=1.4, label="at random")
    if size is not None:
        ax.axvline(size, color="#BBBBBB", lw=1.0, label="the list")
    if until is not None:
        ax.axvline(
            until, color="#CC79A7", lw=1.0, ls=(0, (2, 2)), label="beyond: as many as at random"
        )
    ax.set(xlim=(0, None), ylim=(0, None), xlabel="customers listed, best first")
    ax.set_ylabel("buyers")
    return finished(ax)
