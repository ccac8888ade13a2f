"""Runs as one HTML file that needs nothing else: no network, no other files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tsgen.evaluation import StudyResult
from tsgen.storage import write_atomically

from .sections import comparisons, section_of
from .shapes import check_shape

__all__ = ["page_text", "write_page"]

_SHOWN_APART = ("study", "command", "versions", "seed", "rules")
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
    return pages.get_template("page.html").render(
        title=title or _title(runs),
        runs=[_run(name, runs[name], sections[name]) for name in runs],
        comparisons=comparisons(runs, sections),
    )


def _title(runs: Mapping[str, StudyResult]) -> str:
    kinds = list(dict.fromkeys(result.kind for result in runs.values()))
    return f"tsgen: {', '.join(kinds)}" + (f" ({len(runs)} runs)" if len(runs) > 1 else "")


def _run(name: str, result: StudyResult, section: Any) -> dict[str, Any]:
    facts = result.facts
    return {
        "name": name,
        "answer": result.answer,
        "section": section,
        "command": facts.get("command"),
        "seed": facts.get("seed"),
        "versions": facts.get("versions", {}),
        "facts": _flat({k: v for k, v in facts.items() if k not in _SHOWN_APART + _FOLDED}),
        "settings": _flat({k: facts[k] for k in _FOLDED if k in facts}),
    }


def _flat(facts: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested facts as lines of "a, b" -> text; tables have none."""
    lines: dict[str, str] = {}
    for name, value in facts.items():
        key = f"{prefix}{str(name).replace('_', ' ')}"
        if isinstance(value, Mapping):
            lines |= _flat(value, f"{key}, ")
        elif not _is_table(value):
            lines[key] = _text(value)
    return lines


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(row, Mapping | list) for row in value)


def _text(value: Any) -> str:
    """Return a fact as people write it: no quotes or brackets, numbers of six digits."""
    if value is None or value == []:
        return "none"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
