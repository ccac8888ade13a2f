"""A run without a section of its own: its tables as they are, or those of a study file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tsgen.evaluation import StudyResult

from .base import Cell, Section, Table

__all__ = ["any_section", "study_section"]

_ROWS = 200
_DETAILED = re.compile(r"(\S.*?) (\[[^]]*\]|\([^)]*\))(.*)")
"""A number with its interval or count: the latter is a smaller line."""


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


def study_section(result: StudyResult) -> Section:
    """Return the tables of a study's folder."""
    facts = result.facts
    return Section(
        str(facts["question"]),
        [_part(part) for part in facts["parts"]],
        verdicts=[Cell(facts["about"])] if "about" in facts else [],
        ground={"study": str(facts["name"])},
    )


def _part(part: Mapping[str, Any]) -> Table:
    columns = [_words(name) for name in part["columns"]]
    rows = [[_text_cell(text) for text in row] for row in part["rows"]]
    return Table(_words(part["heading"]), columns, rows, _words(part["note"], underscores=True))


def _text_cell(text: str) -> Cell:
    text = _words(text)
    detailed = _DETAILED.fullmatch(text)
    return (
        Cell("–" if text == "-" else text)
        if detailed is None
        else Cell(detailed[1], "".join(detailed.groups()[1:]))
    )


def _words(text: str, *, underscores: bool = False) -> str:
    """Return text of a README without its marks."""
    plain = text.replace("**", "").replace("`", "").strip("*")
    return plain if underscores else plain.replace("_", " ")
