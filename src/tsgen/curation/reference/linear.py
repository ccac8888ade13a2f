"""The linear reference forecaster: ridge regression of the scaled future on the scaled past.

Shape legend: W windows, C context steps, L steps to forecast, Q levels, n forecast windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsgen.arrays import Array, Mask
from tsgen.errors import DataError

from .network import LEVELS, Member
from .windows import ForecastWindows

__all__ = ["LinearForecaster", "fit_linear", "linear_stack", "regression"]


@dataclass(frozen=True)
class LinearForecaster:
    """A fitted linear forecaster.

    Attributes:
        coefficients: (C + 1, L), the last row the intercept.
        residuals: (L, Q), quantiles of the training residuals at each step, over the scale.
    """

    coefficients: Array
    residuals: Array

    def quantiles(self, windows: ForecastWindows) -> Array:
        """Forecast the windows: (n, L, Q) in original units."""
        past, _, scale = windows.read()
        centre = _with_intercept(past) @ self.coefficients
        drawn: Array = (centre[..., None] + self.residuals) * scale[:, None, None]
        return drawn


def fit_linear(
    windows: ForecastWindows, weights: Array | None = None, *, ridge: float = 1.0
) -> LinearForecaster:
    """Fit by closed form.

    Args:
        windows: Training windows; those with a missing future step are left out.
        weights: (W,), how much each counts; 1 if None.
        ridge: Penalty on the squared coefficients, the intercept included.

    Raises:
        DataError: No window has a complete future.
    """
    x, y, kept = regression(windows)
    alpha = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)[kept]
    gram = (x * alpha[:, None]).T @ x + ridge * np.eye(x.shape[1])
    coefficients: Array = np.linalg.solve(gram, (x * alpha[:, None]).T @ y).astype(np.float64)
    residuals = y - x @ coefficients
    counted = residuals[alpha > 0]
    levels: Array = np.quantile(counted, LEVELS, axis=0).T.astype(np.float64)
    return LinearForecaster(coefficients, levels)


def linear_stack(
    members: Sequence[Member], sets: Sequence[ForecastWindows], *, ridge: float = 1.0
) -> list[LinearForecaster]:
    """Fit a forecaster for each member, from one Gram matrix of each window set.

    A member's windows count as its batches would: each set has its share of the weight of as many
    windows as the first set has, whose residuals give the quantiles. Seeds have no part in it.

    Raises:
        DataError: A set has no window with a complete future.
    """
    parts = [regression(windows)[:2] for windows in sets]
    grams: list[Array] = [np.asarray(x.T @ x / len(x), np.float64) for x, _ in parts]
    crosses: list[Array] = [np.asarray(x.T @ y / len(x), np.float64) for x, y in parts]
    x, y = parts[0]
    unit = ridge / len(x) * np.eye(x.shape[1])

    def fitted(member: Member) -> LinearForecaster:
        gram = sum((share * grams[place] for place, share in member.parts), start=unit)
        cross = sum(share * crosses[place] for place, share in member.parts)
        coefficients = np.linalg.solve(gram, cross).astype(np.float64)
        levels: Array = np.quantile(y - x @ coefficients, LEVELS, axis=0).T.astype(np.float64)
        return LinearForecaster(coefficients, levels)

    return [fitted(member) for member in members]


def regression(windows: ForecastWindows) -> tuple[Array, Array, Mask]:
    """Return inputs (W', C + 1), outputs (W', L) and which windows (W,) are complete.

    Raises:
        DataError: None is.
    """
    past, future, _ = windows.read()
    kept: Mask = np.asarray(~np.isnan(future).any(axis=1))
    if not kept.any():
        raise DataError("No window has a complete future; give series with fewer gaps.")
    return _with_intercept(past[kept]), future[kept], kept


def _with_intercept(past: Array) -> Array:
    return np.concatenate([past, np.ones((len(past), 1))], axis=1)
