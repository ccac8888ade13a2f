"""Series by series: whose samples have its values, and whose do not."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import wasserstein_distance

from tsgen.arrays import AnyArray, Array
from tsgen.data import SeriesDataset

__all__ = ["series_by_series"]

_MANY = 10
_MOST = 2_000
"""Series that are looked at."""


def series_by_series(
    real: SeriesDataset, synthetic: SeriesDataset, length: int
) -> tuple[list[dict[str, Any]], dict[str, AnyArray]]:
    """Return the ten series that their samples resemble most and the ten least, nearest first.

    A sample belongs to the series that its `info["source_item_id"]` names; without such, there are
    no rows. Distances are between the distributions of values (Wasserstein), over the series'
    standard deviation: 0 is alike, 1 is off by a standard deviation.

    Args:
        real: What was learnt from.
        synthetic: Samples.
        length: Steps to draw.

    Returns:
        Rows of series, distance and number of samples, and arrays `by_series.real` and
        `by_series.synthetic`, (rows, length): the last steps of the series and the first of its
        first sample, NaN where there is none.
    """
    samples: dict[Any, list[int]] = {}
    for place, info in enumerate(synthetic.info or ()):
        samples.setdefault(info.get("source_item_id"), []).append(place)
    pairs = [(i, samples[name]) for i, name in enumerate(real.item_ids) if name in samples]
    distances = np.array([_distance(real, i, synthetic, made) for i, made in pairs[:_MOST]])
    order = np.argsort(distances, kind="stable")
    order = order[np.isfinite(distances[order])]
    if len(order) > 2 * _MANY:
        order = np.concatenate([order[:_MANY], order[-_MANY:]])
    rows = [
        {"series": str(real.item_ids[pairs[k][0]]), "distance": float(distances[k]),
         "samples": len(pairs[k][1])}
        for k in order
    ]  # fmt: skip
    if not rows:
        return [], {}
    ends = [_values(real, pairs[k][0])[-length:] for k in order]
    begins = [_values(synthetic, pairs[k][1][0])[:length] for k in order]
    drawn = {"real": ends, "synthetic": begins}
    return rows, {f"by_series.{role}": _padded(parts, length) for role, parts in drawn.items()}


def _values(dataset: SeriesDataset, place: int) -> Array:
    return dataset.values[dataset.offsets[place] : dataset.offsets[place + 1]]


def _distance(real: SeriesDataset, i: int, synthetic: SeriesDataset, made: list[int]) -> float:
    ours, theirs = _values(real, i), np.concatenate([_values(synthetic, k) for k in made])
    ours, theirs = ours[np.isfinite(ours)], theirs[np.isfinite(theirs)]
    scale = float(ours.std()) if len(ours) else 0.0
    if not scale or not len(theirs):
        return np.nan
    return float(wasserstein_distance(ours, theirs)) / scale


def _padded(parts: list[Array], length: int) -> AnyArray:
    rows = np.full((len(parts), length), np.nan, np.float32)
    for row, part in zip(rows, parts, strict=True):
        row[: len(part)] = part
    return rows
