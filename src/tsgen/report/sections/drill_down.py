"""One by one: the ten best and the ten worst items of lists, series of samples, or forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tsgen.displays import percent
from tsgen.evaluation import StudyResult

from ..figures import plot_multiples
from .base import Cell, Picture, Table, picture

__all__ = [
    "forecast_series_picture",
    "forecast_series_table",
    "item_picture",
    "item_table",
    "series_picture",
    "series_table",
]

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
            Cell(percent(row["found"] / row["acted"])),
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
    names = {"real": "the list", "baseline": "at random"}
    return [picture(plot_multiples(titles, data, names=names), alt, caption, wide=True)]


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


def forecast_series_table(result: StudyResult) -> list[Table]:
    """Return the series that an arm helps most and least; none of earlier results."""
    facts = result.facts.get("by_series")
    if not facts:
        return []
    mine, other = (str(facts[name]).replace("_", " ") for name in ("arm", "reference"))
    compared = facts["arm"] != facts["reference"]
    columns = ["Series", "Verdict", "Change", f"Error: {mine}", f"Error: {other}", "Runs"]
    cells = [
        [
            Cell(row["series"]), _of_change(row), Cell(*_change(row)), _error(row["error"]),
            _error(row["reference_error"]), Cell(str(row["runs"])),
        ]
        for row in facts["rows"]
    ]  # fmt: skip
    shown = [0, 1, 2, 3, 4, 5] if compared else [0, 3, 5]
    sides = (
        f"that {mine} helps most and the ten it helps least"
        if compared
        else ("forecast best and the ten forecast worst")
    )
    note = (
        f"The ten series {sides}, of {facts['num_series']:,} ({facts['forecaster']}, "
        f"{str(facts['metric']).replace('_', ' ')} of the series alone; lower is better). Brackets "
        "are 95 % intervals over runs; of 40 series with no change at all, two are outside theirs."
    )
    rows = [[row[i] for i in shown] for row in cells]
    return [Table("Series by series", [columns[i] for i in shown], rows, note)]


def _of_change(row: Mapping[str, Any]) -> Cell:
    if row["low"] is None:
        return Cell("one run: no interval")
    if row["high"] < 0:
        return Cell("✓ better", tone="good")
    return Cell("✗ worse", tone="bad") if row["low"] > 0 else Cell("no clear difference")


def _change(row: Mapping[str, Any]) -> tuple[str, str]:
    if row["change"] is None:
        return "–", ""
    reach = "" if row["low"] is None else f"[{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"
    return f"{100 * row['change']:+.1f} %", reach


def _error(value: float | None) -> Cell:
    return Cell("–" if value is None else f"{value:.3g}")


def forecast_series_picture(result: StudyResult) -> list[Picture]:
    """Return these series with their forecasts as small multiples."""
    if "by_series.real" not in result.arrays:
        return []
    facts = result.facts["by_series"]
    roles = {"real": "real", "reference": "baseline", "arm": "synthetic"}
    if facts["arm"] == facts["reference"]:
        del roles["reference"]
    data = {role: result.arrays[f"by_series.{name}"] for name, role in roles.items()}
    names = {
        "real": "known, then what came",
        "baseline": f"forecast: {facts['reference']}",
        "synthetic": f"forecast: {facts['arm']}",
    }
    titles = [row["series"] for row in facts["rows"]]
    caption = "Series by series, best first: the last window, with the medians of its forecasts."
    alt = f"Forecasts of {len(titles)} series, the first {titles[0]}, the last {titles[-1]}."
    drawn = plot_multiples(titles, data, names={k: v.replace("_", " ") for k, v in names.items()})
    return [picture(drawn, alt, caption, wide=True)]
