"""Markets, sites or regions as a graph: how much each of them says about one without history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import shortest_path

from tsgen.arrays import AnyArray, Array
from tsgen.errors import DataError, SettingsError, nearest
from tsgen.rng import numpy_stream

__all__ = ["DOMAIN_SCALES", "DomainGraph", "DomainScale"]

DOMAIN_SCALES = (0.5, 1.0, 2.0, 4.0, 8.0, float("inf"))
"""Scales to choose from, in steps of the mean distance of neighbours; inf weighs all alike."""


@dataclass(frozen=True)
class DomainScale:
    """A scale that was chosen. Attributes: scale; losses, the mean loss of each scale."""

    scale: float
    losses: Mapping[float, float]


@dataclass(frozen=True, eq=False)
class DomainGraph:
    """Distances between domains; made by `from_edges` or `from_distances`.

    A source's weight for a target falls with its distance, exp(-distance / scale), where distances
    are in steps of the mean distance between neighbours. How fast is chosen by leaving each source
    out in turn (`choose_scale`). Source of the task: Xu et al., "Graph-relational domain
    adaptation", ICLR 2022, whose adversary is not used here.

    Attributes:
        names: (d,) domains.
        distances: (d, d), inf where there is no way.

    Example:
        >>> graph = DomainGraph.from_edges([("DE", "AT"), ("DE", "FR"), ("FR", "ES")])
        >>> graph.source_weights("ES", ["FR", "DE", "AT"], scale=1.0).round(2).to_dict()
        {'FR': 2.0, 'DE': 0.73, 'AT': 0.27}
    """

    names: tuple[Any, ...]
    distances: Array

    @classmethod
    def from_edges(cls, edges: Iterable[tuple[Any, Any]] | pd.DataFrame) -> Self:
        """Count the steps between domains; an edge joins two, in both directions.

        Args:
            edges: Pairs, or a table of two columns.

        Raises:
            DataError: There is no edge, or an edge is no pair, lacks a domain, or joins a domain
                with itself.
        """
        if isinstance(edges, pd.DataFrame):
            edges = edges.itertuples(index=False, name=None)
        pairs = [(edge,) if isinstance(edge, str) else tuple(edge) for edge in edges]
        for pair in pairs:
            if len(pair) != 2 or pair[0] == pair[1] or pd.isna(list(pair)).any():
                raise DataError(f"{pair!r} is no edge; an edge is a pair of two different domains.")
        if not pairs:
            raise DataError("The graph has no edge; give pairs of domains.")
        names = tuple(dict.fromkeys(name for pair in pairs for name in pair))
        place = {name: k for k, name in enumerate(names)}
        steps = np.zeros((len(names), len(names)))
        for first, second in pairs:
            steps[place[first], place[second]] = 1.0
        return cls(names, np.asarray(shortest_path(steps, directed=False, unweighted=True)))

    @classmethod
    def from_distances(cls, distances: pd.DataFrame) -> Self:
        """Take distances of all pairs: a square table whose rows are named as its columns.

        Distances are divided by the mean distance to the nearest other domain.

        Raises:
            DataError: Names do not fit, or a distance is missing, negative, or not the same both
                ways.
        """
        names = tuple(distances.columns)
        if len(set(names)) < len(names) or set(distances.index) != set(names) or len(names) < 2:
            raise DataError(
                "Distances need a square table of at least two domains whose rows are named as its "
                f"columns; it has {len(distances)} rows and {len(names)} columns."
            )
        try:
            values = distances.loc[list(names)].to_numpy(np.float64)
        except ValueError as error:
            raise DataError(f"Distances are numbers; {error}.") from None
        _refuse(names, np.isnan(values), values, "is missing; give a number, or inf for no way")
        _refuse(names, values < 0, values, "is negative; distances are 0 or more")
        _refuse(names, values != values.T, values, "is not the same both ways")
        own = np.where(np.isinf(values), 0.0, values).diagonal()
        _refuse(names, np.diag(own) != 0, values, "is not 0, of a domain to itself")
        others = np.where(np.eye(len(names), dtype=bool), np.inf, values).min(axis=1)
        unit = others[np.isfinite(others)].mean() if np.isfinite(others).any() else 1.0
        return cls(names, values / (unit or 1.0))

    def shuffled(self, seed: int) -> Self:
        """Return the same graph with its names dealt anew: what no geography would give."""
        order = numpy_stream(seed, "domains").permutation(len(self.names))
        return type(self)(tuple(self.names[k] for k in order), self.distances)

    def source_weights(
        self, target: Any, sources: Sequence[Any], *, scale: float
    ) -> pd.Series[Any]:
        """Return the weights of sources for a target, their mean 1.

        Args:
            target: The domain without history.
            sources: Domains with history.
            scale: In steps between neighbours; inf weighs all alike.

        Raises:
            DataError: A domain is not in the graph, there is no source, the target is one, or
                nothing connects it with any.
            SettingsError: The scale is not above 0.
        """
        rows = self._places([target, *sources])
        if not len(sources) or target in list(sources):
            raise DataError(
                f"'{target}' needs other domains as sources; {len(sources)} are given"
                f"{', itself among them' if target in list(sources) else ''}."
            )
        if not scale > 0:
            raise SettingsError(
                f"scale={scale} is not possible; use a number above 0, or inf to weigh all alike."
            )
        far = self.distances[rows[0], rows[1:]]
        if not np.isfinite(far).any() and not np.isinf(scale):
            raise _unconnected(target, len(sources))
        weights = _weights(far, scale)
        return pd.Series(weights / weights.mean(), index=pd.Index(sources))

    def choose_scale(
        self,
        sources: Sequence[Any],
        loss: Callable[[Any, pd.Series[Any]], float],
        scales: Sequence[float] = DOMAIN_SCALES,
        *,
        targets: Sequence[Any] = (),
    ) -> DomainScale:
        """Return the scale that serves sources best, each left out in turn.

        Where weighing all alike is among the scales, another is taken only if it is better by more
        than the standard error of the differences. Targets are often farther from the sources than
        these are from each other; so a source that is left out learns from such alone as are as far
        from it as the targets are in the median.

        Args:
            sources: Domains with history.
            loss: From a source that is left out, and the weights of the others, to the loss of what
                is learnt from these on it.
            scales: To choose from.
            targets: Domains without history; none takes all other sources.

        Raises:
            DataError: Less than three sources, or as `source_weights`.
        """
        if len(sources) < 3:
            raise DataError(f"{len(sources)} sources are too few to leave one out; use 3 or more.")
        losses, apart = {}, self._apart(sources, targets)
        for scale in scales:
            each = []
            for left_out, others in apart.items():
                weights = self.source_weights(left_out, others, scale=scale)
                each.append(loss(left_out, weights))
            losses[float(scale)] = np.array(each)
        return DomainScale(_proven(losses), {k: float(each.mean()) for k, each in losses.items()})

    def _apart(self, sources: Sequence[Any], targets: Sequence[Any]) -> dict[Any, list[Any]]:
        """Return, for each source, the others that are as far from it as targets are."""
        rows = self._places(sources)
        nearest_source = self.distances[np.ix_(self._places(targets), rows)].min(axis=1)
        if np.isinf(nearest_source).any():
            raise _unconnected(targets[int(np.isinf(nearest_source).argmax())], len(sources))
        least = float(np.median(nearest_source)) if len(targets) else 0.0
        apart = {}
        for place, name in zip(rows, sources, strict=True):
            far = self.distances[place, rows] >= least
            others = [o for o, f in zip(sources, far, strict=True) if f and o != name]
            if np.isfinite(self.distances[place, self._places(others)]).any():
                apart[name] = others
        if not apart:
            raise DataError("No source is as far from another as targets are; pass no targets.")
        return apart

    def _places(self, names: Sequence[Any]) -> AnyArray:
        place_of = {name: k for k, name in enumerate(self.names)}
        for name in names:
            if name not in place_of:
                alike = [other for other in self.names if str(other) == str(name)]
                hint = f" {alike[0]!r} is another; name both alike." if alike else nearest(
                    name, self.names
                )  # fmt: skip
                raise DataError(
                    f"The graph has no domain {name!r}.{hint} It has {len(place_of)}, such as "
                    f"{self.names[0]!r}."
                )
        return np.array([place_of[name] for name in names], np.int64)


def _unconnected(target: Any, num: int) -> DataError:
    return DataError(
        f"Nothing connects '{target}' with any of the {num} sources; add an edge, or weigh them "
        "alike with scale=inf."
    )


def _proven(losses: Mapping[float, Array]) -> float:
    """Return the scale of the least mean loss, or inf where the gain over it may be chance."""
    best = min(losses, key=lambda scale: float(losses[scale].mean()))
    if np.inf not in losses:
        return best
    gains = losses[np.inf] - losses[best]
    if len(gains) < 2 or gains.mean() <= gains.std(ddof=1) / np.sqrt(len(gains)):
        return float(np.inf)
    return best


def _weights(far: Array, scale: float) -> Array:
    if np.isinf(scale):
        return np.ones(len(far))
    reached = far - far.min()  # the nearest counts 1, so that none underflows
    return np.asarray(np.exp(-reached / scale))


def _refuse(names: tuple[Any, ...], wrong: AnyArray, values: Array, what: str) -> None:
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise DataError(
            f"The distance of '{names[row]}' and '{names[column]}', {values[row, column]:g}, "
            f"{what}."
        )
