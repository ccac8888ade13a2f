"""The pictures of a study of factors show each maker where it belongs."""

import numpy as np

from tsgen.report.figures.factors import plot_factor_scores, plot_lanes


def test_every_maker_has_its_points_above_each_split():
    ax = plot_factor_scores(["random", "beyond"], {"a": [0.5, 0.1], "b": [0.9, 0.2]})
    lines = {line.get_label(): line.get_xydata() for line in ax.lines}
    np.testing.assert_allclose(lines["a"][:, 1], [0.5, 0.1])
    assert (np.round(lines["a"][:, 0]) == [0, 1]).all()
    assert lines["a"][0, 0] < lines["b"][0, 0]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["random", "beyond"]


def test_lanes_share_one_unit_and_stand_below_each_other():
    windows = {
        "truth": np.array([[0.0, 2.0], [1.0, 1.0]]),
        "copy": np.array([[0.0, 1.0], [2.0, 2.0]]),
    }
    ax = plot_lanes(windows)
    heights = [line.get_ydata() for line in ax.lines]
    np.testing.assert_allclose(heights[0], [0.0, 0.8])
    np.testing.assert_allclose(heights[2], [-1.0, -0.6])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["truth", "copy"]
