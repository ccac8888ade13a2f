"""Resolutions of a window: the lengths of the levels, and the ways between them.

Shape legend: B batch, C channels, L steps.
"""

from __future__ import annotations

import torch
from torch.nn import functional

__all__ = ["coarsen", "halve", "level_lengths", "resize"]


def level_lengths(target_length: int) -> tuple[int, ...]:
    """Return the lengths of the levels, coarse to fine: halved (rounded up) down to at most 8.

    Example:
        >>> level_lengths(64), level_lengths(100)
        ((8, 16, 32, 64), (7, 13, 25, 50, 100))
    """
    lengths = [target_length]
    while lengths[-1] > 8:
        lengths.append(-(-lengths[-1] // 2))
    return tuple(reversed(lengths))


def coarsen(windows: torch.Tensor, lengths: tuple[int, ...], stage: int) -> torch.Tensor:
    """Average windows (B, L) or (B, C, L), step by step, down to the length of `stage`.

    NaN is missing: a coarse step is the mean of the observed fine ones, NaN if there is none.
    """
    complete = not bool(torch.isnan(windows).any())
    rows = windows.reshape(len(windows), -1, windows.shape[-1])
    for coarse in reversed(lengths[stage:-1]):
        if complete:
            rows = halve(rows, coarse)
            continue
        observed = (~torch.isnan(rows)).to(rows.dtype)
        rows = halve(torch.nan_to_num(rows), coarse) / halve(observed, coarse)
    return rows.reshape(*windows.shape[:-1], -1)


def halve(x: torch.Tensor, length: int) -> torch.Tensor:
    """Average (B, C, L) down to `length` = L / 2 steps, rounded up."""
    if x.shape[-1] == 2 * length:  # several times faster than the general kernel
        return (x[..., ::2] + x[..., 1::2]) * 0.5
    return functional.adaptive_avg_pool1d(x, length)


def resize(x: torch.Tensor, length: int) -> torch.Tensor:
    """Interpolate (B, C, L) linearly to `length` steps."""
    return functional.interpolate(x, size=length, mode="linear", align_corners=False)
