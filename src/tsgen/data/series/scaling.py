"""Scaling of series: fitted on the training part, saved with the model, inverted on samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tsgen.arrays import Array, Floats, Integers

__all__ = ["SeriesScaler"]


@dataclass(frozen=True)
class SeriesScaler:
    """One affine map a series: scaled = (value - location) / scale, computed in float64.

    A constant series has `scale` 0: it is scaled to 0 and comes back as exactly its constant.

    Attributes:
        location: (n,) in the units of the data.
        scale: (n,) in the units of the data, >= 0.

    Example:
        >>> import numpy as np
        >>> scaler = SeriesScaler.fit(np.array([0.0, 10.0, 5.0]), np.array([0, 3]), "min-max")
        >>> scaler.apply(np.array([[5.0]]), np.array([0]))
        array([[0.5]])
    """

    location: Array
    scale: Array

    @classmethod
    def fit(
        cls,
        values: Floats,
        offsets: Integers,
        kind: Literal["standard", "min-max"],
    ) -> SeriesScaler:
        """Fit one map for each series; NaN is left out. Memory stays proportional to the data.

        Args:
            values: (N,), all series one after another.
            offsets: (n + 1,), series i is values[offsets[i]:offsets[i + 1]].
            kind: "standard" (mean and standard deviation) or "min-max" (minimum and range).
        """
        values = np.asarray(values, dtype=np.float64)
        begins, missing = offsets[:-1], np.isnan(values)
        if kind == "min-max":
            low = np.minimum.reduceat(np.where(missing, np.inf, values), begins)
            high = np.maximum.reduceat(np.where(missing, -np.inf, values), begins)
            location, scale = low, high - low
        else:
            count = np.add.reduceat(~missing, begins, dtype=np.float64)
            location = np.add.reduceat(np.where(missing, 0.0, values), begins) / count
            residual = values - np.repeat(location, np.diff(offsets))
            squares = np.where(missing, 0.0, residual**2)
            scale = np.sqrt(np.add.reduceat(squares, begins) / count)
            scale[scale < 1e-15 * np.abs(location)] = 0.0  # rounding, not variety
            # A sum over a count misses a constant by its last digits.
            lowest = np.fmin.reduceat(values, begins)
            constant = lowest == np.fmax.reduceat(values, begins)
            location = np.where(constant, lowest, location)
            scale[constant] = 0.0
        return cls(location, scale)

    def apply(self, values: Floats, series: Integers) -> Array:
        """Scale `values` (B, ...) of the given `series` (B,)."""
        location, scale = self._columns(values, series)
        return (values - location) / np.where(scale > 0, scale, 1.0)

    def invert(self, scaled: Floats, series: Integers) -> Array:
        """Return values in the units of the data; the inverse of `apply`."""
        location, scale = self._columns(scaled, series)
        return np.asarray(scaled, dtype=np.float64) * scale + location

    def _columns(self, values: Floats, series: Integers) -> tuple[Array, Array]:
        shape = (-1,) + (1,) * (values.ndim - 1)
        return self.location[series].reshape(shape), self.scale[series].reshape(shape)
