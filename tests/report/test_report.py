import base64
import re
import sys
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError, OutputError
from tsgen.evaluation import StudyResult
from tsgen.metrics import autocorrelation, spectrum
from tsgen.report import (
    COLOURS,
    plot_autocorrelation,
    plot_embedding,
    plot_floor,
    plot_losses,
    plot_spectra,
    plot_windows,
    write_page,
)

rng = np.random.default_rng(4)
WINDOWS = {"real": rng.normal(size=(12, 24)).cumsum(1), "synthetic": rng.normal(size=(3, 24))}
HISTORY = [
    {"step": 10 * i, "stage": i // 3, "generator_loss": 1 / i, "seconds": 0.1} for i in range(1, 7)
]


def line(ax, label):
    return next(line for line in ax.lines if line.get_label() == label)


def table():
    rows = [
        ("context_fid", 0.3, 0.1, "lower"),
        ("coverage", 0.6, 0.9, "higher"),
        ("density", 1.3, 1.1, "one"),
        ("membership_advantage", -0.1, 0.2, "lower"),
        ("<script>", 0.0, 0.0, "lower"),
    ]
    frame = pd.DataFrame(rows, columns=["metric", "value", "floor", "better"])
    return frame.assign(spread=0.0, floor_spread=0.0, protocol="held-out", n=50, seed=1)


def result():
    arrays = WINDOWS | {f"{role}_embeddings": rows[:, :5] for role, rows in WINDOWS.items()}
    facts = {
        "study": "fidelity",
        "seed": 1,
        "settings": {"scale": "window"},
        "versions": {"tsgen": "0.1.0"},
        "command": "tsgen evaluate 'a & b'",
    }
    return StudyResult(table(), "1 of 5 measures are <good>.", facts, arrays)


def test_curves_are_those_of_the_metrics_in_the_colours_of_their_roles():
    for plot, metric in (
        (plot_spectra, spectrum),
        (plot_autocorrelation, lambda w: autocorrelation(w).mean(0)),
    ):
        ax = plot(WINDOWS)
        for role, windows in WINDOWS.items():
            np.testing.assert_allclose(line(ax, role).get_ydata(), metric(windows))
            assert line(ax, role).get_color() == COLOURS[role]


def test_windows_show_eight_of_each_role_in_lanes():
    ax = plot_windows(WINDOWS)
    colours = [drawn.get_color() for drawn in ax.lines]
    assert colours == [COLOURS["real"]] * 8 + [COLOURS["synthetic"]] * 3
    first = ax.lines[0].get_ydata()
    expected = WINDOWS["real"][0] - WINDOWS["real"][0].min()
    np.testing.assert_allclose(first, 0.8 * expected / expected.max())


def test_embeddings_are_shown_in_the_main_directions_of_the_real_ones():
    real = rng.normal(size=(200, 4)) * [5.0, 2.0, 0.1, 0.1] + 7
    ax = plot_embedding({"real": real, "synthetic": real[:20]})
    points = [np.asarray(cloud.get_offsets()) for cloud in ax.collections]
    centred = real - real.mean(0)
    for axis in (0, 1):
        assert abs(np.corrcoef(points[0][:, axis], centred[:, axis])[0, 1]) > 0.99
    np.testing.assert_allclose(points[1], points[0][:20])


def test_losses_are_drawn_with_a_mark_at_each_stage():
    ax = plot_losses(HISTORY)
    drawn = line(ax, "generator loss")
    np.testing.assert_array_equal(drawn.get_xdata(), range(10, 70, 10))
    np.testing.assert_allclose(drawn.get_ydata(), [1 / i for i in range(1, 7)])
    assert [text.get_text() for text in ax.texts] == ["stage 0", "stage 1", "stage 2"]
    assert [text.xy[0] for text in ax.texts] == [0, 20, 50]
    with pytest.raises(DataError, match="at least one loss"):
        plot_losses([{"step": 1}])


def test_floor_puts_the_ideal_left_and_the_farthest_right():
    ax = plot_floor(table())
    floor, sample = (np.asarray(container.lines[0].get_xdata()) for container in ax.containers)
    np.testing.assert_allclose(sample, [1.0, 1.0, 1.0, 0.0, 0.0])
    np.testing.assert_allclose(floor, [1 / 3, 0.25, 1 / 3, 1.0, 0.0], atol=1e-12)
    ratio = table()[:1].assign(value=1.5, floor=1.1, ideal=1.0)
    floor, sample = (np.asarray(c.lines[0].get_xdata()) for c in plot_floor(ratio).containers)
    np.testing.assert_allclose([floor[0], sample[0]], [0.2, 1.0])


@pytest.mark.parametrize("plot", [plot_windows, plot_spectra, plot_autocorrelation, plot_embedding])
def test_figures_draw_on_the_axes_given_and_leave_pyplot_alone(plot):
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert plot(WINDOWS, ax=ax) is ax
    assert plot(WINDOWS).figure is not ax.figure
    assert (
        "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    )


def test_unknown_roles_and_missing_values_are_refused():
    with pytest.raises(DataError, match="'fake' is unknown"):
        plot_windows({"fake": WINDOWS["real"]})
    with pytest.raises(DataError, match="nothing to draw"):
        plot_windows({})
    with pytest.raises(DataError, match="missing"):
        plot_spectra({"real": np.full((2, 8), np.nan)})
    with pytest.raises(DataError, match="two 'real' embeddings"):
        plot_embedding({"synthetic": WINDOWS["real"]})


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_the_page_holds_everything_and_needs_nothing(tmp_path):
    write_page(result(), tmp_path / "page.html", history=HISTORY)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    shown = " ".join("".join(page.texts).split())
    for expected in (
        "1 of 5 measures are <good>.",
        "context fid",
        "Distance between the two sets as a trained encoder sees them.",
        "held-out",
        "tsgen evaluate 'a & b'",
        "settings, scalewindow",
        "tsgen version0.1.0",
    ):
        assert expected in shown
    assert not any(tag in ("script", "link") for tag, _ in page.tags)
    images = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(images) == 6
    assert all(image["alt"] for image in images)
    for image in images:
        kind, _, content = image["src"].partition(";base64,")
        assert kind == "data:image/svg+xml"
        svg = base64.b64decode(content).decode()
        assert svg.rstrip().endswith("</svg>")
    assert (
        "meta",
        {"name": "viewport", "content": "width=device-width, initial-scale=1"},
    ) in page.tags
    assert shown.count("✓ as good") == 2


def test_the_same_result_gives_the_same_page_and_old_pages_are_kept(tmp_path):
    first, second = tmp_path / "first.html", tmp_path / "second.html"
    write_page(result(), first)
    write_page(result(), second)
    assert first.read_bytes() == second.read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        write_page(result(), first)
    write_page(result(), first, title="Other", overwrite=True)
    assert re.search("<h1>Other</h1>", first.read_text(encoding="utf-8"))


def test_a_result_without_arrays_still_has_its_page(tmp_path):
    bare = StudyResult(table(), "Fine.", {})
    write_page(bare, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count("<img") == 1
