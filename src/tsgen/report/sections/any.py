"""A run of a kind that has no section of its own: its table as it is."""

from __future__ import annotations

from typing import Any

from tsgen.evaluation import StudyResult

from .base import Cell, Section, Table

__all__ = ["any_section"]

_ROWS = 200


def any_section(result: StudyResult) -> Section:
    """Return the rows of the table, as many as a page can hold."""
    shown = result.table[:_ROWS]
    rest = len(result.table) - len(shown)
    rows = [[_cell(value) for value in row] for row in shown.itertuples(index=False)]
    note = f"{rest} more rows are in table.csv of the run." if rest else ""
    columns = [str(name).replace("_", " ") for name in shown.columns]
    table = Table("Numbers", columns, rows, note)
    protocol = str(result.table["protocol"].iloc[0])
    return Section(f"A study of the kind “{result.kind}”", [table], ground={"protocol": protocol})


def _cell(value: Any) -> Cell:
    if isinstance(value, float):
        return Cell("–" if value != value else f"{value:.4g}")
    return Cell(str(value).replace("_", " "))
