"""Runs side by side: their numbers, and a sentence on whether these may be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tsgen.evaluation import StudyResult

from .base import Cell, Section, Table

__all__ = ["Comparison", "comparisons"]


class Comparison(NamedTuple):
    """A table with one column a run (None where there is only one run), and what to know of it."""

    sentence: str
    table: Table | None


def comparisons(
    runs: Mapping[str, StudyResult], sections: Mapping[str, Section]
) -> list[Comparison]:
    """Return what can be said of several runs together; nothing of a single one."""
    if len(runs) < 2:
        return []
    kinds: dict[str, list[str]] = {}
    for name, result in runs.items():
        kinds.setdefault(result.kind, []).append(name)
    parts = []
    if len(kinds) > 1:
        text = f"These runs are of {len(kinds)} kinds ({', '.join(kinds)}): they answer different "
        parts.append(Comparison(f"{text}questions, so each has a section of its own.", None))
    parts += [
        _side_by_side(kind, {name: sections[name] for name in names})
        for kind, names in kinds.items()
        if len(names) > 1
    ]
    return parts


def _side_by_side(kind: str, sections: Mapping[str, Section]) -> Comparison:
    metrics = list(dict.fromkeys(name for part in sections.values() for name in part.headline))
    missing = Cell("–")
    rows = [
        [Cell(metric), *(part.headline.get(metric, missing) for part in sections.values())]
        for metric in metrics
    ]
    table = Table(f"Side by side: {kind}", ["", *sections], rows) if rows else None
    return Comparison(_sentence(kind, sections), table)


def _sentence(kind: str, sections: Mapping[str, Section]) -> str:
    grounds = [part.ground for part in sections.values()]
    names = dict.fromkeys(name for ground in grounds for name in ground)
    unlike = [name for name in names if len({ground.get(name) for ground in grounds}) > 1]
    if not unlike:
        return f"The {kind} runs were tested alike, so their numbers can be compared."
    return (
        f"The {kind} runs differ in {', '.join(unlike)}, so their numbers cannot be compared with "
        "each other directly."
    )
