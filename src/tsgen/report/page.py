"""Runs as one HTML file that needs nothing else: no network, no other files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsgen.displays import fact_text, flat_facts, short_digests
from tsgen.evaluation import StudyResult
from tsgen.storage import write_atomically

from .sections import comparisons, csv_address, histogram_pictures, section_of
from .shapes import check_shape
from .vectors import with_ids

if TYPE_CHECKING:
    import pandas as pd

    from .sections import Picture, Section

__all__ = ["page_text", "write_page"]

_SHOWN_APART = (
    "study", "command", "versions", "seed", "rules", "calibration", "by_series",
    "alarms", "entered", "left", "points", "question", "about", "parts",
)  # fmt: skip
_LONG_ANSWER = 200
_FOLDED = ("settings", "model")


def write_page(
    results: StudyResult | Mapping[str, StudyResult],
    path: str | Path,
    *,
    title: str | None = None,
    overwrite: bool = False,
) -> None:
    """Write answers, tables, pictures, data, settings, versions and commands as one HTML file.

    Args:
        results: What to show: one result, or several by name. Those of one kind are also set side
            by side.
        path: The file to write.
        title: Heading; from the results if None.
        overwrite: Replace an older file.

    Raises:
        ModelFormatError: A result is not of the shape that its kind of study has.
        OutputError: The file exists, or cannot be written.
    """
    text = page_text(results, title=title)
    with write_atomically(path, overwrite=overwrite) as file:
        file.write_text(text, encoding="utf-8")


def page_text(results: StudyResult | Mapping[str, StudyResult], *, title: str | None = None) -> str:
    """Return what `write_page` writes."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    runs = {"": results} if isinstance(results, StudyResult) else dict(results)
    sections = {name: check_shape(run, name, section_of) for name, run in runs.items()}
    templates = PackageLoader("tsgen.report", "templates")
    pages = Environment(loader=templates, autoescape=True, undefined=StrictUndefined)
    pages.filters |= {"short_digests": short_digests, "lines_of_answer": _lines_of_answer}
    return pages.get_template("page.html").render(
        title=title or _title(runs),
        runs=[
            _run(f"run-{place}", name, runs[name], sections[name])
            for place, name in enumerate(runs, start=1)
        ],
        comparisons=comparisons(runs, sections),
    )


def _lines_of_answer(answer: str) -> list[str]:
    """Return an answer in lines; the first sentence of a long one stands by itself."""
    first, *rest = answer.splitlines() or [""]
    if len(first) > _LONG_ANSWER and (end := re.search(r"(?<=[.?!]) (?=[A-Z0-9])", first)):
        return [first[: end.start()], first[end.end() :], *rest]
    return [first, *rest]


def _title(runs: Mapping[str, StudyResult]) -> str:
    kinds = list(dict.fromkeys(map(_kind, runs.values())))
    return f"tsgen: {', '.join(kinds)}" + (f" ({len(runs)} runs)" if len(runs) > 1 else "")


def _kind(result: StudyResult) -> str:
    """Return the kind of a study; of a study file, its name."""
    return f"study {result.facts['name']}" if result.kind == "study file" else result.kind


def _run(place: str, name: str, result: StudyResult, section: Section) -> dict[str, Any]:
    facts = result.facts
    return {
        "id": place,
        "contents": _contents(place, section),
        "warnings": _warnings(facts),
        "pictures": _marked(section.pictures, f"{place}-picture"),
        "histograms": _marked(histogram_pictures(result), f"{place}-histogram"),
        "all_numbers": csv_address(_numbers(result.table)),
        "name": name,
        "answer": result.answer,
        "verdicts": [c for c in section.verdicts if c.tone or c.text not in result.answer],
        "repeated": bool(section.verdicts) and result.answer.startswith(section.question),
        "section": section,
        "command": facts.get("command"),
        "seed": None if facts.get("seed") is None else fact_text(facts["seed"]),
        "versions": facts.get("versions", {}),
        "facts": flat_facts(_without_warnings(facts, _SHOWN_APART + _FOLDED)),
        "settings": flat_facts({k: facts[k] for k in _FOLDED if k in facts}),
    }


def _warnings(facts: Mapping[str, Any]) -> list[str]:
    """Return what was warned of, while data were read or later, each once."""
    inside = [_warnings(part) for part in facts.values() if isinstance(part, Mapping)]
    return list(dict.fromkeys(chain(*inside, facts.get("warnings", []))))


def _without_warnings(facts: Mapping[str, Any], apart: Sequence[str] = ()) -> dict[str, Any]:
    """Return the facts that are listed; `apart` are shown elsewhere, as warnings are."""
    return {
        name: _without_warnings(value) if isinstance(value, Mapping) else value
        for name, value in facts.items()
        if name not in {"warnings", *apart}
    }


def _contents(place: str, section: Section) -> dict[str, str]:
    """Return what stands in a section, id -> heading, in the order of the page."""
    tables = [
        (f"{place}-table-{number}", table.heading)
        for number, table in enumerate(section.tables, start=1)
    ]
    pictures = [(f"{place}-pictures", "Pictures")] if section.pictures else []
    ends = [(f"{place}-data", "Data and test"), (f"{place}-repeat", "How to repeat it")]
    return dict([*tables[:1], *pictures, *tables[1:], *ends])


def _marked(pictures: Sequence[Picture], place: str) -> list[Picture]:
    return [p._replace(svg=with_ids(p.svg, f"{place}-{i}")) for i, p in enumerate(pictures)]


def _numbers(table: pd.DataFrame) -> list[list[str]]:
    rows = table.astype(object).where(table.notna(), "").itertuples(index=False)
    return [list(map(str, table.columns)), *([str(value) for value in row] for row in rows)]
