"""Facts as people read them: words for names, numbers of six digits, a table in a notebook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

__all__ = [
    "amount",
    "fact_text",
    "flat_facts",
    "html_facts",
    "in_points",
    "people",
    "percent",
    "short_digests",
]

_MOST = 24
"""Facts in a notebook's cell; the rest are counted."""

_TENTHS = 9.95
"""People below which a tenth of one is said: fewer would be rounded away."""

_COUNT = re.compile(r"^num ")
_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{20,}\b")


def flat_facts(facts: Mapping[str, Any], prefix: str = "", *, tables: str = "") -> dict[str, str]:
    """Return nested facts as lines of "a, b" -> text.

    Args:
        facts: Names and values, any depth.
        prefix: What each name begins with.
        tables: What stands for a table, with {} for its number of rows; it has no line if empty.
    """
    lines: dict[str, str] = {}
    for name, value in facts.items():
        key = f"{prefix}{_COUNT.sub('number of ', str(name).replace('_', ' '))}"
        if isinstance(value, Mapping):
            lines |= flat_facts(value, f"{key}, ", tables=tables)
        elif not _is_table(value):
            lines[key] = fact_text(value)
        elif tables:
            lines[key] = tables.format(len(value))
    return lines


def fact_text(value: Any) -> str:
    """Return a fact as people write it: no quotes or brackets, numbers of six digits."""
    if value is None or value in ([], ()):
        return "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(fact_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def amount(value: float) -> str:
    """Return a number of people or money: four digits, whole from a thousand on."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def people(number: float) -> str:
    """Return a mean number of people: whole from ten on, to a tenth below."""
    tenth = number < _TENTHS and round(number, 1) % 1
    return f"{number:.1f}" if tenth else f"{number:,.0f}"


def percent(share: float, digits: int = 0, *, signed: bool = False) -> str:
    """Return a share as it is written everywhere: "36.2 %", with so many digits after the point."""
    return f"{100 * share:{'+' if signed else ''}.{digits}f} %"


def in_points(share: float, unit: str = " points") -> str:
    """Return a difference of shares in points of a hundred, "+1.3 points", with three digits."""
    return f"{100 * share:+.3g}{unit}"


def short_digests(text: str) -> str:
    """Return a text in which digests of 32 hexadecimal digits or more end after 12 of them."""
    return _DIGEST.sub(r"\1…", text)


def html_facts(heading: str, facts: Mapping[str, Any]) -> str:
    """Return a heading and facts as HTML for a notebook's cell, all of it escaped."""
    lines = flat_facts(facts)
    shown = list(lines.items())[:_MOST]
    rows = "".join(
        f"<tr><td style='text-align:left'>{escape(name)}</td>"
        f"<td style='text-align:left'>{escape(short_digests(text))}</td></tr>"
        for name, text in shown
    )
    rest = f"<p>{len(lines) - len(shown)} more</p>" if len(lines) > len(shown) else ""
    return f"<div><strong>{escape(heading)}</strong><table>{rows}</table>{rest}</div>"


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(row, Mapping | list) for row in value)
