"""A run without a section of its own: its tables as they are, or those of a study file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from tsgen.evaluation import StudyResult

from ..figures import plot_arms
from .base import Cell, Picture, Section, Table, picture

__all__ = ["any_section", "study_section"]

_ROWS = 200
_DETAILED = re.compile(r"(\S.*?) (\[[^]]*\]|\([^)]*\))(.*)")
"""A number with its interval or count: the latter is a smaller line."""

_PICTURES = 24
"""Pictures of a study at most; the tables have all numbers."""

_NUMBER = r"[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?"
_MEASURED = re.compile(
    rf"({_NUMBER})( %)?(?: ± ({_NUMBER})| \[({_NUMBER}), ({_NUMBER})\])?(?: \([^)]*\))?"
)
"""A number, its unit, its spread or the ends of its interval; what stands in brackets after it."""

_COSTS = {"seeds", "CPU s", "steps", "cells", "datasets", "taken"}
"""Columns and rows that say what a number rests on or took."""

_REFERENCES = ("real against real (floor)", "real", "reference", "default", "random", "popularity")
"""Rows that the others are seen beside, the first of them that a table has."""


class _Number(NamedTuple):
    """A number of a table, with the ends of its interval; NaN where it has none."""

    value: float
    low: float
    high: float
    unit: str
    signed: bool


class _Panel(NamedTuple):
    """What a picture of one measure shows: names of arms, and their numbers."""

    measure: str
    names: list[str]
    numbers: list[_Number]
    about: str


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
    """Return the tables and pictures of a study's folder."""
    facts = result.facts
    drawn = list(chain.from_iterable(map(_drawn, range(len(facts["parts"])), facts["parts"])))
    return Section(
        str(facts["question"]),
        [_part(part) for part in facts["parts"]],
        [_picture(panel) for panel in drawn[:_PICTURES]],
        verdicts=_verdicts(facts.get("about", ""), drawn, without=_own_verdict(result)),
        ground={"study": str(facts["name"])},
    )


def _own_verdict(result: StudyResult) -> str:
    """Return what the study says it found; nothing where its answer repeats its question."""
    return "" if result.answer.startswith(result.facts["question"]) else result.answer


def _verdicts(about: str, drawn: Sequence[_Panel], *, without: str) -> list[Cell]:
    """Return what the study was about, unless its verdict says so, and what intervals say."""
    said = [about] if about and about not in without else []
    apart = [text for panel in drawn if (text := _apart(panel))]
    changed = [text for panel in drawn if (text := _changed(panel))]
    if apart:
        beside = next(n for panel in drawn if (n := _beside(panel)) is not None and _apart(panel))
        said.append(f"Apart from “{beside}”, by intervals that do not meet: {', '.join(apart)}.")
    return [Cell(text) for text in [*said, *changed]]


def _beside(panel: _Panel) -> str | None:
    """Return the row that the others are seen beside, None where there is none."""
    return next((name for name in _REFERENCES if name in panel.names), None)


def _apart(panel: _Panel) -> str:
    """Return how many arms are apart from the reference; nothing where that is not known."""
    named = dict(zip(panel.names, panel.numbers, strict=True))
    reference = named.pop(_beside(panel) or "", None)
    measured = [n for n in named.values() if n.low == n.low]
    if reference is None or reference.low != reference.low or not measured:
        return ""
    number = sum(n.low > reference.high or n.high < reference.low for n in measured)
    return f"{panel.measure} {number} of {len(measured)}"


def _changed(panel: _Panel) -> str:
    """Return which changes are none of chance; nothing of numbers that are no changes."""
    numbers = [(n, number) for n, number in zip(panel.names, panel.numbers, strict=True)
               if number.signed and number.low == number.low]  # fmt: skip
    if not numbers:
        return ""
    below = [name for name, number in numbers if number.high < 0]
    above = [name for name, number in numbers if number.low > 0]
    what = f"{panel.about}: {panel.measure}" if panel.about else panel.measure
    sides = (("below", below), ("above", above))
    words = [f"{side} 0 in {len(names)} ({_first_three(names)})" for side, names in sides if names]
    verdict = f"of {len(numbers)} intervals, {' and '.join(words) or 'all lie on both sides of 0'}"
    if len(numbers) == 1:
        side = next((side for side, names in sides if names), "on both sides of")
        verdict = f"the interval of {numbers[0][0]} lies {side} 0"
    return f"{what[:1].upper()}{what[1:]}: {verdict}."


def _first_three(names: Sequence[str]) -> str:
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return "; ".join(names[:3]) + rest


def _part(part: Mapping[str, Any]) -> Table:
    """Return a table of a study; what its numbers took stands behind them."""
    names = [_words(name) for name in part["columns"]]
    order = sorted(range(len(names)), key=lambda place: place > 0 and names[place] in _COSTS)
    columns = [names[place] for place in order]
    rows = [[_text_cell(row[place]) for place in order] for row in part["rows"]]
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


def _drawn(place: int, part: Mapping[str, Any]) -> Iterator[_Panel]:
    """Yield what is drawn of a table: of the first all measures, of others those with intervals."""
    columns = [_words(name) for name in part["columns"]]
    rows = [[_words(text) for text in row] for row in part["rows"]]
    by_row = columns[0] == "measure"
    about = "" if place == 0 else _words(part["heading"])
    panels = _panels_of_rows(columns, rows) if by_row else _panels_of_columns(columns, rows)
    for measure, arms in panels.items():
        named = [(name, number) for name, number in arms if number is not None]
        if not named or (len(named) == 1 and not named[0][1].signed):
            continue  # a number alone is compared with nothing, a change with none
        if place == 0 or any(n.low == n.low for _, n in named):
            names, numbers = zip(*named, strict=True)
            yield _Panel(measure, list(names), list(numbers), about)


_Panels = dict[str, list[tuple[str, _Number | None]]]


def _panels_of_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> _Panels:
    """Return the measures of a table that has one a row; "people: gap" is the measure gap."""
    panels: _Panels = {}
    for row in rows:
        if row[0] in _COSTS:
            continue
        who, _, measure = row[0].rpartition(": ")
        for arm, text in zip(columns[1:], row[1:], strict=False):
            several = [who, arm] if len(columns) > 2 else [who or arm]
            name = ", ".join(text for text in several if text)
            panels.setdefault(measure, []).append((name, _number(text)))
    return panels


def _panels_of_columns(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> _Panels:
    """Return the measures of a table that has one a column, or one a column and "metric"."""
    measured = [
        place
        for place in range(1, len(columns))
        if columns[place] not in _COSTS and any(map(_number, _at(rows, place)))
    ]
    metric = columns.index("metric") if "metric" in columns else None
    while metric is None and len(set(_names(columns, rows, set(measured)))) < len(rows):
        if not (settings := [p for p in measured if not _with_intervals(rows, p)]):
            break
        measured.remove(settings[0])  # it tells rows apart
    names = _names(columns, rows, {*measured, *([] if metric is None else [metric])})
    if metric is not None:  # values are of many units; what is compared is a change
        measured = [p for p in measured if any(n and n.signed for n in map(_number, _at(rows, p)))]
    panels: _Panels = {}
    for place in measured:
        for name, row in zip(names, rows, strict=True):
            of = "" if metric is None else f"{row[metric]}: "
            panels.setdefault(f"{of}{columns[place]}", []).append((name, _number(row[place])))
    return panels


def _with_intervals(rows: Sequence[Sequence[str]], place: int) -> bool:
    return any(n and n.low == n.low for n in map(_number, _at(rows, place)))


def _at(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place] for row in rows]


def _names(columns: Sequence[str], rows: Sequence[Sequence[str]], apart: set[int]) -> list[str]:
    """Return what each row is called: its first cell, and others where that is not enough."""
    names = [_called(columns[0], row[0]) for row in rows]
    for place in range(1, len(columns)):
        texts = _at(rows, place)
        numbers = place in apart or columns[place] in _COSTS
        if not numbers and len(set(texts)) > 1 and not any("[" in text for text in texts):
            names = [f"{name}, {_called(columns[place], text)}" if text else name
                     for name, text in zip(names, texts, strict=True)]  # fmt: skip
    return names


def _called(column: str, text: str) -> str:
    """Return a cell as a name: a number with what it is of."""
    return f"{column} {text}" if _MEASURED.fullmatch(text) else text


def _number(text: str) -> _Number | None:
    """Return the number of a cell; None where there is none."""
    match = _MEASURED.fullmatch(text)
    if match is None:
        return None
    value, unit, spread, low, high = match.groups()
    ends = (float(t.replace(",", "")) if t else float("nan") for t in (value, spread, low, high))
    middle, width, below, above = ends
    if spread:
        below, above = middle - width, middle + width
    return _Number(middle, below, above, (unit or "").strip(), value[0] in "+-")


def _picture(panel: _Panel) -> Picture:
    """Return a measure of all arms, with the row that they are seen beside."""
    numbers = panel.numbers
    unit = next((number.unit for number in numbers if number.unit), "")
    beside = _beside(panel)
    reference = None if beside is None else panel.names.index(beside)
    ax = plot_arms(
        panel.names,
        [number.value for number in numbers],
        [number.low for number in numbers],
        [number.high for number in numbers],
        measure=panel.measure + (f" ({unit})" if unit else ""),
        reference=reference,
        changes=all(number.signed for number in numbers),
    )
    what = f"{panel.about}: {panel.measure}" if panel.about else panel.measure
    intervals = any(number.low == number.low for number in numbers)
    dashed = f"; dashed, “{beside}”" if beside else ""
    lines = ", a line for what stands in brackets or after ± beside it" if intervals else ""
    scale = "; logarithmic scale" if ax.get_xscale() == "log" else ""
    caption = f"{what[:1].upper()}{what[1:]}: a point a number of the table{lines}{dashed}{scale}."
    return picture(ax, caption, caption)
