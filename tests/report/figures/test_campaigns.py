"""Curves and effects of campaigns are drawn as given."""

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError
from tsgen.report.figures import plot_diversity, plot_effects, plot_value_curve


def test_curves_and_effects_are_drawn_as_given():
    curve = np.array([[1, 2.0, 1.5, 0.5], [2, 3.0, 2.5, 1.0]])
    ax = plot_value_curve(curve, best=(2, 1, 2))
    assert ax.lines[0].get_ydata().tolist() == [1.5, 2.5]
    assert ax.lines[1].get_ydata().tolist() == [2.0, 3.0]
    ax = plot_effects(["x", "y"], [[0.1, -0.2, 0.4], [0.3, 0.2, 0.5]])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["x", "y"]
    points = pd.DataFrame({"side": ["items", "users", "users"], "precision": [0.1, 0.2, 0.4],
                           "campaign_perplexity": [2.5, 3, 1],
                           "user_perplexity": [9, 2300, 1150]})  # fmt: skip
    ax = plot_diversity(points)
    assert ax.lines[0].get_xdata().tolist() == [10.0]
    assert ax.lines[1].get_ydata().tolist() == [100.0, 50.0]  # of the greatest of its side
    labels = [line.get_label() for line in ax.lines]
    assert labels == ["campaigns shown (100 % are 2.5)", "users reached (100 % are 2,300)"]


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match="expected \\(sizes, 4\\)"):
        plot_value_curve(np.ones((3, 2)))
    with pytest.raises(DataError, match="expected \\(1, 3\\)"):
        plot_effects(["x"], [[1.0]])
    with pytest.raises(DataError, match="no point"):
        plot_diversity(pd.DataFrame({"precision": [np.nan]}))


def test_costs_and_the_greatest_profit_are_drawn_only_where_there_are_costs():
    curve = np.array([[1, 2.0, 1.5, 0.0], [2, 3.0, 2.5, 0.0]])
    free = plot_value_curve(curve, best=(2, 1, 2))
    assert [drawn.get_label() for drawn in free.lines] == ["value that came", "value expected"]
    paid = plot_value_curve(curve + np.array([0, 0, 0, 0.5]), best=(1.5, 1, 2))
    assert paid.lines[2].get_ydata().tolist() == [0.5, 0.5]
    assert set(paid.lines[3].get_xdata()) == {1.5}
    assert len(plot_value_curve(curve + np.array([0, 0, 0, 0.5])).lines) == 3


def test_intervals_reach_from_their_lower_to_their_upper_end():
    ax = plot_effects(["x", "y"], [[0.1, -0.2, 0.4], [0.3, 0.2, 0.5]], name="lift")
    (segments,) = ax.containers[0].lines[2]
    ends = np.array(segments.get_segments())[:, :, 0]
    np.testing.assert_allclose(ends, [[-0.2, 0.4], [0.2, 0.5]])
    assert ax.get_xlabel() == "lift"
    assert np.array(segments.get_segments())[:, 0, 1].tolist() == [1, 0]  # the first on top
