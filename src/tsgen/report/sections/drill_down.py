"""One by one: the ten best and the ten worst items of lists, or series of samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tsgen.evaluation import StudyResult

from ..figures import plot_multiples
from .base import Cell, Picture, Table, picture

__all__ = ["item_picture", "item_table", "series_picture", "series_table"]

_SIGMAS = 2.0
_NEAR, _FAR = 0.25, 0.75
"""Distances of samples, in standard deviations, that count as good and as bad."""


def item_table(result: StudyResult) -> list[Table]:
    """Return the items whose lists find most and least; none of earlier results."""
    rows = result.facts.get("by_item", [])
    if not rows:
        return []
    cells = [
        [
            Cell(str(row["item"])),
            _of_list(row),
            Cell(f"{row['found']:,} of {row['acted']:,}", f"at random {row['at_random']:.2g}"),
            Cell(f"{row['found'] / row['acted']:.0%}"),
            Cell(f"{row['listed']:,}"),
        ]
        for row in rows
    ]
    columns = ["Item", "Verdict", "Found of those who acted", "Share", "Listed"]
    note = (
        "The ten items whose lists are furthest above random ones and the ten least, of those with "
        "five users or more who acted."
    )
    return [Table("Item by item", columns, cells, note)]


def _of_list(row: Mapping[str, Any]) -> Cell:
    share = row["at_random"] / row["acted"]
    gap = (row["found"] - row["at_random"]) / max(np.sqrt(row["at_random"] * (1 - share)), 1e-9)
    if gap > _SIGMAS:
        return Cell("✓ better than random", tone="good")
    if gap < -_SIGMAS:
        return Cell("✗ worse than random", tone="bad")
    return Cell("like random")


def item_picture(result: StudyResult) -> list[Picture]:
    """Return the items' gain curves as small multiples."""
    rows = result.facts.get("by_item", [])
    if not rows:
        return []
    depths, curves = result.arrays["depths"], result.arrays["by_item.curves"]
    even = np.linspace(0, 1, 41)
    lines = [np.interp(even, np.r_[0, depths], np.r_[0, curve]) for curve in curves]
    data = {"baseline": np.tile(even, (len(rows), 1)), "real": np.array(lines)}
    titles = [str(row["item"]) for row in rows]
    caption = (
        "Item by item, best first: how many of those who acted (upwards) are in the best part of "
        "the users (to the right); grey is a random order."
    )
    alt = f"Gain curves of {len(rows)} items, the first {titles[0]}, the last {titles[-1]}."
    return [picture(plot_multiples(titles, data), alt, caption, wide=True)]


def series_table(result: StudyResult) -> list[Table]:
    """Return the series that their samples resemble most and least; none without such."""
    rows = result.facts.get("by_series", [])
    if not rows:
        return []
    cells = [
        [
            Cell(row["series"]), _of_samples(row["distance"]), Cell(f"{row['distance']:.3g}"),
            Cell(f"{row['samples']:,}"),
        ]
        for row in rows
    ]  # fmt: skip
    note = (
        "The ten series whose values their own samples have most nearly and the ten least; the "
        "distance of the two distributions in standard deviations of the series."
    )
    return [Table("Series by series", ["Series", "Verdict", "Distance", "Samples"], cells, note)]


def _of_samples(distance: float) -> Cell:
    if distance <= _NEAR:
        return Cell("✓ like its series", tone="good")
    return Cell("✗ unlike its series", tone="bad") if distance > _FAR else Cell("somewhat off")


def series_picture(result: StudyResult) -> list[Picture]:
    """Return series with a sample each as small multiples."""
    rows = result.facts.get("by_series", [])
    if not rows:
        return []
    data = {role: result.arrays[f"by_series.{role}"] for role in ("real", "synthetic")}
    titles = [row["series"] for row in rows]
    caption = "Series by series, nearest first: the last steps of each, and its first sample."
    alt = f"{len(rows)} series with a sample each, the first {titles[0]}, the last {titles[-1]}."
    return [picture(plot_multiples(titles, data), alt, caption, wide=True)]
