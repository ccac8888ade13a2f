"""A figure inside a page: the theme's colours, tooltips at their points, nothing from outside."""

import re
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from matplotlib.figure import Figure

import tsgen.report
from tsgen.report import plot_calibration
from tsgen.report.vectors import _THEMED, svg_text, with_ids


def axes():
    return Figure(figsize=(6, 3.4), layout="constrained").subplots()


def titles(svg):
    root = Xml.fromstring(svg)
    return {c.findtext("title"): (float(c.get("cx")), float(c.get("cy")))
            for c in root.iter("circle")}  # fmt: skip


def test_points_of_named_lines_say_their_numbers_where_they_are():
    ax = axes()
    ax.plot([0, 1, 2], [10, 20, 30], "o", label="sales", color="#0072B2")
    ax.plot([0, 2], [10, 30], label="_helper")
    ax.set(xlabel="week", ylabel="pieces", xlim=(-1, 3), ylim=(0, 40))
    found = titles(svg_text(ax, "Sales."))
    assert list(found) == [f"sales: week {w}, pieces {p}" for w, p in ((0, 10), (1, 20), (2, 30))]
    (x0, y0), (x1, y1), (x2, y2) = found.values()
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.11)
    assert y0 > y1 > y2  # SVG counts downwards
    markers = re.findall(r'<use [^>]*x="([\d.]+)" y="([\d.]+)"', svg_text(ax, ""))
    spots = np.array(list(found.values()))
    for spot in spots:
        assert min(np.hypot(*(spot - np.array(m, float))) for m in markers) < 0.2


def test_many_points_are_thinned_and_those_outside_left_out():
    ax = axes()
    ax.plot(np.arange(1000), np.arange(1000), label="many")
    assert len(titles(svg_text(ax, ""))) == 40
    ax.set_xlim(0, 499.5)
    assert len(titles(svg_text(ax, ""))) == 20


def test_error_bars_and_named_rows_are_read():
    groups = np.array([[9, 0.2, 0.3, 0.05], [9, 0.6, 0.5, 0.1]])
    shown = titles(svg_text(plot_calibration(groups, percent=True), ""))
    assert any(t.startswith("what came (± 2 standard errors): predicted chance") for t in shown)
    ax = axes()
    ax.plot([1.5], [0], "o", label="difference")
    ax.set_yticks([0], ["real alone"])
    ax.set_xlabel("loss (%)")
    assert list(titles(svg_text(ax, ""))) == ["difference: loss (%) 1.5, real alone"]


def test_colours_follow_the_page_and_nothing_comes_from_outside():
    ax = axes()
    ax.plot([0, 1], [0, 1], color="#D55E00", label="<b>&amp;</b>")
    ax.legend()
    svg = svg_text(ax, 'A "line" & more.')
    assert "var(--orange)" in svg
    assert "var(--ink)" in svg
    assert not re.search("#d55e00|#000000|#ffffff", svg, re.IGNORECASE)
    assert not re.search("https?:|<style|<metadata|xmlns|<b>", svg)
    assert "&lt;b&gt;&amp;amp;&lt;/b&gt;" in svg
    root = Xml.fromstring(svg)
    assert root.get("aria-label") == 'A "line" & more.'
    assert root.get("role") == "img"
    assert "system-ui" in svg


def test_ids_of_two_figures_differ_and_every_link_leads_somewhere():
    first, second = axes(), axes()
    first.plot([0, 1], [0, 1], "o", label="a")
    second.plot([0, 1], [1, 0], "o", label="a")
    seen = set()
    for mark, ax in (("a", first), ("b", second)):
        root = Xml.fromstring(with_ids(svg_text(ax, ""), mark))
        ids = {e.get("id") for e in root.iter() if e.get("id")}
        assert ids
        assert all(name.startswith(f"{mark}-") for name in ids)
        assert not ids & seen
        seen |= ids
        links = {e.get("href")[1:] for e in root.iter() if e.get("href")}
        clips = {e.get("clip-path")[5:-1] for e in root.iter() if e.get("clip-path")}
        assert links | clips == ids


def test_every_colour_of_a_figure_has_one_for_dark_pages():
    figures = Path(tsgen.report.__file__).parent / "figures"
    sources = {path.name: path.read_text(encoding="utf-8") for path in figures.glob("*.py")}
    colours = {colour.lower(): name for name, source in sources.items()
               for colour in re.findall("#[0-9a-fA-F]{6}", source)}  # fmt: skip
    assert len(colours) > 8
    assert {c: name for c, name in colours.items() if c not in _THEMED} == {}
