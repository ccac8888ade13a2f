"""Weights of markets as numbers of copies, which any model can learn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tsgen.arrays import AnyArray, Array, Integers
from tsgen.errors import DataError, SettingsError, nearest
from tsgen.rng import numpy_stream

from .domain_graph import DomainGraph

__all__ = ["MarketWeights", "check_domains", "copies_of", "drawn_of", "weights_for"]

Loss = Callable[[Any, "pd.Series[Any]"], float]
"""From a market that is left out, and weights of the others, to the loss of what they say of it."""


@dataclass(frozen=True)
class MarketWeights:
    """How much each market counts for one without history.

    Attributes:
        target: The market.
        weights: Source -> weight, their mean 1.
        scale: See `DomainGraph.source_weights`.
        losses: Scale -> mean loss where each source is left out in turn; empty where it was given.
        drawn: Market -> its users or series, and how many entries they became; empty before that.
    """

    target: Any
    weights: Mapping[Any, float]
    scale: float
    losses: Mapping[float, float] = field(default_factory=dict)
    drawn: Mapping[Any, tuple[int, int]] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """What was weighed and chosen, as JSON values."""
        return {
            "target": str(self.target),
            "scale": str(self.scale),
            "weights": {str(name): round(weight, 4) for name, weight in self.weights.items()},
            "losses": {str(scale): loss for scale, loss in self.losses.items()},
            "drawn": {str(name): list(counts) for name, counts in self.drawn.items()},
        }


def weights_for(
    graph: DomainGraph, target: Any, sources: Sequence[Any], scale: float | None, loss: Loss
) -> MarketWeights:
    """Return the weights of sources, with a scale that serves them best where none is given.

    Raises:
        SettingsError: It is no graph.
        DataError: As `DomainGraph.source_weights` and `DomainGraph.choose_scale`.
    """
    if not isinstance(graph, DomainGraph):
        raise SettingsError(
            f"graph is a {type(graph).__name__}, not a DomainGraph; make one with "
            "DomainGraph.from_edges(pairs) or DomainGraph.from_distances(table)."
        )
    losses: Mapping[float, float] = {}
    if scale is None:
        chosen = graph.choose_scale(sources, loss, targets=[target])
        scale, losses = chosen.scale, chosen.losses
    weights = graph.source_weights(target, sources, scale=scale)
    return MarketWeights(target, {k: float(w) for k, w in weights.items()}, scale, losses)


def check_domains(domains: Any, num: int, what: str, target: Any) -> AnyArray:
    """Return the market of each user or series.

    Raises:
        DataError: There are more or fewer than users or series, or one has none.
    """
    names = np.asarray(pd.Series(domains, dtype=object))
    if len(names) != num:
        raise DataError(f"{len(names)} markets are given for {num} {what}; give one for each.")
    if (missing := pd.isna(names)).any():
        raise DataError(
            f"{int(missing.sum())} of {num} {what} have no market (the first: number "
            f"{int(missing.argmax())}); give one for each, or leave them out."
        )
    others = sorted({str(name) for name in names} - {str(target)})
    if not others:
        raise DataError(f"All {what} are of '{target}'; others are needed to learn from.")
    return names


def copies_of(domains: AnyArray, weights: Mapping[Any, float], seed: int) -> Integers:
    """Return how often each user or series is there, (n,): its market's weight in the mean.

    The weights are brought to a mean of 1 over all, so that there are about as many as before; a
    weight of 1.3 is one copy of each, and a second of three in ten, drawn at random.

    Args:
        domains: (n,) market of each.
        weights: Market -> weight.
        seed: Of the draw.

    Raises:
        DataError: A market has no weight.
    """
    for name in domains:
        if name not in weights:
            raise DataError(
                f"Market '{name}' has no weight.{nearest(str(name), map(str, weights))}"
            )
    each: Array = np.array([weights[name] for name in domains], np.float64)
    each /= each.mean()
    random = numpy_stream(seed, "market copies")
    order = random.permutation(len(each))
    reached = np.floor(np.cumsum(each[order]) + random.random())
    copies = np.zeros(len(each), np.int64)
    copies[order] = np.diff(reached, prepend=0.0).astype(np.int64)
    return copies


def drawn_of(domains: AnyArray, copies: Integers) -> dict[Any, tuple[int, int]]:
    """Return for each market how many users or series it has, and how many entries they became."""
    names = sorted(set(domains), key=str)
    return {name: (int((m := domains == name).sum()), int(copies[m].sum())) for name in names}
