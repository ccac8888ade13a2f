"""Batches in which what is drawn for one row does not depend on how many stand beside it."""

from __future__ import annotations

import numpy as np

from tsgen.arrays import Integers

__all__ = ["padded_rows"]

_MULTIPLE = 16
"""Below it, matrix products are summed in another order, and the last bits of a row differ."""


def padded_rows(count: int) -> Integers:
    """Return the rows 0 to `count` - 1, then the last one again up to a full multiple of rows."""
    return np.minimum(np.arange(-(-count // _MULTIPLE) * _MULTIPLE), count - 1)
