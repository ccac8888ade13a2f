"""Series for a site without history: those of near sites are there more often."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import Indices
from tsgen.data import SeriesDataset, as_series
from tsgen.errors import DataError
from tsgen.rng import resolve_seed

from ..reference import regression, training_windows
from .domain_graph import DomainGraph
from .weighing import MarketWeights, check_domains, copies_of, drawn_of, weights_for

__all__ = ["market_series"]

_RIDGE = 1.0


def market_series(
    dataset: Any,
    graph: DomainGraph,
    target: Any,
    domains: Any,
    *,
    prediction_length: int,
    scale: float | None = None,
    seed: int | None = None,
) -> tuple[SeriesDataset, MarketWeights]:
    """Return the series of other sites, each there as often as its site counts for the target.

    Any forecaster, PSA-GAN and `SourceWeights` can be trained on them. The scale, if it is not
    given, is the one by which a linear forecaster that learns from the other sites errs least on
    one that is left out.

    Args:
        dataset: Series of the sources, or what `to_dataset` makes some of; those of the target are
            left out.
        graph: Of the sites.
        target: The site without history.
        domains: (n,) the site of each series.
        prediction_length: Steps to forecast.
        scale: See `DomainGraph.source_weights`.
        seed: Of the copies; None draws one.

    Raises:
        DataError: A series has no site, a site is not in the graph or has no complete window, or
            there are too few to choose a scale by.

    Example:
        >>> from tsgen.curation import DomainGraph, market_series
        >>> from tsgen.data import simulate_series
        >>> data = simulate_series(num_series=4, length=96, seed=1)
        >>> graph = DomainGraph.from_edges([("a", "b"), ("b", "c"), ("c", "d"), ("d", "new")])
        >>> near, weights = market_series(data, graph, "new", list("abcd"), prediction_length=12,
        ...                               scale=1.0, seed=1)
        >>> weights.weights["d"] > weights.weights["a"], len(near)
        (True, 4)
    """
    dataset = as_series(dataset)
    names = check_domains(domains, len(dataset), "series", target)
    kept = np.flatnonzero(names != target)
    data, names = dataset.subset(kept), names[kept]
    sources = sorted(set(names), key=str)
    windows = training_windows(
        data, 2 * prediction_length, prediction_length, stride=max(prediction_length // 2, 1)
    )
    x, y, complete = regression(windows)
    owner = names[windows.series[complete]]
    if absent := [name for name in sources if not (owner == name).any()]:
        raise DataError(
            f"Site '{absent[0]}' has no complete window of {2 * prediction_length} steps; give "
            "longer series or a shorter prediction_length."
        )

    def loss(left_out: Any, weights: pd.Series[Any]) -> float:
        each = pd.Series(owner).map(weights).fillna(0.0).to_numpy()
        own = owner == left_out
        gram = (x * each[:, None]).T @ x + _RIDGE * np.eye(x.shape[1])
        fitted = x[own] @ np.linalg.solve(gram, (x * each[:, None]).T @ y)
        return float(((y[own] - fitted) ** 2).mean())

    weights = weights_for(graph, target, sources, scale, loss)
    copies = copies_of(names, weights.weights, resolve_seed(seed))
    parts = [_copy(data, np.flatnonzero(copies > k), k) for k in range(int(copies.max()))]
    return SeriesDataset.concat(parts), replace(weights, drawn=drawn_of(names, copies))


def _copy(data: SeriesDataset, rows: Indices, number: int) -> SeriesDataset:
    """Return some series, copies after the first under ids of their own."""
    part = data.subset(rows)
    if not number:
        return part
    return replace(part, item_ids=tuple(f"{name} (copy {number})" for name in part.item_ids))
