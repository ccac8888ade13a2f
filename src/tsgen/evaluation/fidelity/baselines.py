"""Plain ways to make windows, of known quality: what a generator must beat, and what copies.

Each takes real windows (n, L) and returns `num` new ones, (num, L).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, as_rows
from tsgen.errors import SettingsError
from tsgen.rng import numpy_stream

__all__ = ["BASELINES", "block_bootstrap", "gaussian", "jitter", "mixing"]


def gaussian(windows: npt.ArrayLike, num: int, *, seed: int) -> Array:
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


def jitter(windows: npt.ArrayLike, num: int, *, seed: int, share: float = 0.03) -> Array:
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
    draw = numpy_stream(seed, "jitter")
    copies = rows[draw.integers(len(rows), size=num)]
    scale = share * np.ptp(copies, axis=1, keepdims=True)
    noisy: Array = copies + scale * draw.normal(size=copies.shape)
    return noisy


def mixing(windows: npt.ArrayLike, num: int, *, seed: int) -> Array:
    """Return convex mixes of two different real windows, with weights uniform in [0, 1].

    Args:
        windows: (n, L), n >= 2.
        num: Windows to draw.
        seed: Same seed, same windows.

    Raises:
        DataError: Missing values, or fewer than two windows.
    """
    rows = as_rows(windows, "windows", min_rows=2)
    draw = numpy_stream(seed, "mixing")
    first = draw.integers(len(rows), size=num)
    second = (first + draw.integers(1, len(rows), size=num)) % len(rows)
    weight = draw.random(size=(num, 1))
    mixed: Array = weight * rows[first] + (1 - weight) * rows[second]
    return mixed


def block_bootstrap(
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
    draw = numpy_stream(seed, "block_bootstrap")
    source = rows[draw.integers(len(rows), size=num)]
    starts = draw.integers(0, length - size + 1, size=(num, -(-length // size)))
    places = (starts[:, :, None] + np.arange(size)).reshape(num, -1)[:, :length]
    return np.take_along_axis(source, places, axis=1)


BASELINES = {
    "gaussian": gaussian,
    "jitter": jitter,
    "mixing": mixing,
    "block_bootstrap": block_bootstrap,
}
