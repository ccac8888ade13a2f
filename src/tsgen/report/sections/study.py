"""A study file of many cells: the tables of its folder, as its README.md has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tsgen.evaluation import StudyResult

from .base import Cell, Section, Table

__all__ = ["study_section"]

_DETAILED = re.compile(r"(\S.*?) (\[[^]]*\]|\([^)]*\))(.*)")
"""A number with its interval or count: the latter is a smaller line."""


def study_section(result: StudyResult) -> Section:
    """Return the tables of a study's folder."""
    facts = result.facts
    return Section(
        str(facts["question"]),
        [_table(part) for part in facts["parts"]],
        verdicts=[Cell(facts["about"])] if "about" in facts else [],
        ground={"study": str(facts["name"])},
    )


def _table(part: Mapping[str, Any]) -> Table:
    columns = [_words(name) for name in part["columns"]]
    rows = [[_cell(text) for text in row] for row in part["rows"]]
    return Table(_words(part["heading"]), columns, rows, _words(part["note"], underscores=True))


def _cell(text: str) -> Cell:
    text = _words(text)
    found = _DETAILED.fullmatch(text)
    return (
        Cell("–" if text == "-" else text)
        if found is None
        else Cell(found[1], "".join(found.groups()[1:]))
    )


def _words(text: str, *, underscores: bool = False) -> str:
    """Return text of a README without its marks."""
    plain = text.replace("**", "").replace("`", "").strip("*")
    return plain if underscores else plain.replace("_", " ")
