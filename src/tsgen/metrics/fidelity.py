"""How near the distribution of synthetic windows is to that of real ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tsgen.arrays import Array, as_rows, same_width
from tsgen.errors import DataError, SettingsError

__all__ = [
    "autocorrelation",
    "autocorrelation_distance",
    "frechet_distance",
    "linear_predictive_ratio",
    "marginal_distance",
    "spectral_distance",
    "spectrum",
    "step_distance",
]


def frechet_distance(real_embeddings: npt.ArrayLike, synthetic_embeddings: npt.ArrayLike) -> float:
    """Return the Fréchet distance between Gaussians fitted to two sets of embeddings.

    |mu_r - mu_s|² + tr(S_r + S_s - 2 (S_r S_s)^(1/2)); Heusel et al. 2017, eq. 6, with covariances
    of n - 1. With S = AᵀA, the trace of the root is the sum of the singular values of A_r A_sᵀ,
    which needs no matrix root and stays stable for singular covariances.

    The estimate is biased upwards for few rows, strongly so with fewer rows than dimensions:
    compare only at equal counts, and beside the distance of real rows to other real rows.

    Args:
        real_embeddings: (n, d), n >= 2.
        synthetic_embeddings: (m, d), m >= 2.

    Returns:
        A number of at least 0, in squared units of the embedding.

    Raises:
        DataError: Missing values, fewer than two rows, or different dimensions.
    """
    real = as_rows(real_embeddings, "real_embeddings", min_rows=2)
    synthetic = as_rows(synthetic_embeddings, "synthetic_embeddings", min_rows=2)
    same_width(real, "real_embeddings", synthetic, "synthetic_embeddings")
    shift = real.mean(axis=0) - synthetic.mean(axis=0)
    root_r, root_s = _covariance_root(real), _covariance_root(synthetic)
    shared = np.linalg.svd(root_r @ root_s.T, compute_uv=False).sum()
    distance = shift @ shift + (root_r**2).sum() + (root_s**2).sum() - 2.0 * shared
    return max(float(distance), 0.0)


def _covariance_root(rows: Array) -> Array:
    """Return A of shape (min(n, d), d) with AᵀA the covariance of `rows`."""
    centred = (rows - rows.mean(axis=0)) / np.sqrt(len(rows) - 1)
    root: Array = np.linalg.qr(centred, mode="r")  # type: ignore[assignment]
    return root


def marginal_distance(real: npt.ArrayLike, synthetic: npt.ArrayLike) -> float:
    """Return the 1-Wasserstein distance between all values of two sets of windows.

    Values are pooled over windows and steps and measured in standard deviations of the real ones,
    so that the unit of the series does not matter.

    Args:
        real: (n, L).
        synthetic: (m, L').

    Raises:
        DataError: Missing values, no windows, or real values that never vary.
    """
    return _scaled_wasserstein(as_rows(real, "real"), as_rows(synthetic, "synthetic"), "values")


def step_distance(real: npt.ArrayLike, synthetic: npt.ArrayLike) -> float:
    """Return the 1-Wasserstein distance between one-step differences, pooled as the values are.

    Measured in standard deviations of the real differences; it sees noise and smoothing that
    `marginal_distance` cannot.

    Args:
        real: (n, L), L >= 2.
        synthetic: (m, L'), L' >= 2.

    Raises:
        DataError: Missing values, no windows, or real differences that never vary.
    """
    steps = np.diff(as_rows(real, "real", min_width=2), axis=1)
    return _scaled_wasserstein(
        steps, np.diff(as_rows(synthetic, "synthetic", min_width=2), axis=1), "one-step differences"
    )


def _scaled_wasserstein(real: Array, synthetic: Array, what: str) -> float:
    spread = real.std()
    if not spread > 0:
        raise DataError(
            f"The {what} of the real windows are all {real.flat[0]:g}, so no distance can be "
            "measured in their standard deviations; give real windows that vary."
        )
    first, second = np.sort(real, axis=None), np.sort(synthetic, axis=None)
    places = np.concatenate([first, second])
    places.sort(kind="stable")
    # The area between the two empirical distribution functions.
    share_first = first.searchsorted(places[:-1], side="right") / first.size
    share_second = second.searchsorted(places[:-1], side="right") / second.size
    return float(np.abs(share_first - share_second) @ np.diff(places) / spread)


def autocorrelation(windows: npt.ArrayLike, max_lag: int | None = None) -> Array:
    """Return each window's autocorrelation at lags 1 to `max_lag`.

    The usual estimate r_k = Σ (x_t - x̄)(x_{t+k} - x̄) / Σ (x_t - x̄)²; a constant window has no
    autocorrelation and is given 0 at every lag.

    Args:
        windows: (n, L), L >= 2.
        max_lag: The largest lag, at most L - 1; L // 2 if None.

    Returns:
        (n, max_lag).

    Raises:
        DataError: Missing values, no windows.
        SettingsError: `max_lag` outside 1..L - 1.
    """
    rows = as_rows(windows, "windows", min_width=2)
    length = rows.shape[1]
    max_lag = length // 2 if max_lag is None else max_lag
    if not 1 <= max_lag < length:
        raise SettingsError(
            f"max_lag={max_lag} is not possible for windows of length {length}: "
            f"use 1 to {length - 1}."
        )
    centred = rows - rows.mean(axis=1, keepdims=True)
    # Rounding makes the mean of a constant window inexact; its remainder is not a signal.
    centred[np.ptp(rows, axis=1) == 0] = 0.0
    power = np.abs(np.fft.rfft(centred, n=2 * length, axis=1)) ** 2
    products = np.fft.irfft(power, n=2 * length, axis=1)[:, : max_lag + 1]
    total = np.einsum("ij,ij->i", centred, centred)[:, None]
    correlation: Array = np.zeros((len(rows), max_lag))
    np.divide(products[:, 1:], total, out=correlation, where=total > 0)
    return correlation


def autocorrelation_distance(
    real: npt.ArrayLike, synthetic: npt.ArrayLike, max_lag: int | None = None
) -> float:
    """Return the mean absolute difference of the mean autocorrelations over lags 1 to `max_lag`.

    Args:
        real: (n, L), L >= 2.
        synthetic: (m, L).
        max_lag: The largest lag; L // 2 if None.

    Raises:
        DataError: Missing values, no windows, or different lengths.
    """
    real, synthetic = as_rows(real, "real"), as_rows(synthetic, "synthetic")
    same_width(real, "real", synthetic, "synthetic")
    difference = autocorrelation(real, max_lag).mean(0) - autocorrelation(synthetic, max_lag).mean(
        0
    )
    return float(np.abs(difference).mean())


def spectrum(windows: npt.ArrayLike, *, floor: float | None = None) -> Array:
    """Return the mean over windows of the log10 power at frequencies 1/L to (L // 2)/L.

    Power is |DFT|²/L of the window less its mean. A logarithm needs a floor: power below `floor`
    counts as `floor`.

    Args:
        windows: (n, L), L >= 2.
        floor: In squared units of the series; a millionth of the windows' mean power if None.

    Returns:
        (L // 2,).

    Raises:
        DataError: Missing values, no windows, or windows that are all constant and no `floor`.
    """
    power = _power(as_rows(windows, "windows", min_width=2))
    least = _power_floor(power) if floor is None else floor
    mean: Array = np.log10(np.maximum(power, least)).mean(axis=0)
    return mean


def spectral_distance(real: npt.ArrayLike, synthetic: npt.ArrayLike) -> float:
    """Return the mean absolute difference of the two spectra, in decades of power.

    Both use the floor of the real windows.

    Args:
        real: (n, L), L >= 2.
        synthetic: (m, L).

    Raises:
        DataError: Missing values, no windows, different lengths, or constant real windows only.
    """
    real, synthetic = as_rows(real, "real", min_width=2), as_rows(synthetic, "synthetic")
    same_width(real, "real", synthetic, "synthetic")
    floor = _power_floor(_power(real))
    difference = spectrum(real, floor=floor) - spectrum(synthetic, floor=floor)
    return float(np.abs(difference).mean())


def _power(rows: Array) -> Array:
    centred = rows - rows.mean(axis=1, keepdims=True)
    power: Array = np.abs(np.fft.rfft(centred, axis=1)[:, 1:]) ** 2 / rows.shape[1]
    return power


def _power_floor(power: Array) -> float:
    mean = float(power.mean())
    if not mean > 0:
        raise DataError(
            "Every window is constant, so its power is 0 and has no logarithm; give windows that "
            "vary, or a floor."
        )
    return 1e-6 * mean


def linear_predictive_ratio(
    synthetic: npt.ArrayLike,
    real_train: npt.ArrayLike,
    real_test: npt.ArrayLike,
    *,
    horizon: int | None = None,
    ridge: float = 1e-3,
) -> float:
    """Return how much worse a linear forecaster gets when it learns from synthetic windows.

    A ridge regression (with intercept) predicts the last `horizon` steps of a window from the steps
    before. It is fitted once on `synthetic` and once on `real_train`; the result is the ratio of
    their mean absolute errors on `real_test`. 1 means as useful as real windows, more is worse. In
    closed form, so it adds no training noise. After the linear predictive score of Kollovieh et al.
    2023 (TSDiff), as a ratio.

    Args:
        synthetic: (m, L), m >= 2.
        real_train: (n, L), n >= 2.
        real_test: (t, L).
        horizon: Steps to predict, 1..L - 1; L // 4 (at least 1) if None.
        ridge: Penalty, relative to the mean variance of the inputs; the same for both fits.

    Raises:
        DataError: Missing values, too few windows, different lengths, or test windows that the
            real fit predicts without error.
        SettingsError: `horizon` or `ridge` impossible.
    """
    fits = [as_rows(synthetic, "synthetic", min_rows=2, min_width=2)]
    fits.append(as_rows(real_train, "real_train", min_rows=2))
    test = as_rows(real_test, "real_test")
    same_width(fits[0], "synthetic", fits[1], "real_train")
    same_width(fits[0], "synthetic", test, "real_test")
    length = test.shape[1]
    horizon = max(1, length // 4) if horizon is None else horizon
    if not 1 <= horizon < length or not ridge >= 0:
        raise SettingsError(
            f"horizon={horizon} and ridge={ridge} are not possible for windows of length {length}: "
            f"use a horizon of 1 to {length - 1} and a ridge of 0 or more."
        )
    errors = [_ridge_error(rows, test, length - horizon, ridge) for rows in fits]
    if not errors[1] > 0:
        raise DataError(
            "A linear forecaster fitted on real_train predicts real_test without error, so no "
            "ratio exists; give test windows that vary."
        )
    return errors[0] / errors[1]


def _ridge_error(train: Array, test: Array, split: int, ridge: float) -> float:
    """Return the mean absolute error on `test` of a ridge regression fitted on `train`."""
    centre = train.mean(axis=0)
    inputs, outputs = train[:, :split] - centre[:split], train[:, split:] - centre[split:]
    gram = inputs.T @ inputs
    gram[np.diag_indices(split)] += ridge * np.trace(gram) / split
    # lstsq of the normal equations: inputs that never vary leave the gram matrix singular.
    weights = np.linalg.lstsq(gram, inputs.T @ outputs, rcond=None)[0]
    predicted = (test[:, :split] - centre[:split]) @ weights + centre[split:]
    return float(np.abs(predicted - test[:, split:]).mean())
