"""Small multiples: many little pictures of one kind on one Axes, read like lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array
from tsgen.errors import DataError

from .fidelity import COLOURS, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_multiples"]

_ACROSS = 5
_WIDE, _TALL = 1.15, 1.55
_LONGEST = 16


def plot_multiples(
    titles: Sequence[str],
    data: Mapping[str, npt.ArrayLike],
    *,
    names: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one little picture a title, five in a row, each in its own range.

    Args:
        titles: (k,) what each shows.
        data: Role ("real", "synthetic", "baseline") -> (k, L) values, NaN = missing; the roles of a
            picture share its range.
        names: Role -> what the legend calls it; the role itself if absent.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: There is nothing to draw, or the rows are not as many as the titles.
    """
    lines = {role: np.asarray(rows, np.float64) for role, rows in data.items()}
    if not titles or any(len(rows) != len(titles) for rows in lines.values()):
        raise DataError(
            f"There are {len(titles)} titles and {[len(rows) for rows in lines.values()]} rows to "
            "draw; give as many rows as titles, at least one."
        )
    down = -(-len(titles) // _ACROSS)
    ax = new_axes(ax, height=1.05 * down + 0.5)
    for place, title in enumerate(titles):
        row, column = divmod(place, _ACROSS)
        left, low = column * _WIDE, -row * _TALL
        ax.plot([left, left + 1], [low, low], color="#BBBBBB", lw=0.8)
        for role, rows in lines.items():
            x, y = _unit(rows[place], [other[place] for other in lines.values()])
            name = (names or {}).get(role, role) if place == 0 else "_"
            ax.plot(left + x, low + y, color=COLOURS[role], lw=1.1, label=name)
        short = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
        ax.text(left, low + 1.08, short, fontsize="small", color="#555555", parse_math=False)
    ax.set(xlim=(-0.05, _ACROSS * _WIDE), ylim=(-_TALL * (down - 1) - 0.1, 1.7))
    ax.axis("off")
    ax.legend(frameon=False, fontsize="small", ncols=len(lines), loc="upper right")
    return ax


def _unit(values: Array, together: Sequence[Array]) -> tuple[Array, Array]:
    """Return places from 0 to 1 and values in the range that they have together."""
    everything = np.concatenate(together)
    everything = everything[np.isfinite(everything)]
    low, high = (float(everything.min()), float(everything.max())) if len(everything) else (0, 1)
    return np.linspace(0, 1, len(values)), (values - low) / (high - low if high > low else 1.0)
