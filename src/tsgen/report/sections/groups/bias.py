"""Groups on a page: how they are taken, what they did, and where the gap comes from."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from tsgen.displays import in_points, percent
from tsgen.evaluation import StudyResult

from ...figures import plot_parts, plot_ratios
from ..base import Cell, Picture, Section, Table, picture

__all__ = ["bias_section"]

_PARTS = ("activity", "relevance", "own past")
_SHOWN = 24
_GAPS = (
    "Shares taken are compared with those of all others whose attribute is known; brackets are "
    "95 % intervals for other users like these. The parts are Shapley values and add up to the gap."
)
_RATES = (
    "Sizes, shares and rates of every group. Users without the attribute are a group of their own."
)


def bias_section(result: StudyResult) -> Section:
    """Return the groups, their measures, and pictures of ratios and parts."""
    table, facts = result.table, result.facts
    series = facts["of"] == "series"
    points = facts.get("points", ())  # runs of earlier versions have none: fractions
    key = "representation" if series else "DI"
    ratios = table[table["metric"] == key]
    tables = [_groups(facts["groups"])]
    if not series:
        tables.insert(0, _gaps(table, points))
    tables.append(_all(table, facts.get("measures", {}), points))
    question = (
        "Is a group of series left out, or made worse?"
        if series
        else f"Which groups does this {facts['of']} take, and which does it leave out?"
    )
    return Section(
        question,
        tables,
        _pictures(table, ratios, facts, series),
        headline={str(row["group"]): _number(row, ()) for row in ratios.to_dict("records")[:6]},
        ground={"groups": ", ".join(facts["settings"]["facets"]), "n": str(table["n"].iloc[0])},
    )


def _pictures(
    table: pd.DataFrame, ratios: pd.DataFrame, facts: dict[str, Any], series: bool
) -> list[Picture]:
    drawn = ratios[ratios["value"].notna()][:_SHOWN]
    drawn = drawn.assign(group=drawn["group"].map(_name))
    if drawn.empty:
        return []
    label = "share of generated over share of real series" if series else "share taken over others'"
    line = facts["settings"]["line"]
    asked = "" if line is None else f" The line at {line:g} is the one that was asked for."
    pictures = [
        picture(
            plot_ratios(drawn, line=line, label=label),
            f"Ratios of {len(drawn)} groups with their intervals.",
            f"1 is the same share as the others.{asked}",
        )
    ]
    parts = _part_table(table)
    if parts is not None:
        pictures.append(
            picture(
                plot_parts(parts, label="gap of the shares taken, others less the group, points"),
                "Parts of each group's gap.",
                "To the right: the part takes fewer of the group than of the others.",
            )
        )
    return pictures


def _part_table(table: pd.DataFrame) -> pd.DataFrame | None:
    names = [f"DPPL from {part}" for part in _PARTS]
    rows_of_parts = table[table["metric"].isin(names) & table["value"].notna()]
    if rows_of_parts.empty:
        return None
    wide = rows_of_parts.pivot_table(index="group", columns="metric", values="value", sort=False)
    return 100 * wide[names].set_axis(list(_PARTS), axis=1)[:_SHOWN]


def _gaps(table: pd.DataFrame, points: Collection[str]) -> Table:
    columns = {"DI": "Ratio", "DPPL": "Gap"}
    columns |= {f"DPPL from {part}": f"by {part}" for part in _PARTS}
    kept = {name: text for name, text in columns.items() if name in set(table["metric"])}
    rows = []
    for (_, group), mine in table.groupby(["facet", "group"], sort=False):
        numbers = mine.set_index("metric", drop=False).to_dict("index")
        rows.append([Cell(_name(group)), *(_number(numbers[name], points) for name in kept)])
    return Table("Who is taken", ["Group", *kept.values()], rows, _GAPS)


def _groups(groups: list[dict[str, Any]]) -> Table:
    names = [name for name in groups[0] if name not in ("facet", "group")]
    rows = [
        [Cell(_name(row["group"]), str(row["facet"])), *(_plain(row[name]) for name in names)]
        for row in groups
    ]
    titles = [name.replace("_", " ").capitalize() for name in names]
    return Table("Groups", ["Group", *titles], rows, _RATES)


def _all(table: pd.DataFrame, meanings: dict[str, str], points: Collection[str]) -> Table:
    rows = [
        [
            Cell(str(row["metric"]), meanings.get(str(row["metric"]), "")),
            Cell(_name(row["group"])),
            _number(row, points),
            Cell(f"{row['support']:,.0f}"),
        ]
        for row in table.to_dict("records")
    ]
    note = "Carried by: users whose rates the number is made of; below 30 it is not said."
    return Table("Every measure", ["Measure", "Group", "Value", "Carried by"], rows, note)


def _name(group: Any) -> str:
    return str(group) or "(empty)"


def _plain(value: Any) -> Cell:
    return Cell(f"{value:,}" if isinstance(value, int) else percent(value, 1))


def _number(row: Any, points: Collection[str]) -> Cell:
    if row["value"] != row["value"]:
        return Cell("–", str(row["note"]))
    if row["metric"] in points:
        ends = f"[{in_points(row['low'], '')}, {in_points(row['high'], '')}]"
        return Cell(in_points(row["value"]), ends)
    return Cell(f"{row['value']:.3f}", f"[{row['low']:.3f}, {row['high']:.3f}]")
