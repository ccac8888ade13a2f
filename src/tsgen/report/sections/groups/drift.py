"""What has changed, on a page: alarms first, who entered and left, numbers before and after."""

from __future__ import annotations

from typing import Any

from tsgen.evaluation import StudyResult

from ..base import Cell, Section, Table

__all__ = ["drift_section"]

_SHOWN = 50


def drift_section(result: StudyResult) -> Section:
    """Return the alarms and every number before and after."""
    facts = result.facts
    rows = [_row(row) for row in result.table.to_dict("records")]
    note = "A number outside the range that was allowed is an alarm; without a range none is."
    columns = ["Number", "Alarm", "Before", "After", "Allowed"]
    tables = [Table("Before and after", columns, rows, note), *_people(facts)]
    return Section(
        f"Is this {facts['of']} still what it was?",
        tables,
        headline={"Alarms": Cell(str(len(facts["alarms"])), tone="bad" if facts["alarms"] else "")},
        ground={"kind": str(facts["of"])},
        verdicts=[Cell(text, tone="bad") for text in facts["alarms"]],
    )


def _row(row: Any) -> list[Cell]:
    watched = row["low"] == row["low"]
    alarm = Cell("alarm", tone="bad") if row["alarm"] else Cell("in range" if watched else "–")
    allowed = f"{row['low']:g} to {row['high']:g}" if watched else "–"
    group = "" if row["group"] != row["group"] else str(row["group"])
    return [Cell(str(row["metric"]), group), alarm, _number(row["before"]), _number(row["after"]),
            Cell(allowed)]  # fmt: skip


def _number(value: float) -> Cell:
    return Cell("–" if value != value else f"{value:.4g}")


def _people(facts: dict[str, Any]) -> list[Table]:
    if not (facts["entered"] or facts["left"]):
        return []
    entered, left = facts["entered"][:_SHOWN], facts["left"][:_SHOWN]
    length = max(len(entered), len(left))
    padded = [side + [""] * (length - len(side)) for side in (entered, left)]
    rows = [[Cell(a), Cell(b)] for a, b in zip(*padded, strict=True)]
    note = f"{len(facts['entered'])} users entered and {len(facts['left'])} left."
    return [Table("Who entered and left", ["Entered", "Left"], rows, note)]
