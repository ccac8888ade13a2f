"""Windows instead of series: any operation on them, and plain ways to draw more of them.

The baselines take real windows (n, L) and return `num` new ones, (num, L): of known quality, they
say what a generator must beat, and what copies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, as_rows
from tsgen.data import SeriesDataset
from tsgen.errors import SettingsError
from tsgen.rng import numpy_stream

from .base import AlignedOperation, Transform
from .resampling import block_bootstrap, mixing
from .sources import Sources
from .transforms import jitter

__all__ = [
    "WINDOW_BASELINES",
    "bootstrapped_windows",
    "gaussian_windows",
    "jittered_windows",
    "make_windows",
    "mixed_windows",
]


def make_windows(
    windows: Array, operation: AlignedOperation, *, season: int = 1, seed: int
) -> Array:
    """Make a new window after each of n windows, (n, L); past and future are changed together.

    Args:
        windows: (n, L), NaN = missing; all begin at the same phase of the season.
        operation: What makes them; its `season` counts if it has one.
        season: Steps of a season.
        seed: Same seed, same windows.
    """
    dataset = _as_series(np.asarray(windows, dtype=np.float64))
    if isinstance(operation, Transform) and operation.season is None:
        operation = Transform(operation.name, operation.settings, season, operation.function)
    made: Array = operation.after(dataset, np.arange(len(dataset)), seed=seed).values
    return made.reshape(np.shape(windows))


def gaussian_windows(windows: npt.ArrayLike, num: int, *, seed: int) -> Array:
    """Draw from the normal distribution with the windows' mean and full covariance.

    Args:
        windows: (n, L), n >= 2.
        num: Windows to draw.
        seed: Same seed, same windows.

    Raises:
        DataError: Missing values, or fewer than two windows.
    """
    rows = as_rows(windows, "windows", min_rows=2)
    mean = rows.mean(axis=0)
    # A normal mix of the centred windows has exactly their covariance, singular or not.
    _, scales, directions = np.linalg.svd(
        (rows - mean) / np.sqrt(len(rows) - 1), full_matrices=False
    )
    noise = numpy_stream(seed, "gaussian").normal(size=(num, len(scales)))
    drawn: Array = mean + (noise * scales) @ directions
    return drawn


def jittered_windows(windows: npt.ArrayLike, num: int, *, seed: int, share: float = 0.03) -> Array:
    """Copy real windows and add normal noise of `share` times each window's range.

    Args:
        windows: (n, L).
        num: Windows to draw.
        seed: Same seed, same windows.
        share: Standard deviation of the noise over the range.

    Raises:
        DataError: Missing values, or no windows.
        SettingsError: `share` is negative.
    """
    if not share >= 0:
        raise SettingsError(f"share={share} is not possible: use 0 or more.")
    rows = as_rows(windows, "windows")
    return _drawn(rows, num, jitter, numpy_stream(seed, "jitter"), share=share, of="range")


def mixed_windows(windows: npt.ArrayLike, num: int, *, seed: int) -> Array:
    """Return convex mixes of two different real windows, with weights uniform in [0, 1].

    Args:
        windows: (n, L), n >= 2.
        num: Windows to draw.
        seed: Same seed, same windows.

    Raises:
        DataError: Missing values, or fewer than two windows.
    """
    rows = as_rows(windows, "windows", min_rows=2)
    return _drawn(rows, num, mixing, numpy_stream(seed, "mixing"), keep_level=False)


def bootstrapped_windows(
    windows: npt.ArrayLike, num: int, *, seed: int, block_length: int | None = None
) -> Array:
    """Rebuild real windows from blocks of themselves, drawn with replacement.

    The moving-block bootstrap of Künsch 1989, within one window.

    Args:
        windows: (n, L).
        num: Windows to draw.
        seed: Same seed, same windows.
        block_length: Steps in a block, 1..L; L // 4 (at least 1) if None.

    Raises:
        DataError: Missing values, or no windows.
        SettingsError: `block_length` outside 1..L.
    """
    rows = as_rows(windows, "windows")
    length = rows.shape[1]
    size = max(1, length // 4) if block_length is None else block_length
    if not 1 <= size <= length:
        raise SettingsError(
            f"block_length={size} is not possible for windows of length {length}: "
            f"use 1 to {length}."
        )
    stream = numpy_stream(seed, "block_bootstrap")
    return _drawn(rows, num, block_bootstrap, stream, block_length=size)


WINDOW_BASELINES = {
    "gaussian": gaussian_windows,
    "jitter": jittered_windows,
    "mixing": mixed_windows,
    "block_bootstrap": bootstrapped_windows,
}


def _as_series(windows: Array) -> SeriesDataset:
    num, length = windows.shape
    return SeriesDataset(
        windows.ravel(),
        np.arange(num + 1) * length,
        np.zeros(num, np.int64),
        "h",
        tuple(range(num)),
    )


def _drawn(
    windows: Array,
    num: int,
    transform: Callable[..., Array],
    draw: np.random.Generator,
    **settings: Any,
) -> Array:
    """Return `num` windows, each what a transform makes of a window drawn with replacement."""
    rows = draw.integers(len(windows), size=num)
    sources = Sources.of(_as_series(windows), rows, season=1)
    return transform(sources, draw, **settings).reshape(num, windows.shape[1])
