"""How the expected totals of items, and of their categories, came in the last horizon."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Array

__all__ = ["item_record"]

_MOST_BOUGHT = 50
_CATEGORIES = 5
_MOST_VALUES = 1_000


def item_record(
    expected: Array,
    calibrated: Array,
    came: Array,
    past: Array,
    attributes: pd.DataFrame | None,
) -> list[dict[str, Any]]:
    """Return expected and came events of all items, of the most-bought ones, of categories.

    Args:
        expected: (items,) events expected, by parts that had not seen the horizon.
        calibrated: (items,) the same at the level of all items, and with the power of items, that
            this horizon taught: what is left after a fit, no forecast.
        came: (items,) events of the same users in it.
        past: (items,) events before it.
        attributes: (items, columns), or None; of each attribute with at most 1,000 values, the five
            values with the most expected events are told.

    Returns:
        Rows of: of, items, expected, calibrated, came.
    """
    most = np.zeros(len(past), bool)
    most[np.argsort(-past, kind="stable")[:_MOST_BOUGHT]] = True
    groups = {"all items": np.ones(len(past), bool)}
    if len(past) > _MOST_BOUGHT:
        groups[f"the {_MOST_BOUGHT} items most bought before"] = most
    if attributes is not None:
        for name in attributes.columns:
            groups |= _categories(attributes[name], expected)
    return [
        {
            "of": of,
            "items": int(rows.sum()),
            "expected": round(float(expected[rows].sum()), 1),
            "calibrated": round(float(calibrated[rows].sum()), 1),
            "came": int(came[rows].sum()),
        }
        for of, rows in groups.items()
    ]


def _categories(column: pd.Series[Any], expected: Array) -> dict[str, Any]:
    codes, values = pd.factorize(column)
    if not 1 < len(values) <= _MOST_VALUES:
        return {}
    labelled = codes >= 0
    sums = np.bincount(codes[labelled], expected[labelled], minlength=len(values))
    largest = np.argsort(-sums, kind="stable")[:_CATEGORIES]
    return {f"{column.name} = {values[code]}": codes == code for code in largest}
