"""What a page shows of one run, whatever the kind of study: tables of text, and pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Cell", "Picture", "Section", "Table", "picture"]


class Cell(NamedTuple):
    """Text, a smaller line under it, and whether it is "good" or "bad" news."""

    text: str
    detail: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first column is text, the others are numbers unless they have a tone."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


class Picture(NamedTuple):
    """An image as a data URI, what it shows for who cannot see it, and what to look for."""

    source: str
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
    """

    question: str
    tables: Sequence[Table]
    pictures: Sequence[Picture] = ()
    headline: Mapping[str, Cell] = field(default_factory=dict)
    ground: Mapping[str, str] = field(default_factory=dict)


def picture(ax: Axes, alt: str, caption: str, *, wide: bool = False) -> Picture:
    """Return a drawn figure as a picture of a page: the same figure, the same bytes."""
    import matplotlib as mpl

    file = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "tsgen"}):
        ax.figure.figure.savefig(file, format="svg", metadata={"Date": None})
    text = base64.b64encode(file.getvalue()).decode("ascii")
    return Picture(f"data:image/svg+xml;base64,{text}", alt, caption, wide)
