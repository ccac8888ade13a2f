"""Pictures of a page: whole, and the same bytes for the same figure."""

import base64

import matplotlib as mpl
from matplotlib.figure import Figure

from tsgen.report.sections.base import Section, picture


def drawn():
    ax = Figure().subplots()
    ax.plot([1, 2], [3, 4], label="a line")
    ax.set_clip_on(True)
    return ax


def test_a_picture_is_an_svg_in_a_data_uri_with_its_words():
    shown = picture(drawn(), "A line that rises.", "Look at the slope.", wide=True)
    kind, _, text = shown.source.partition(";base64,")
    assert kind == "data:image/svg+xml"
    assert base64.b64decode(text).decode().rstrip().endswith("</svg>")
    assert (shown.alt, shown.caption, shown.wide) == (
        "A line that rises.",
        "Look at the slope.",
        True,
    )
    assert picture(drawn(), "", "").wide is False


def test_the_same_figure_gives_the_same_bytes_and_settings_stay():
    before = mpl.rcParams["svg.hashsalt"]
    assert picture(drawn(), "", "").source == picture(drawn(), "", "").source
    assert mpl.rcParams["svg.hashsalt"] == before


def test_sections_share_no_headline():
    one, other = Section("?", []), Section("?", [])
    one.headline["x"] = 1
    assert other.headline == {}
