"""What a page shows of one run, whatever the kind of study: tables of text, and pictures."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..vectors import svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Cell", "Picture", "Section", "Table", "csv_address", "picture"]

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMERIC = re.compile(r"[+-]?\d|–?$")
_AMOUNT = re.compile(r"[+-]?[\d,]*\.?\d+([eE][+-]?\d+)?( ?%| points)?")


class Cell(NamedTuple):
    """Text, a smaller line under it, and whether it is "good" or "bad" news."""

    text: str
    detail: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first column is text, the others are numbers unless they have a tone.

    A verdict stands in the second column, so that a phone shows it without scrolling.
    """

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""

    def is_number(self, place: int) -> bool:
        """Return whether a column holds numbers (or dashes) and stands to the right."""
        texts = [row[place].text for row in self.rows]
        return place > 0 and any(texts) and all(_NUMERIC.match(text) for text in texts)

    @property
    def csv(self) -> str:
        """The table as an address of CSV; smaller lines have columns of their own."""
        places = range(len(self.columns))
        detailed = [any(row[i].detail for row in self.rows) for i in places]
        names = [name or "row" for name in self.columns]
        head = [
            text for i in places for text in (names[i], f"{names[i]}: detail")[: 1 + detailed[i]]
        ]
        lines = ([text for i in places for text in row[i][: 1 + detailed[i]]] for row in self.rows)
        return csv_address([head, *lines])


class Picture(NamedTuple):
    """An SVG element, what it shows for who cannot see it, and what to look for."""

    svg: str
    alt: str
    caption: str
    wide: bool = False


@dataclass(frozen=True)
class Section:
    """What a page shows of one run.

    Attributes:
        question: What the study asked.
        tables: Its numbers.
        pictures: Its pictures.
        headline: The few numbers that stand side by side with those of other runs of the kind.
        ground: What must be equal for these to be compared: name -> text.
        verdicts: What was found in plain words, beside the answer, each with its tone.
    """

    question: str
    tables: Sequence[Table]
    pictures: Sequence[Picture] = ()
    headline: Mapping[str, Cell] = field(default_factory=dict)
    ground: Mapping[str, str] = field(default_factory=dict)
    verdicts: Sequence[Cell] = ()


def picture(ax: Axes, alt: str, caption: str, *, wide: bool = False) -> Picture:
    """Return a drawn figure as a picture of a page: the same figure, the same text."""
    return Picture(svg_text(ax, alt), alt, caption, wide)


def csv_address(lines: Iterable[Sequence[str]]) -> str:
    """Return rows of text as a `data:` address of CSV, in which nothing is a formula."""
    file = io.StringIO()
    csv.writer(file).writerows([_harmless(text) for text in line] for line in lines)
    text = base64.b64encode(file.getvalue().encode("utf-8-sig")).decode("ascii")
    return f"data:text/csv;charset=utf-8;base64,{text}"


def _harmless(text: str) -> str:
    """Return a text with an apostrophe before it if a spreadsheet would run it."""
    return f"'{text}" if _FORMULA.match(text) and not _AMOUNT.fullmatch(text) else text
