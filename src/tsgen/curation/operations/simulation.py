"""Fit and simulate, series by series: a statistical model's parts with remainders drawn anew.

The models are those of statsmodels, an optional dependency.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from tsgen.arrays import Array
from tsgen.errors import MissingExtraError, SettingsError

from .sources import Sources

__all__ = ["fit_and_simulate"]

Simulator = Callable[[np.random.Generator], Array]
_ITERATIONS = 60


def fit_and_simulate(
    sources: Sources, draw: np.random.Generator, model: Literal["ets", "stl"] = "ets"
) -> Array:
    """Fit a model to each series and put a new one together from it.

    "ets" simulates exponential smoothing with a damped trend and a season from the fitted first
    state, with drawn residuals: its level wanders, so that the series differ more. "stl" keeps the
    trend and the season of a seasonal-trend decomposition by loess and draws its remainders anew in
    blocks (Bergmeir, Hyndman, Benítez 2016); it is 20 times faster. Positive series are modelled
    by their logarithms. Without a season, or with fewer than two of them, both smooth
    exponentially.

    Raises:
        MissingExtraError: statsmodels is not installed.
        SettingsError: Another model.
    """
    if model not in {"stl", "ets"}:
        raise SettingsError(f"model={model!r} is not possible; use 'stl' or 'ets'.")
    values, simulated = sources.filled(), np.empty_like(sources.values)
    for r in range(len(sources.rows)):
        part = slice(*sources.offsets[[r, r + 1]])
        simulated[part] = _in_logs(values[part].tobytes(), sources.season, model)(draw)
    return sources.with_gaps(simulated)


@lru_cache(maxsize=4096)
def _in_logs(content: bytes, season: int, model: str) -> Simulator:
    """Fit the logarithms of a series that is positive throughout, and others as they are.

    Fits are kept: they cost far more than the draws that follow.
    """
    values = np.frombuffer(content)
    if len(values) < 8 or np.ptp(values) == 0:  # nothing to fit
        return lambda draw: values
    if values.min() <= 0:
        return _fitted(values, season, model)
    logs = np.log(values)
    middle = logs.mean()  # left out, so that a fit does not depend on units
    centred = _fitted(logs - middle, season, model)
    return lambda draw: np.asarray(np.exp(middle + centred(draw)))


def _fitted(values: Array, season: int, model: str) -> Simulator:
    seasonal = season > 1 and len(values) >= 2 * season + 1
    if model == "stl" and seasonal:
        return _decomposed(values, season)
    return _smoothed(values, season if seasonal else 1)


def _decomposed(values: Array, season: int) -> Simulator:
    parts = _statsmodels("seasonal").STL(values, period=season).fit()
    smooth = np.asarray(parts.trend + parts.seasonal)
    block = min(max(2 * season, 8), len(values))

    def simulate(draw: np.random.Generator) -> Array:
        drawn: Array = smooth + _in_blocks(np.asarray(parts.resid), block, draw)
        return drawn

    return simulate


def _smoothed(values: Array, season: int) -> Simulator:
    seasonal: dict[str, Any] = {"seasonal": "add", "seasonal_periods": season} if season > 1 else {}
    kind = _without_errors(_statsmodels("exponential_smoothing.ets").ETSModel)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about convergence: any fit will do to simulate from
        spec = kind(values, error="add", trend="add", damped_trend=True, **seasonal)
        fitted = spec.fit(disp=False, maxiter=_ITERATIONS)
    residuals = np.asarray(fitted.resid)
    residuals = residuals - residuals.mean()

    def simulate(draw: np.random.Generator) -> Array:
        shocks = draw.choice(residuals, size=(len(values), 1))
        path = fitted.simulate(len(values), anchor="start", random_errors=shocks)
        simulated: Array = np.asarray(path, dtype=np.float64).reshape(-1)
        return simulated

    return simulate


def _without_errors(kind: Any) -> Any:
    """Return the model without the standard errors of its parameters, which nobody asks for.

    Their matrix takes as many likelihoods as the square of the season: most of a fit's time.
    """

    class Smoothing(kind):  # type: ignore[misc]
        def hessian(self, params: Array, **options: Any) -> Array:
            return -np.eye(len(params))

    return Smoothing


def _in_blocks(values: Array, size: int, draw: np.random.Generator) -> Array:
    """Return as many values, drawn in blocks of neighbours."""
    starts = draw.integers(0, len(values) - size + 1, size=-(-len(values) // size) + 1)
    drawn: Array = values[(starts[:, None] + np.arange(size)).ravel()]
    begin = int(draw.integers(size))
    cut: Array = drawn[begin : begin + len(values)]
    return cut


def _statsmodels(name: str) -> Any:
    """Import a module of `statsmodels.tsa`."""
    import importlib

    try:
        return importlib.import_module(f"statsmodels.tsa.{name}")
    except ImportError:
        raise MissingExtraError(
            "fit_and_simulate needs statsmodels; install it with "
            "pip install 'tsgen-forecasting[simulation]' (or statsmodels)."
        ) from None
