"""A figure as SVG inside the page: its colours are the page's, its points say their numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as Xml

import numpy as np

from tsgen.arrays import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.lines import Line2D

__all__ = ["svg_text", "with_ids"]

_SPACE = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_MOST = 40
"""Points of a line that have a tooltip."""

_NUMBER = re.compile(r"[−+-]?[\d.,]+([eE][−+-]?\d+)?|\$.*\$")
"""Labels of a scale."""

_THEMED = {
    "#000000": "ink",
    "#333333": "ink",
    "#555555": "soft",
    "#707070": "soft",
    "#777777": "soft",
    "#808080": "soft",
    "#999999": "soft",
    "#b0b0b0": "faint",
    "#bbbbbb": "faint",
    "#cccccc": "faint",
    "#ffffff": "paper",
    "#0072b2": "blue",
    "#d55e00": "orange",
    "#009e73": "green",
    "#cc79a7": "pink",
    "#e69f00": "yellow",
    "#56b4e9": "sky",
}
"""Colours of figures -> variables of the page's style, which has them for light and for dark."""


class _Spot(NamedTuple):
    """A place in the picture, and what stands there."""

    x: float
    y: float
    text: str


def svg_text(ax: Axes, alt: str) -> str:
    """Return the whole figure as an `<svg>` element to stand in HTML, the same text each time.

    It carries no script, style sheet, address or namespace of its own; every label is escaped.

    Args:
        ax: Any axes of the figure.
        alt: What it shows, for who cannot see it.
    """
    import matplotlib as mpl

    figure, file = ax.figure.figure, io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "tsgen", "svg.fonttype": "none"}):
        figure.savefig(file, format="svg", metadata={"Date": None}, transparent=True)
    root = Xml.fromstring(file.getvalue())
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    spots = [spot for axes in figure.axes for spot in _spots(axes, 72 / figure.dpi, height)]
    _clean(root)
    _drop_ids(root)
    for spot in spots:
        circle = Xml.SubElement(root, "circle", cx=f"{spot.x:.1f}", cy=f"{spot.y:.1f}", r="5")
        circle.set("class", "spot")
        Xml.SubElement(circle, "title").text = spot.text
    root.attrib.clear()
    root.attrib |= {"viewBox": f"0 0 {width:g} {height:g}", "role": "img", "aria-label": alt}
    return Xml.tostring(root, encoding="unicode")


def _clean(root: Xml.Element) -> None:
    """Take away namespaces, metadata and style sheets; let colours and fonts follow the page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{_SPACE}metadata", f"{_SPACE}style"}:
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SPACE)
        if style := element.get("style"):
            element.set("style", _themed(style))


def _themed(style: str) -> str:
    def variable(match: re.Match[str]) -> str:
        name = _THEMED.get(match.group().lower())
        return f"var(--{name})" if name else match.group()

    style = re.sub("#[0-9a-fA-F]{6}", variable, style)
    return re.sub("font-family: [^;]*", "font-family: system-ui, sans-serif", style)


def with_ids(svg: str, mark: str) -> str:
    """Return a picture whose ids begin with `mark`, so that no two pictures of a page share one."""
    return re.sub(r'( id="| href="#|"url\(#)', rf"\g<1>{mark}-", svg)


def _drop_ids(root: Xml.Element) -> None:
    """Keep the ids alone that something refers to, by `href` or as a clip."""
    links = {element.attrib[_LINK][1:] for element in root.iter() if _LINK in element.attrib}
    clips = {e.attrib["clip-path"][5:-1] for e in root.iter() if "clip-path" in e.attrib}
    for element in root.iter():
        if element.get("id") not in links | clips:
            element.attrib.pop("id", None)
        if _LINK in element.attrib:
            element.set("href", element.attrib.pop(_LINK))


def _spots(ax: Axes, scale: float, height: float) -> Iterator[_Spot]:
    """Yield the points of the lines that have a name, evenly thinned to as many as can be hit."""
    names = {id(c.lines[0]): str(c.get_label()) for c in ax.containers if hasattr(c, "lines")}
    across, up = _Reader.of(ax.xaxis), _Reader.of(ax.yaxis)
    for line in ax.lines:
        name = names.get(id(line), str(line.get_label()))
        if name.startswith("_"):
            continue
        for x, y in _thinned(line):
            place = ax.transData.transform((x, y)) * scale
            text = f"{name}: {across.read(x)}, {up.read(y)}"
            if np.isfinite(place).all() and ax.viewLim.contains(x, y):
                yield _Spot(float(place[0]), height - float(place[1]), text)


def _thinned(line: Line2D) -> Array:
    points = np.asarray(line.get_xydata(), np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    places = np.linspace(0, len(points) - 1, min(_MOST, len(points))).round().astype(int)
    chosen: Array = points[places]
    return chosen


class _Reader(NamedTuple):
    """An axis in words: what it measures, and the names that stand at places of it."""

    label: str
    names: dict[float, str]

    @classmethod
    def of(cls, axis: Axis) -> _Reader:
        texts = [" ".join(label.get_text().split()) for label in axis.get_ticklabels()]
        places = [round(float(place), 9) for place in axis.get_ticklocs()]
        pairs = zip(places, texts, strict=False)
        words = {at: text for at, text in pairs if text and not _NUMBER.fullmatch(text)}
        return cls(axis.get_label_text(), words)

    def read(self, value: float) -> str:
        name = self.names.get(round(float(value), 9))
        return name or f"{self.label} {value:.4g}".strip()
