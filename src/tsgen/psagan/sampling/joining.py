"""Long series from windows: the next window is chosen to fit, joined where it fits best.

Successive windows overlap. Several candidates are drawn for each next window; the one that meets
the series so far most closely, at its best place within the overlap, is taken, cut there, and
shifted by what is left of the gap, a shift that fades away. Nothing is averaged, so the join has
the step and the roughness of a generated window (after Efros and Freeman's image quilting,
SIGGRAPH 2001).

Of series of several channels, one candidate and one cut are taken for all channels together: those
that fit best in the sum over the channels.

Shape legend: R series, K candidates, L window length, M overlap, T length of the joined series, D
channels (where there are several).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tsgen.arrays import Integers, Singles

__all__ = ["CANDIDATES", "join_windows", "overlap_of"]

CANDIDATES = 8
"""How many windows are drawn for each place, of which one is taken."""


def overlap_of(window: int) -> int:
    """Return the steps that successive windows share: a quarter, two at the least."""
    return max(window // 4, 2)


def join_windows(
    draw: Callable[[int, int], Singles], window: int, length: int
) -> tuple[Singles, Integers]:
    """Join windows into series of `length` steps.

    Args:
        draw: draw(offset, K) returns candidates (R, K, L) or (R, K, D, L) for the windows that
            begin `offset` steps after the series' start, in scales of their series.
        window: L.
        length: T, more than L.

    Returns:
        The series (R, T) or (R, D, T), and the steps (R, number of joins) after which a new window
        begins.
    """
    overlap = overlap_of(window)
    series = draw(0, 1)[:, 0]
    joins = []
    while series.shape[-1] < length:
        offset = series.shape[-1] - overlap
        candidates = draw(offset, CANDIDATES)
        series, cut = _append(series, candidates, overlap)
        joins.append(offset + cut)
    places = np.stack(joins, axis=1) if joins else np.zeros((len(series), 0), np.int64)
    return series[..., :length], places


def _append(series: Singles, candidates: Singles, overlap: int) -> tuple[Singles, Integers]:
    """Append the best candidate to each series; return the series and the steps of the cuts."""
    rows = np.arange(len(series))
    shape = (len(series), candidates.shape[1], -1, candidates.shape[-1])
    windows, past = candidates.reshape(shape), series.reshape(len(series), -1, series.shape[-1])
    tail = past[:, None, :, -overlap:]
    gap = tail - windows[..., :overlap]  # (R, K, D, M)
    # A cut after step c is good if the two agree at c - 1 and at c: then level and slope fit. What
    # comes after c has no say: asking for agreement there would favour the small steps, on which
    # two series agree most easily, and the joins would show as calm places.
    misfit = (gap[..., :-1] ** 2 + gap[..., 1:] ** 2).sum(axis=2)
    best = misfit.reshape(len(series), -1).argmin(axis=1)
    choice, cut = np.divmod(best, overlap - 1)
    cut += 1
    fade = np.exp(-np.maximum(np.arange(shape[-1])[None] - cut[:, None], 0) / overlap)
    fresh = windows[rows, choice] + gap[rows, choice, :, cut][..., None] * fade[:, None]
    steps = np.arange(overlap)
    middle = np.where(steps <= cut[:, None, None], past[..., -overlap:], fresh[..., :overlap])
    joined = np.concatenate([past[..., :-overlap], middle, fresh[..., overlap:]], axis=-1)
    return joined.reshape(*series.shape[:-1], -1).astype(np.float32), cut
