"""Histograms of what a study was made on, kept with its arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tsgen.arrays import AnyArray, Array
from tsgen.data import Interactions

__all__ = ["Histogram", "event_histograms", "histogram_arrays", "read_histograms"]

_PREFIX = "histogram"
_BARS = 30
_ENDS = (0.005, 0.995)


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts in bars, one row of counts a role.

    Attributes:
        edges: (b + 1,), rising.
        counts: Role ("real", "synthetic" ...) -> (b,).
        beyond: Numbers beyond the ends, which are counted in the outermost bars.
    """

    edges: Array
    counts: Mapping[str, Array]
    beyond: int

    def shares(self, role: str) -> Array:
        """Return the share of a role's numbers in each bar."""
        counts = self.counts[role]
        return np.asarray(counts / max(float(counts.sum()), 1.0))


def histogram_arrays(name: str, values: Mapping[str, npt.ArrayLike]) -> dict[str, AnyArray]:
    """Return arrays of one histogram, to be kept with a result's.

    Bars are equally wide between the 0.5 % and 99.5 % quantiles of all roles, so that a few
    outliers do not hide the rest; whole numbers of few values have a bar each.

    Args:
        name: What the numbers are, as an axis says it: "value", "events a user".
        values: Role -> numbers; NaN and infinity are left out.
    """
    numbers = {role: np.asarray(part, np.float64).ravel() for role, part in values.items()}
    numbers = {role: part[np.isfinite(part)] for role, part in numbers.items()}
    everything = np.concatenate(list(numbers.values()))
    if not len(everything):
        return {}
    edges = _edges(everything)
    beyond = int(((everything < edges[0]) | (everything > edges[-1])).sum())
    arrays: dict[str, AnyArray] = {
        f"{_PREFIX}.{name}.edges": edges, f"{_PREFIX}.{name}.beyond": np.array(beyond)
    }  # fmt: skip
    for role, part in numbers.items():
        inside = np.clip(part, edges[0], edges[-1])
        arrays[f"{_PREFIX}.{name}.{role}"] = np.histogram(inside, edges)[0]
    return arrays


def event_histograms(log: Interactions) -> dict[str, AnyArray]:
    """Return the histograms of a log: how many events users and items have."""
    items = np.bincount(log.item, minlength=log.num_items)
    return histogram_arrays("events a user", {"users": log.lengths}) | histogram_arrays(
        "events an item", {"items": items}
    )


def _edges(values: Array) -> Array:
    low, high = (float(end) for end in np.quantile(values, _ENDS))
    whole = bool((values == np.round(values)).all())
    if whole and high - low < _BARS:
        return np.arange(np.floor(low), np.ceil(high) + 2) - 0.5
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, _BARS + 1)


def read_histograms(arrays: Mapping[str, AnyArray]) -> dict[str, Histogram]:
    """Return the histograms among a result's arrays, by name."""
    parts: dict[str, dict[str, AnyArray]] = {}
    for key, array in arrays.items():
        if key.startswith(f"{_PREFIX}."):
            name, role = key.removeprefix(f"{_PREFIX}.").rsplit(".", 1)
            parts.setdefault(name, {})[role] = array
    return {
        name: Histogram(part.pop("edges"), {r: c for r, c in part.items() if r != "beyond"},
                        int(part["beyond"]))
        for name, part in parts.items()
    }  # fmt: skip
