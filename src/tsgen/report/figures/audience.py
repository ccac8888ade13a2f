"""Pictures of audiences: gain, lift and calibration, one thing on one Axes each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array
from tsgen.errors import DataError

from .fidelity import COLOURS, finished, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_calibration", "plot_gain", "plot_lift"]

_RULES = (
    ("#D55E00", (0, (5, 1.5))), ("#009E73", (0, (3, 1, 1, 1))), ("#CC79A7", ":"),
    ("#E69F00", (0, (8, 1.5, 1, 1.5))), ("#56B4E9", (0, (2, 1))), ("#000000", (0, (1, 1.5))),
)  # fmt: skip
"""Colours and lines; an evaluation has up to five rules and a sequence model."""
_MODEL, _RANDOM = "model", "random"

Curves = Mapping[str, npt.ArrayLike]


def plot_gain(data: Curves, depths: npt.ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw the share of those who act that the best-ranked users hold.

    Args:
        data: "model", "random" or the name of a rule -> gain (d,) in [0, 1].
        depths: (d,) shares of the users, rising.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: A curve does not fit the depths.
    """
    x, curves = _checked(data, depths)
    ax = new_axes(ax)
    ax.plot([0, 100], [0, 100], color="#BBBBBB", lw=0.8, zorder=0)
    styles = _styles(curves)
    for name in curves:
        colour, line = styles[name]
        y = np.concatenate([[0.0], curves[name]])
        ax.plot(
            100 * np.concatenate([[0.0], x]), 100 * y, label=name, color=colour, ls=line, lw=1.8
        )
    ax.set(xlim=(0, 100), ylim=(0, 100), xlabel="users addressed, best first (%)")
    ax.set_ylabel("of all who act, found among them (%)")
    return finished(ax)


def plot_lift(
    data: Curves,
    depths: npt.ArrayLike,
    *,
    listed: npt.ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many times more of those who act an audience holds than a random one.

    Args:
        data: As in `plot_gain`.
        depths: (d,) shares of the users, rising.
        listed: (d,) shares that audiences really hold, rounded up to whole users: what a random
            audience finds. None is the depths.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: A curve does not fit the depths.
    """
    x, curves = _checked(data, depths)
    at_random = x if listed is None else _checked({"listed": listed}, depths)[1]["listed"]
    ax = new_axes(ax)
    ax.axhline(1.0, color="#BBBBBB", lw=0.8, zorder=0)
    styles = _styles(curves)
    for name in curves:
        colour, line = styles[name]
        ax.plot(100 * x, curves[name] / at_random, label=name, color=colour, ls=line, lw=1.8)
    ax.set_xscale("log")
    ticks = [tick for tick in (0.1, 1, 10, 100) if 100 * x[0] <= tick]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set(ylim=(0, None), xlabel="users addressed, best first (%)")
    ax.set_ylabel("times as many as at random")
    return finished(ax)


def plot_calibration(
    data: npt.ArrayLike,
    *,
    ax: Axes | None = None,
    percent: bool = False,
    scale: Literal["auto", "linear", "log"] = "auto",
) -> Axes:
    """Draw predicted against observed, group by group, with two standard errors.

    Args:
        data: (g, 4) rows of number, mean predicted, mean observed and its standard error.
        ax: Where to draw; a new figure if None.
        percent: Whether the numbers are chances, to be shown as percentages.
        scale: "auto" is logarithmic where the numbers span more than a factor of 20, above 0.

    Raises:
        DataError: `data` is not of that shape, or has no rows.
    """
    groups = np.asarray(data, np.float64)
    if groups.ndim != 2 or groups.shape[1] != 4 or not len(groups):
        raise DataError(f"data has shape {groups.shape}; expected (groups, 4).")
    ax = new_axes(ax)
    _, said, came, error = groups.T * np.array([[1.0]] + [[100.0 if percent else 1.0]] * 3)
    low, high = float(min(said.min(), came.min())), float(max(said.max(), came.max()))
    ax.plot([low, high], [low, high], color="#BBBBBB", lw=0.8, zorder=0, label="as predicted")
    below = np.minimum(2 * error, came * (1 - 1e-3))  # nothing below 0, nor at it on a log scale
    ax.errorbar(
        said, came, yerr=np.stack([below, 2 * error]), fmt="o", color=COLOURS["real"], ms=5, lw=1.2,
        label="what came (± 2 standard errors)",
    )  # fmt: skip
    if scale == "log" or (scale == "auto" and low > 0 and high > 20 * low):
        _logarithmic(ax, few=high < 200 * low)
    else:
        ax.locator_params(axis="x", nbins=6)  # small numbers are long
    what = "chance of at least one event (%)" if percent else "events a user"
    ax.set_xlabel(f"predicted {what}")
    ax.set_ylabel("observed")
    return finished(ax)


def _logarithmic(ax: Axes, *, few: bool) -> None:
    """Make both scales logarithmic; over a `few` decades, 2 and 5 of each have a label, too."""
    from matplotlib.ticker import LogLocator

    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter("")  # which would write over each other


def _styles(curves: Mapping[str, Array]) -> dict[str, tuple[str, object]]:
    """Return colour and line of each curve: one for the model, greys and dashes for the others."""
    styles: dict[str, tuple[str, object]] = {}
    rules = iter(_RULES * len(curves))
    for name in sorted(curves):  # so that a rule keeps its colour from picture to picture
        if name == _MODEL:
            styles[name] = (COLOURS["real"], "-")
        else:
            styles[name] = ("#999999", ":") if name == _RANDOM else next(rules)
    return styles


def _checked(data: Curves, depths: npt.ArrayLike) -> tuple[Array, dict[str, Array]]:
    x = np.asarray(depths, np.float64)
    curves = {name: np.asarray(curve, np.float64) for name, curve in data.items()}
    if not curves:
        raise DataError("There is no curve to draw; give at least one.")
    for name, curve in curves.items():
        if curve.shape != x.shape or x.ndim != 1 or not len(x):
            raise DataError(f"The curve '{name}' has shape {curve.shape}, the depths {x.shape}.")
    return x, curves
