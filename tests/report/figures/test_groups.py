"""Ratios with intervals, and bars that add up."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from tsgen.errors import DataError
from tsgen.report.figures import plot_parts, plot_ratios

RATIOS = pd.DataFrame({"group": ["x", "y"], "value": [0.5, 1.2], "low": [0.3, 1.0],
                       "high": [0.7, 1.4]})  # fmt: skip


def test_a_line_is_drawn_only_where_it_is_asked_for():
    plain, asked = plot_ratios(RATIOS), plot_ratios(RATIOS, line=0.8)
    labels = [text.get_text() for text in asked.get_legend().get_texts()]
    assert "0.8, as asked" in labels
    assert not any("as asked" in t.get_text() for t in plain.get_legend().get_texts())
    assert [t.get_text() for t in plain.get_yticklabels()] == ["x", "y"]
    plt.close("all")


def test_bars_end_where_the_parts_add_up():
    data = pd.DataFrame({"up": [0.3, 0.1], "down": [-0.1, -0.4], "more": [0.2, 0.0]}, ["x", "y"])
    ax = plot_parts(data)
    ends = [max(bar.get_x() + bar.get_width() for bar in ax.patches[k::2]) for k in (0, 1)]
    assert ends == pytest.approx([0.5, 0.1])
    whole = next(line for line in ax.lines if line.get_label() == "together")
    assert whole.get_xdata().tolist() == pytest.approx([0.4, -0.3])
    plt.close("all")


def test_nothing_to_draw_is_refused():
    with pytest.raises(DataError, match="no group"):
        plot_ratios(RATIOS[:0])
    with pytest.raises(DataError, match="nothing"):
        plot_parts(pd.DataFrame())
