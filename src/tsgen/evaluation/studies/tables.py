"""From the cells of a study to its tables: cells.csv (every seed) and README.md (medians)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tsgen.storage import write_text

from .audience_table import audience_page
from .cells import finished_cells
from .factors_table import factors_page
from .helps_page import helps_page, many_ways_page, rule_page
from .measures_page import measures_page
from .totals_table import totals_page

__all__ = ["write_tables"]

_CONTROLS = {
    "real against real (floor)": "floor",
    "real windows, rounding removed": "unrounded",
}
"""Rows of real windows, and the column of cells that holds them."""

_PAGES = {
    "audience": audience_page,
    "totals": totals_page,
    "factors": factors_page,
    "helps": helps_page,
    "many-ways": many_ways_page,
    "choice-rule": rule_page,
    "groups": measures_page,
    "interaction": measures_page,
    "reasons": measures_page,
}
"""Protocols with a page of their own."""


def write_tables(study: Mapping[str, Any], place: Path) -> None:
    """Write the tables of all finished cells that belong to the study as it stands."""
    cells = finished_cells(place, study)
    rows = [
        {"arm": cell["arm"], "seed": cell["seed"], "metric": metric, **numbers}
        for cell in cells
        for metric, numbers in cell["measures"].items()
    ]
    if not rows:
        return
    table = pd.DataFrame(rows)
    write_text(place / "cells.csv", table.to_csv(index=False), overwrite=True)
    if study["protocol"] in _PAGES:
        text = _PAGES[study["protocol"]](study, cells, place.name)
    else:
        made = _interval_page if "low" in table else _page
        text = made(study, cells, table, place.name)
    write_text(place / "README.md", text, overwrite=True)


def _page(
    study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], table: pd.DataFrame, name: str
) -> str:
    """Return the readable table: the median over seeds, least and greatest in brackets."""
    shown = study.get("metrics", list(table["metric"].unique()))
    lines = [
        f"# {name}",
        "",
        study["question"],
        "",
        f"Protocol: {study['protocol']}"
        + (f", {study['part']} part" if "part" in study else "")
        + f". Data: {study['data']}"
        + (f", windows of {study['target_length']}" if "target_length" in study else "")
        + ". Median over seeds [least, greatest].",
        "",
        f"    python evaluation/run.py evaluation/studies/{name}.toml --data DIR",
        "",
        "| arm | seeds | CPU s | steps | " + " | ".join(shown) + " |",
        "| --- " * (4 + len(shown)) + "|",
    ]
    for title, column in _CONTROLS.items():
        if column in table:
            means = _floors(cells, table, column)
            floor = " | ".join(_mean(means, column, m) for m in shown)
            lines.append(f"| {title} | | | | {floor} |")
    for arm in study["arms"]:
        mine = [cell for cell in cells if cell["arm"] == arm]
        if mine:
            lines.append(f"| {arm} | {_seeds(mine)} | {_costs(mine)} | "
                         + " | ".join(_cell(table, arm, m) for m in shown) + " |")  # fmt: skip
    return "\n".join(lines) + "\n"


def _floors(cells: Sequence[Mapping[str, Any]], table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a control and its spread for each measure, from the cells with the most draws.

    It knows real windows only, so any cell's will do; the first cells had three draws of judges,
    and none of the windows without rounding.
    """
    draws = {(cell["arm"], cell["seed"]): cell.get("draws", 3) for cell in cells}
    rows = table[table[column].notna()]
    made = pd.Series(
        [draws[key] for key in zip(rows["arm"], rows["seed"], strict=True)], rows.index
    )
    chosen = rows[made == made.max()]
    means: pd.DataFrame = chosen.groupby("metric")[[column, f"{column}_spread"]].mean()
    return means


def _mean(means: pd.DataFrame, column: str, metric: str) -> str:
    """Return one control of a measure with its spread, "-" if it has none."""
    if metric not in means.index:
        return "-"
    value, spread = means.loc[metric, [column, f"{column}_spread"]]
    return f"{value:.3g} ± {spread:.2g}"


def _interval_page(
    study: Mapping[str, Any], cells: Sequence[Mapping[str, Any]], table: pd.DataFrame, name: str
) -> str:
    """Return the table of a study whose cells have intervals of their own."""
    shown = list(dict.fromkeys([*study.get("metrics", ()), *table["metric"]]))
    lines = [
        f"# {name}",
        "",
        study["question"],
        "",
        f"Median over seeds [95 % interval over {study.get('interval_over', 'users')}, median of "
        "its ends].",
        "",
        f"    python evaluation/run.py evaluation/studies/{name}.toml --data DIR",
        "",
        "| arm | seeds | CPU s | " + " | ".join(shown) + " |",
        "| --- " * (3 + len(shown)) + "|",
    ]
    for arm in study["arms"]:
        mine = [cell for cell in cells if cell["arm"] == arm]
        if mine:
            seconds = [cell["cpu_seconds"] for cell in mine]
            lines.append(f"| {arm} | {_seeds(mine)} | {min(seconds):.0f}-{max(seconds):.0f} | "
                         + " | ".join(_interval(table, arm, m) for m in shown) + " |")  # fmt: skip
    for source, row in study.get("reference", {}).items():
        numbers = " | ".join(str(row.get(m, "-")) for m in shown)
        lines.append(f"| *authors' code: {source}* | 1 | | {numbers} |")
    return "\n".join(lines) + "\n"


def _interval(table: pd.DataFrame, arm: str, metric: str) -> str:
    rows = table[(table.arm == arm) & (table.metric == metric)]
    if rows.empty:
        return "-"
    value, low, high = rows[["value", "low", "high"]].median()
    if pd.isna(low):
        return f"{value:.3g}"
    return f"{value:.3g} [{low:.2g}, {high:.2g}]"


def _seeds(cells: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(str(cell["seed"]) for cell in cells)


def _costs(cells: Sequence[Mapping[str, Any]]) -> str:
    if "cpu_seconds" not in cells[0]:
        return "- | -"
    seconds = [cell["cpu_seconds"] for cell in cells]
    steps = [sum(cell["schedule"]) for cell in cells if "schedule" in cell]
    trained = f"{min(steps)}-{max(steps)}" if steps else "-"
    return f"{min(seconds):.0f}-{max(seconds):.0f} | {trained}"


def _cell(table: pd.DataFrame, arm: str, metric: str) -> str:
    rows = table[(table.arm == arm) & (table.metric == metric)]
    values = rows["value"]
    if values.empty:
        return "-"
    ceilings = rows["ceiling"].dropna() if "ceiling" in rows else values[:0]
    beside = "" if ceilings.empty else f" (at best {ceilings.median():.3g})"
    if len(values) == 1:
        return f"{values.iloc[0]:.3g}{beside}"
    return f"{values.median():.3g} [{values.min():.3g}, {values.max():.3g}]{beside}"
