"""What a facet asks of a table: a category, values of it, a range, or several of these at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tsgen.errors import SettingsError

__all__ = ["FacetTerms", "Term", "parse_facet"]

_RANGE = re.compile(r"^\s*(.+?)\s*(<=|>=|<|>)\s*(-?[\d.]+(?:[eE][-+]?\d+)?)\s*$")
_BOUND = re.compile(r"^\s*(<=|>=|<|>)\s*(-?[\d.]+(?:[eE][-+]?\d+)?)\s*$")


@dataclass(frozen=True)
class Term:
    """One condition on one column.

    Attributes:
        column: Its name.
        operator: "any" for every value of its own, "in", or one of < <= > >=.
        values: The values of "in", or the one bound.
    """

    column: str
    operator: str = "any"
    values: tuple[Any, ...] = ()

    def __str__(self) -> str:
        if self.operator == "any":
            return self.column
        if self.operator == "in":
            return f"{self.column}={'|'.join(map(str, self.values))}"
        return f"{self.column}{self.operator}{self.values[0]:g}"


@dataclass(frozen=True)
class FacetTerms:
    """A facet as it was asked for: conditions that must hold together.

    Attributes:
        name: What it is called.
        terms: Its conditions; one "any" alone makes a group of every value.
    """

    name: str
    terms: tuple[Term, ...]


def parse_facet(text: Any, name: str | None = None) -> FacetTerms:
    """Read "gender", "gender=F", "job=student|artist", "age<25", or several joined by " & ".

    Args:
        text: The text; or a mapping of columns to values, {"gender": "F", "age": "<25"}.
        name: What the facet is called; None takes its terms.

    Raises:
        SettingsError: It is no facet.
    """
    if isinstance(text, Mapping):
        terms = tuple(_of_pair(str(column), value) for column, value in text.items())
    elif isinstance(text, str):
        terms = tuple(_of_text(part) for part in text.split("&"))
    else:
        raise SettingsError(
            f"{text!r} is no facet; use a text such as 'gender=F' or 'age<25', or a table of "
            "columns and values."
        )
    if not terms or (len(terms) > 1 and any(term.operator == "any" for term in terms)):
        raise SettingsError(
            f"The facet {text!r} is not possible: joined by &, each part needs a value or a range, "
            "such as 'gender=F & age<25'."
        )
    return FacetTerms(name or " & ".join(map(str, terms)), terms)


def _of_text(text: str) -> Term:
    if match := _RANGE.match(text):
        return Term(match[1], match[2], (_number(match[3], text),))
    column, sign, values = text.partition("=")
    wanted = tuple(value.strip() for value in values.split("|"))
    if not column.strip() or (sign and not all(wanted)):
        raise SettingsError(
            f"{text.strip()!r} is no facet; use COLUMN, COLUMN=VALUE, COLUMN=VALUE|VALUE, or a "
            "range such as 'age<25'."
        )
    return Term(column.strip(), "in", wanted) if sign else Term(column.strip())


def _of_pair(column: str, value: Any) -> Term:
    if value is None:
        return Term(column)
    if isinstance(value, str) and (match := _BOUND.match(value)):
        return Term(column, match[1], (_number(match[2], value),))
    several = pd.api.types.is_list_like(value)
    return Term(column, "in", tuple(value) if several else (value,))


def _number(text: str, whole: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"{whole.strip()!r} has no number after its sign.") from None
