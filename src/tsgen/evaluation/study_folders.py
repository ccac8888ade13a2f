"""The folder of a study file as a result: what its README.md says, for a page of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from tsgen.errors import ModelFormatError
from tsgen.results import COLUMNS, StudyResult

__all__ = ["is_study_folder", "study_result"]

_NUMBERS = ("cells.csv", "table.csv")
_MORE = ", continued"
_RULE = re.compile(r"\|( *-+ *\|)+")


def is_study_folder(folder: str | Path) -> bool:
    """Return whether `tsgen evaluate study` made the folder: it keeps tables, and no RUN."""
    place = Path(folder)
    return (place / "README.md").is_file() and _numbers_of(place) is not None


def study_result(folder: str | Path) -> StudyResult:
    """Return the tables of a study file's folder as a result of the kind "study file".

    Its answer is what stands in bold before the first table, or the question. `facts["parts"]`
    holds the tables as text: heading, note, columns and rows.

    Raises:
        ModelFormatError: The folder was not made by `tsgen evaluate study`, or is damaged.
    """
    place = Path(folder)
    numbers = _numbers_of(place)
    if numbers is None or not (place / "README.md").is_file():
        raise ModelFormatError(f"{folder} is not the folder of a study: it has no table of cells.")
    lines = (place / "README.md").read_text(encoding="utf-8").splitlines()
    name = next((line[2:] for line in lines if line.startswith("# ")), place.name)
    texts = [text for text in _paragraphs(lines) if text]
    question = texts[0] if texts else name
    bold = [text.strip("*") for text in texts if text.startswith("**") and text.endswith("**")]
    asked, _, about = question.partition("? ")
    facts: dict[str, Any] = {"study": "study file", "name": name}
    facts |= {"question": f"{asked}?" if about else question} | ({"about": about} if about else {})
    if command := [line.strip() for line in lines if line.startswith("    ")]:
        facts["command"] = command[0]
    facts["parts"] = list(_parts(lines, question))
    return StudyResult(_table(place / numbers), " ".join(bold) or question, facts)


def _numbers_of(place: Path) -> str | None:
    return next((name for name in _NUMBERS if (place / name).is_file()), None)


def _table(path: Path) -> pd.DataFrame:
    """Return the numbers of all cells with the columns that every result has."""
    try:
        table = pd.read_csv(path, float_precision="round_trip")
        missing = {"metric", "value"} - set(table.columns)
    except (OSError, ValueError) as error:
        raise ModelFormatError(f"{path} cannot be read; run the study again.") from error
    if missing or table.empty or table["value"].dtype.kind not in "fiu":
        raise ModelFormatError(
            f"{path} is not a table of cells, so it has no page; read its README.md as it is."
        )
    empty: dict[str, Any] = {"spread": float("nan"), "better": "none", "protocol": "study"}
    empty |= {"n": 1, "seed": 0}
    return table.assign(**{name: empty[name] for name in COLUMNS if name not in table})


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Yield the paragraphs before the first table, without headings and commands."""
    words: list[str] = []
    for line in lines:
        if line.startswith("|"):
            break
        if line.strip() and not line.startswith(("#", "    ")):
            words.append(line)
            continue
        yield " ".join(words)
        words = []
    yield " ".join(words)


def _parts(lines: list[str], question: str) -> Iterator[dict[str, Any]]:
    """Yield each table with its heading and the sentences before it."""
    heading, notes, rows = "Numbers", [], []  # type: str, list[str], list[list[str]]
    for line in [*lines, ""]:
        if line.startswith("|"):
            if not _RULE.fullmatch(line):
                rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
            continue
        if rows:
            yield {"heading": heading, "note": " ".join(notes), "columns": rows[0],
                   "rows": rows[1:]}  # fmt: skip
            heading, notes, rows = f"{heading.removesuffix(_MORE)}{_MORE}", [], []
        if line.startswith("## "):
            heading, notes = line[3:], []
        elif line.strip() and not line.startswith(("#", "    ", "**")) and line != question:
            notes.append(line)
