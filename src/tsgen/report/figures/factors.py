"""Pictures of a study of factors: scores by split, and the windows that were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .fidelity import finished, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_factor_scores", "plot_lanes"]

_COLOURS = ("#777777", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00")
_MARKERS = "os^Dv*"


def plot_factor_scores(
    splits: Sequence[str], scores: Mapping[str, npt.ArrayLike], *, ax: Axes | None = None
) -> Axes:
    """Draw the score of each maker at each split.

    Args:
        splits: Names of the S splits.
        scores: Maker -> scores (S,), 1 at best.
        ax: Where to draw; a new figure if None.
    """
    ax = new_axes(ax)
    places = np.arange(len(splits))
    for k, (name, values) in enumerate(scores.items()):
        shift = 0.12 * (k - (len(scores) - 1) / 2)
        colour, marker = _COLOURS[k % len(_COLOURS)], _MARKERS[k % len(_MARKERS)]
        ax.plot(places + shift, np.asarray(values), marker, color=colour, ms=6, label=name)
    ax.set_xticks(places, splits)
    ax.set_ylim(-0.05, 1.05)
    ax.set_ylabel("R² of the factors")
    return finished(ax)


def plot_lanes(windows: Mapping[str, npt.ArrayLike], *, ax: Axes | None = None) -> Axes:
    """Draw the windows of each maker in a lane of its own, the same ones side by side.

    Args:
        windows: Maker -> windows (n, L), in one unit.
        ax: Where to draw; a new figure if None.
    """
    rows = {name: np.asarray(values, np.float64) for name, values in windows.items()}
    ax = new_axes(ax, height=0.8 + 0.7 * len(rows))
    first = next(iter(rows.values()))
    low, span = first.min(), max(float(np.ptp(first)), 1e-9)
    for lane, (k, values) in zip(range(0, -len(rows), -1), enumerate(rows.values()), strict=True):
        for place, row in enumerate(values):
            steps = np.arange(len(row)) + 1.1 * place * len(row)
            unit = np.clip((row - low) / span, -0.3, 1.3)
            ax.plot(steps, 0.8 * unit + lane, color=_COLOURS[k % len(_COLOURS)], lw=1.2)
    ax.set_yticks(0.4 - np.arange(len(rows)), list(rows))
    ax.set_xticks([])
    ax.set_xlabel("steps")
    return ax
