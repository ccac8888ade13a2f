"""Strata: users who are alike in one respect, within which disparity is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Integers

__all__ = ["strata_codes"]


def strata_codes(column: pd.Series[Any], quantiles: int = 4) -> Integers:
    """Return the stratum of each value: a category each, numbers by their quarters.

    Missing values are a stratum of their own.

    Args:
        column: (n,) values.
        quantiles: Strata of a number of more than twice as many values.
    """
    if pd.api.types.is_numeric_dtype(column.dtype) and column.nunique() > 2 * quantiles:
        column = pd.qcut(column.rank(method="average"), quantiles, labels=False, duplicates="drop")
    codes, values = pd.factorize(column)
    return np.where(codes < 0, len(values), codes).astype(np.int64)
