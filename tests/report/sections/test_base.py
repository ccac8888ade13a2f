"""Parts of a page: pictures are the same text for the same figure, tables leave as CSV."""

import base64
import csv

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from tsgen.report.sections.base import Cell, Section, Table, csv_address, picture


def drawn():
    ax = Figure().subplots()
    ax.plot([1, 2], [3, 4], label="a line")
    ax.set_clip_on(True)
    return ax


def test_a_picture_is_an_svg_with_its_words():
    shown = picture(drawn(), "A line that rises.", "Look at the slope.", wide=True)
    assert shown.svg.startswith("<svg ")
    assert (shown.alt, shown.caption, shown.wide) == (
        "A line that rises.",
        "Look at the slope.",
        True,
    )
    assert picture(drawn(), "", "").wide is False


def test_the_same_figure_gives_the_same_text_and_settings_stay():
    before = mpl.rcParams["svg.hashsalt"]
    assert picture(drawn(), "", "").svg == picture(drawn(), "", "").svg
    assert mpl.rcParams["svg.hashsalt"] == before


def lines_of(address):
    text = base64.b64decode(address.partition(";base64,")[2]).decode("utf-8-sig")
    return list(csv.reader(text.splitlines()))


def test_smaller_lines_of_cells_have_columns_of_their_own():
    rows = [[Cell("a, b"), Cell("1", "[0, 2]")], [Cell("c"), Cell("2")]]
    assert lines_of(Table("T", ["", "x"], rows).csv) == [
        ["row", "x", "x: detail"], ["a, b", "1", "[0, 2]"], ["c", "2", ""],
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+cmd|x", "@SUM(A1)", "-2+3", "\t=1", "+1 point|x"])
def test_no_text_is_a_formula(text):
    assert lines_of(csv_address([[text]])) == [[f"'{text}"]]


@pytest.mark.parametrize(
    "text", ["+1.3 %", "+1.3 points", "-0.5", "-1,234.5", "1e-9", "–", "a=b", ""]
)
def test_numbers_and_words_are_left_alone(text):
    assert lines_of(csv_address([[text, "x"]])) == [[text, "x"]]


def test_columns_of_numbers_stand_to_the_right():
    rows = [
        [Cell("1"), Cell("+1.2 %"), Cell("✓ good"), Cell("–")],
        [Cell("2"), Cell("–"), Cell(""), Cell("3")],
    ]
    table = Table("T", ["", "a", "b", "c"], rows)
    assert [table.is_number(place) for place in range(4)] == [False, True, False, True]
    assert not Table("T", ["", "a"], []).is_number(1)


def test_sections_share_no_headline():
    one, other = Section("?", []), Section("?", [])
    one.headline["x"] = 1
    assert other.headline == {}
