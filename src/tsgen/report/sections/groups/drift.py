"""What has changed, on a page: alarms first, then people, distributions, groups and reasons."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from tsgen.displays import in_points
from tsgen.evaluation import StudyResult, histogram_arrays, read_histograms

from ...figures import plot_histogram
from ..base import Cell, Picture, Section, Table, picture

__all__ = ["drift_section"]

_SHOWN = 50
_QUESTIONS = {
    "model": "Does this model still list the same people, for what it expects of them?",
    "audience": "Is this list still what it was?",
    "log": "Do users still do as much?",
    "report": "Are groups still treated, and scores still explained, as they were?",
}
_PEOPLE = ("entered", "left", "stayed")
_TOPICS = {
    "Who is listed": "Users who are on the later list and not on the earlier one, and the reverse.",
    "How scores and activity are distributed": "Stability is the population stability index "
    "(below 0.1 is called small, above 0.25 large), KS the largest difference of the distribution "
    "functions; brackets are 95 % intervals that draw users anew. Distances of two samples are "
    "above 0 even if nothing has changed.",
    "How groups are taken": "Measures of each group with their 95 % intervals after.",
    "Why": "The agreement (nDCG) of the ranks of attributions; 1 is the same order.",
}


def drift_section(result: StudyResult) -> Section:
    """Return the alarms, and a table for each topic that the two have."""
    facts = result.facts
    rows = result.table.fillna({"group": ""})
    topics = rows.apply(_topic, axis=1)
    tables = [
        _numbers(heading, rows[topics == heading], note, facts.get("points", ()))
        for heading, note in _TOPICS.items()
        if (topics == heading).any()
    ]
    return Section(
        _QUESTIONS.get(facts["of"], f"Is this {facts['of']} still what it was?"),
        [*tables, *_reasons(facts.get("attributions", [])), *_people(facts)],
        _pictures(result),
        headline={"Alarms": Cell(str(len(facts["alarms"])), tone="bad" if facts["alarms"] else "")},
        ground={"kind": str(facts["of"])},
        verdicts=[Cell(text, tone="bad") for text in facts["alarms"]],
    )


def _topic(row: Any) -> str:
    """Return the table that a number belongs to."""
    people, numbers, groups, why = _TOPICS
    if row["group"]:
        return groups
    if row["metric"] in _PEOPLE:
        return people
    return why if "attributions" in row["metric"] else numbers


def _numbers(heading: str, rows: pd.DataFrame, note: str, points: Collection[str]) -> Table:
    columns = ["Number", "Alarm", "Before", "After", "Allowed"]
    cells = [_row(row, row["metric"] in points) for row in rows.to_dict("records")]
    return Table(heading, columns, cells, note)


def _row(row: Any, points: bool) -> list[Cell]:
    watched = row["low"] == row["low"]
    alarm = Cell("alarm", tone="bad") if row["alarm"] else Cell("in range" if watched else "–")
    allowed = f"{_end(row['low'], points)} to {_end(row['high'], points)}" if watched else "–"
    return [Cell(str(row["metric"]), str(row["group"])), alarm,
            Cell(_number(row["before"], points)),
            Cell(_number(row["after"], points), _interval(row, points)), Cell(allowed)]  # fmt: skip


def _number(value: float, points: bool = False) -> str:
    if value != value:
        return "–"
    return in_points(value) if points else f"{value:.4g}"


def _end(value: float, points: bool) -> str:
    return in_points(value, "") if points else f"{value:.4g}"


def _interval(row: Any, points: bool) -> str:
    low, high = row.get("after_low", float("nan")), row.get("after_high", float("nan"))
    return f"[{_end(low, points)}, {_end(high, points)}]" if low == low else ""


def _reasons(attributions: list[dict[str, Any]]) -> list[Table]:
    rows = [[Cell(str(one["player"])), Cell(_number(one["before"])), Cell(_number(one["after"]))]
            for one in attributions]  # fmt: skip
    note = "Mean absolute attribution of each group of what is known."
    return [Table("Attributions", ["Group", "Before", "After"], rows, note)] if rows else []


def _pictures(result: StudyResult) -> list[Picture]:
    """Return a histogram of each distribution that both sides have."""
    names = sorted(n.removeprefix("before.") for n in result.arrays if n.startswith("before."))
    pictures = []
    for name in names:
        if f"after.{name}" not in result.arrays:
            continue
        sides = {side: result.arrays[f"{side}.{name}"] for side in ("before", "after")}
        arrays = histogram_arrays(name, sides)
        for title, histogram in read_histograms(arrays).items():
            shares = {side: histogram.shares(side) for side in sides}
            caption = f"Shares of users by {title}, before and after."
            if histogram.beyond:
                caption += f" {histogram.beyond:,} beyond the ends are in the outermost bars."
            drawn = plot_histogram(histogram.edges, shares, name=f"{title} (expected events)")
            pictures.append(picture(drawn, f"Histogram of {title}: before and after.", caption))
    return pictures


def _people(facts: dict[str, Any]) -> list[Table]:
    if not (facts["entered"] or facts["left"]):
        return []
    entered, left = facts["entered"][:_SHOWN], facts["left"][:_SHOWN]
    length = max(len(entered), len(left))
    padded = [side + [""] * (length - len(side)) for side in (entered, left)]
    rows = [[Cell(a), Cell(b)] for a, b in zip(*padded, strict=True)]
    note = f"{len(facts['entered'])} users entered and {len(facts['left'])} left."
    return [Table("Who entered and left", ["Entered", "Left"], rows, note)]
