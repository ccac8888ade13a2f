"""How channels that were observed together go together: cross-correlations at lags."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array
from tsgen.errors import DataError, SettingsError

__all__ = ["cross_correlation", "cross_correlation_distance"]


def cross_correlation(windows: npt.ArrayLike, max_lag: int | None = None) -> Array:
    """Return the mean cross-correlation of every pair of channels at lags -K to K.

    Of one window, r_ij(k) = Σ_t (x_i,t - x̄_i)(x_j,t+k - x̄_j) / (L s_i s_j), with each channel's
    mean and deviation in that window: at a positive lag, channel j follows channel i by k steps. A
    channel that is constant in a window has no correlation there and is given 0 at every lag.

    Missing values (NaN) are left out: means and deviations are those of the observed values, and
    the sum over t is L - |k| times the mean, over all windows, of the products of which both
    factors are observed. A pair never observed together at a lag is NaN there.

    Args:
        windows: (n, C, L), C >= 2 channels of L >= 2 steps.
        max_lag: K, at most L - 1; L // 2 if None.

    Returns:
        (C (C - 1) / 2, 2 K + 1): pairs (0, 1), (0, 2), ... (1, 2), ... by lags -K, ..., K.

    Raises:
        DataError: Another shape, no windows, or infinite values.
        SettingsError: `max_lag` outside 0..L - 1.
    """
    values = _checked(windows, "windows")
    length = values.shape[-1]
    max_lag = length // 2 if max_lag is None else max_lag
    if not 0 <= max_lag < length:
        raise SettingsError(
            f"max_lag={max_lag} is not possible for windows of length {length}: "
            f"use 0 to {length - 1}."
        )
    seen = np.isfinite(values)
    count = np.maximum(seen.sum(axis=-1, keepdims=True), 1)
    mean = np.where(seen, values, 0.0).sum(axis=-1, keepdims=True) / count
    centred = np.where(seen, values - mean, 0.0)
    low = np.where(seen, values, np.inf).min(axis=-1, keepdims=True)
    high = np.where(seen, values, -np.inf).max(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).sum(axis=-1, keepdims=True) / count)
    varies = (high > low) & (deviation > 0)  # rounding makes the mean of a constant inexact
    scaled = np.where(varies, centred / np.where(varies, deviation, 1.0), 0.0)
    lags = np.arange(-max_lag, max_lag + 1)
    products = _lagged_sums(scaled)[lags]
    together = np.round(_lagged_sums(seen.astype(np.float64))[lags])
    share = ((length - np.abs(lags)) / length)[:, None, None]
    mean_product = np.full_like(products, np.nan)
    np.divide(products, together, out=mean_product, where=together > 0)
    first, second = np.triu_indices(values.shape[1], 1)
    pairs: Array = (share * mean_product)[:, first, second].T
    return pairs


def cross_correlation_distance(
    real: npt.ArrayLike, synthetic: npt.ArrayLike, max_lag: int | None = None
) -> float:
    """Return the mean absolute difference of two `cross_correlation`s over pairs and lags.

    It does not depend on the unit of any channel. A pair and lag never observed in one of the two
    is left out.

    Args:
        real: (n, C, L).
        synthetic: (m, C, L).
        max_lag: The largest lag; L // 2 if None.

    Raises:
        DataError: Other shapes, infinite values, or nothing observed together in both.
    """
    first, second = _checked(real, "real"), _checked(synthetic, "synthetic")
    if first.shape[1:] != second.shape[1:]:
        raise DataError(
            f"real has windows of shape {first.shape[1:]} and synthetic of {second.shape[1:]} "
            "(channels, steps); give the same channels and cut both to the same length."
        )
    difference = np.abs(cross_correlation(first, max_lag) - cross_correlation(second, max_lag))
    if np.isnan(difference).all():
        raise DataError("No two channels are observed together in both sets of windows.")
    return float(np.nanmean(difference))


def _lagged_sums(x: Array) -> Array:
    """Return Σ x_i,t x_j,t+k over windows and steps: (2 L, C, C), lag k at index k (mod 2 L)."""
    length = x.shape[-1]
    power = np.fft.rfft(x, n=2 * length, axis=-1).transpose(2, 1, 0)  # (F, C, n)
    sums: Array = np.fft.irfft(np.conj(power) @ power.swapaxes(1, 2), n=2 * length, axis=0)
    return sums


def _checked(windows: npt.ArrayLike, name: str) -> Array:
    try:
        values = np.asarray(windows, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"{name} must be an array of numbers, (windows, channels, steps)."
        ) from None
    if values.ndim != 3 or len(values) < 1 or values.shape[1] < 2 or values.shape[2] < 2:
        raise DataError(
            f"{name} has shape {values.shape}; expected (windows, channels, steps) with one "
            "window, two channels and two steps at the least."
        )
    if np.isinf(values).any():
        raise DataError(f"{name} has infinite values; make them NaN if they are missing.")
    return values
