"""Each function draws one thing on one Axes and returns it; none shows, saves or restyles anything.

`data` maps a role ("real", "synthetic" or "baseline") to its windows or embeddings, one a row.
Colours belong to roles and are told apart with any colour vision; lines and markers differ as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tsgen.arrays import AnyArray, Array, as_rows
from tsgen.displays import percent
from tsgen.errors import DataError
from tsgen.evaluation import measure_title, off_ideal
from tsgen.metrics import autocorrelation, spectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "COLOURS",
    "bare",
    "finished",
    "new_axes",
    "plot_autocorrelation",
    "plot_cross_correlation",
    "plot_embedding",
    "plot_floor",
    "plot_losses",
    "plot_spectra",
    "plot_windows",
]

COLOURS = {"real": "#0072B2", "synthetic": "#D55E00", "baseline": "#707070"}
COLOURS |= {"before": COLOURS["real"], "after": COLOURS["synthetic"]}
"""Colour of each role (Okabe and Ito's palette)."""

_LINES = {"real": "-", "synthetic": (0, (4, 1.5)), "baseline": ":"}
_MARKERS = {"real": "o", "synthetic": "^", "baseline": "s"}
_SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_LANES = 8
_PAIRS = 6

Roles = Mapping[str, npt.ArrayLike]


def plot_windows(data: Roles, *, ax: Axes | None = None) -> Axes:
    """Draw a few windows of each role side by side, one lane a window, each in its own range.

    Args:
        data: Role -> windows (n, L); the first 8 of each are drawn.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: An unknown role, no windows, or missing values.
    """
    windows, ax = _checked(data), new_axes(ax)
    length = max(rows.shape[1] for rows in windows.values())
    ticks, labels = [], []
    for place, (role, rows) in enumerate(windows.items()):
        left = place * 1.12 * length
        for lane, row in enumerate(rows[:_LANES]):
            low, span = row.min(), np.ptp(row)
            unit = (row - low) / span if span > 0 else np.full_like(row, 0.5)
            ax.plot(left + np.arange(len(row)), 0.8 * unit - lane, color=COLOURS[role], lw=1.3)
        ax.text(left + length / 2, 1.0, role, color=COLOURS[role], ha="center", weight="bold")
        ticks += [left, left + length - 1]
        labels += ["0", str(length - 1)]
    ax.set_xticks(ticks, labels)
    ax.set_yticks([])
    ax.set_ylim(0.1 - min(_LANES, max(map(len, windows.values()))), 1.45)
    ax.set_xlabel("step")
    _strip(ax, "left")
    return ax


def plot_spectra(data: Roles, *, ax: Axes | None = None) -> Axes:
    """Draw the mean log power of each role over frequency, in cycles a step.

    Args:
        data: Role -> windows (n, L).
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: An unknown role, missing values, or windows that are all constant.
    """
    windows, ax = _checked(data), new_axes(ax)
    for role, rows in windows.items():
        frequency = np.arange(1, rows.shape[1] // 2 + 1) / rows.shape[1]
        _line(ax, role, frequency, spectrum(rows))
    ax.set_xlabel("frequency (cycles a step)")
    ax.set_ylabel("mean log10 power")
    return finished(ax)


def plot_autocorrelation(data: Roles, *, ax: Axes | None = None) -> Axes:
    """Draw the mean autocorrelation of each role over lags.

    Args:
        data: Role -> windows (n, L).
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: An unknown role, no windows, or missing values.
    """
    windows, ax = _checked(data), new_axes(ax)
    ax.axhline(0.0, color="#BBBBBB", lw=0.8)
    for role, rows in windows.items():
        mean = autocorrelation(rows).mean(axis=0)
        _line(ax, role, np.arange(1, len(mean) + 1), mean)
    ax.set_xlabel("lag (steps)")
    ax.set_ylabel("mean autocorrelation")
    return finished(ax)


def plot_cross_correlation(data: Roles, channels: Sequence[str], *, ax: Axes | None = None) -> Axes:
    """Draw the cross-correlations of each role over lags, one lane a pair of channels.

    Args:
        data: Role -> (pairs, 2 K + 1), as `tsgen.metrics.cross_correlation` returns; the 6 pairs
            with the strongest correlations (of the first role) are drawn.
        channels: Names of the channels.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: An unknown role, or other numbers of pairs than the channels have.
    """
    first, second = np.triu_indices(len(channels), 1)
    _check_roles(data)
    correlations = {role: np.asarray(rows, dtype=np.float64) for role, rows in data.items()}
    if wrong := [role for role, rows in correlations.items() if len(rows) != len(first)]:
        raise DataError(
            f"The {wrong[0]} cross-correlations have {len(correlations[wrong[0]])} rows; "
            f"{len(channels)} channels have {len(first)} pairs."
        )
    strongest = np.abs(np.nan_to_num(next(iter(correlations.values())))).max(axis=1)
    chosen = np.sort(np.argsort(-strongest, kind="stable")[:_PAIRS])
    ax = new_axes(ax, height=0.75 * len(chosen) + 1.2)
    for lane, pair in enumerate(chosen):
        ax.axhline(-2.2 * lane, color="#BBBBBB", lw=0.8)
        for role, rows in correlations.items():
            lags = np.arange(rows.shape[1]) - rows.shape[1] // 2
            _line(ax, role, lags, rows[pair] - 2.2 * lane, role if lane == 0 else "")
    ax.axvline(0, color="#BBBBBB", lw=0.8)
    names = [f"{channels[first[pair]]} →\n{channels[second[pair]]}" for pair in chosen]
    ax.set_yticks(-2.2 * np.arange(len(chosen)), names)
    ax.set_ylim(-2.2 * len(chosen) + 1.1, 1.1)
    ax.set_xlabel("lag (steps) by which the second follows; each lane from -1 to 1")
    return finished(ax)


def plot_embedding(data: Roles, *, ax: Axes | None = None) -> Axes:
    """Draw the embeddings of each role in the two main directions of the real ones.

    Args:
        data: Role -> embeddings (n, E), E >= 2; "real" must be among them.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: No real embeddings, fewer than two, or missing values.
    """
    embeddings, ax = _checked(data), new_axes(ax)
    if "real" not in embeddings or min(embeddings["real"].shape) < 2:
        raise DataError("plot_embedding needs at least two 'real' embeddings of two dimensions.")
    centre = embeddings["real"].mean(axis=0)
    _, scales, directions = np.linalg.svd(embeddings["real"] - centre, full_matrices=False)
    share = scales**2 / max(float((scales**2).sum()), np.finfo(float).tiny)
    for role, rows in embeddings.items():
        x, y = ((rows - centre) @ directions[:2].T).T
        ax.scatter(
            x, y, s=14, alpha=0.55, lw=0, label=role, color=COLOURS[role], marker=_MARKERS[role]
        )
    ax.set_xlabel(f"first real direction ({percent(share[0])} of variance)")
    ax.set_ylabel(f"second ({percent(share[1])})")
    _strip(ax)
    ax.legend(frameon=False, fontsize="small", markerscale=1.8, loc="upper left",
              bbox_to_anchor=(1, 1))  # fmt: skip
    return ax


def plot_losses(rows: Sequence[Mapping[str, Any]], *, ax: Axes | None = None) -> Axes:
    """Draw the losses of a training over steps, with a mark where each stage begins.

    Args:
        rows: History rows with "step", losses (names with "loss" in them) and, for models that
            grow, "stage".
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: No rows, or rows without "step" or a loss.
    """
    table, ax = pd.DataFrame(list(rows)), new_axes(ax)
    names = [name for name in table.columns if "loss" in str(name)]
    if table.empty or "step" not in table or not names:
        raise DataError("plot_losses needs history rows with a 'step' and at least one loss.")
    for name, colour in zip(names, _cycle(len(names)), strict=True):
        losses = table[["step", name]].dropna()
        ax.plot(
            losses["step"], losses[name], label=str(name).replace("_", " "), color=colour, lw=1.3
        )
    if "stage" in table:
        _mark_stages(ax, table)
    ax.set_xlabel("step")
    ax.set_ylabel("loss")
    return finished(ax)


def _mark_stages(ax: Axes, table: pd.DataFrame) -> None:
    steps, stages = table["step"].to_numpy(), table["stage"].to_numpy()
    changed = np.flatnonzero(np.diff(stages, prepend=stages[0] - 1))
    for i in changed:
        begin = steps[i - 1] if i else 0
        ax.axvline(begin, color="#BBBBBB", lw=0.8, zorder=0)
        ax.annotate(
            f"stage {int(stages[i])}",
            (begin, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(2, 3),
            textcoords="offset points",
            color="#555555",
            fontsize="small",
        )


def plot_floor(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how far each metric is from its ideal, for the sample and for real windows.

    Each row has its own scale, from the ideal (left) to the farther of the two; bars are spreads.

    Args:
        table: The table of a `StudyResult`; without a column `ideal`, that is 0 where lower is
            better and 1 elsewhere.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: The table has no rows.
    """
    if table.empty:
        raise DataError("plot_floor needs at least one metric.")
    ax = new_axes(ax, height=0.34 * len(table) + 1.1)
    rows = np.arange(len(table))[::-1]
    sample, floor = (off_ideal(table, name) for name in ("value", "floor"))
    spreads = [table[name].to_numpy(np.float64) for name in ("spread", "floor_spread")]
    scale = np.maximum(sample + spreads[0], floor + spreads[1])
    scale = np.where(scale > 0, scale, 1.0)
    ax.hlines(rows, floor / scale, sample / scale, color="#CCCCCC", lw=3, zorder=1)
    labels = {"baseline": "real windows (floor)", "synthetic": "sample"}
    for role, off, spread in (("baseline", floor, spreads[1]), ("synthetic", sample, spreads[0])):
        ax.errorbar(
            off / scale,
            rows,
            xerr=np.stack([np.minimum(spread, off), spread]) / scale,  # nothing beyond the ideal
            fmt=_MARKERS[role],
            color=COLOURS[role],
            label=labels[role],
            lw=1.2,
            ms=6,
        )
    numbers = zip(table["value"], table["floor"], strict=True)
    for row, (value, real) in zip(rows, numbers, strict=True):
        ax.text(1.08, row, f"{value:.3g}  /  {real:.3g}", va="center", fontsize="small")
    ax.text(1.08, len(table) - 0.35, "sample / real", fontsize="small", color="#555555")
    ax.set_yticks(rows, ["\n".join(wrap(measure_title(name), 26)) for name in table["metric"]])
    ax.set_xticks([0, 1], ["ideal", "farthest"])
    ax.set_xlim(-0.05, 1.5)
    ax.set_ylim(-0.7, len(table) + 0.1)
    _strip(ax, "left")
    ax.legend(frameon=False, fontsize="small", ncols=2, loc="lower left", bbox_to_anchor=(0, 1))
    return ax


def _check_roles(data: Roles) -> None:
    if unknown := set(data) - set(COLOURS):
        raise DataError(f"Role {unknown.pop()!r} is unknown; use {', '.join(COLOURS)}.")
    if not data:
        raise DataError(f"There is nothing to draw; give at least one of {', '.join(COLOURS)}.")


def _checked(data: Roles) -> dict[str, Array]:
    _check_roles(data)
    return {role: as_rows(rows, role, min_width=2) for role, rows in data.items()}


def new_axes(ax: Axes | None, *, height: float = 3.4) -> Axes:
    """Return `ax`, or the one Axes of a new figure that pyplot knows nothing of."""
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=(6.0, height), layout="constrained").subplots()


def _line(ax: Axes, role: str, x: AnyArray, y: Array, label: str | None = None) -> None:
    ax.plot(
        x, y, label=role if label is None else label, color=COLOURS[role], ls=_LINES[role], lw=1.8
    )


def _cycle(num: int) -> list[str]:
    return [_SERIES[i % len(_SERIES)] for i in range(num)]


def _strip(ax: Axes, *more: str) -> None:
    for side in ("top", "right", *more):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0 if more else 3)


def bare(ax: Axes) -> Axes:
    """Return `ax` without the frame's upper and right side."""
    _strip(ax)
    return ax


def finished(ax: Axes) -> Axes:
    """Return `ax` with a legend, and without the frame's upper and right side."""
    _strip(ax)
    ax.legend(frameon=False, fontsize="small")
    return ax
