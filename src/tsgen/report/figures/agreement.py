"""Expected engagements of items against the forecast of their demand, as one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tsgen.errors import DataError

from .fidelity import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_agreement"]

_TOTALS = {"intensity": "users", "forecast": "demand", "happened": "happened"}


def plot_agreement(data: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what users' intensities expect of each item over what its demand forecast expects.

    On the diagonal both agree. Both axes are logarithmic above 1 and linear below. The text adds up
    each view over all items, and what happened where the table knows it.

    Args:
        data: The table of `tsgen.intensity.agreement`.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: A column is missing, or there is no item.
    """
    for name in ("intensity", "forecast"):
        if name not in data:
            raise DataError(f"plot_agreement needs the column '{name}' of agreement(...).")
    if data.empty:
        raise DataError("plot_agreement needs at least one item.")
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(5.0, 4.6), layout="constrained").subplots()
    views = data[["forecast", "intensity"]].to_numpy(np.float64)
    largest = max(float(views.max()), 1.0) * 1.3
    ax.plot([0, largest], [0, largest], color=COLOURS["baseline"], ls=":", lw=1.3, label="agree")
    ax.scatter(
        views[:, 0], views[:, 1], s=12, alpha=0.45, lw=0, color=COLOURS["real"], label="an item"
    )
    ax.set_xscale("symlog", linthresh=1.0)
    ax.set_yscale("symlog", linthresh=1.0)
    ax.set_xlim(-0.05, largest)
    ax.set_ylim(-0.05, largest)
    ax.set_xlabel("forecast of the item's demand (events in the horizon)")
    ax.set_ylabel("expected of all users together (events)")
    sums = {label: data[name].sum(min_count=1) for name, label in _TOTALS.items() if name in data}
    words = [f"{label} {total:,.0f}" for label, total in sums.items() if np.isfinite(total)]
    ax.set_title("all items: " + ", ".join(words), fontsize="small", loc="left")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.legend(frameon=False, fontsize="small", loc="lower right")
    return ax
