"""Forecasts and differences are drawn where they belong."""

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.report.figures.forecast import plot_differences, plot_forecast


def test_a_forecast_is_drawn_where_it_belongs():
    past, truth = np.arange(5.0), np.array([5.0, 6.0])
    ax = plot_forecast(past, truth, {"real": [truth - 1, truth, truth + 1]})
    lines = {line.get_label(): line for line in ax.get_lines()}
    np.testing.assert_array_equal(lines["known"].get_xdata(), [-5, -4, -3, -2, -1])
    np.testing.assert_array_equal(lines["came"].get_xdata(), [0, 1])
    np.testing.assert_array_equal(lines["real"].get_ydata(), truth)


def test_a_band_that_does_not_fit_is_refused():
    with pytest.raises(DataError, match=r"shape \(3, 2\); expected \(3, 4\)"):
        plot_forecast(np.ones(3), np.ones(4), {"real": np.ones((3, 2))})
    with pytest.raises(DataError, match="two at most"):
        plot_forecast(np.ones(3), np.ones(1), dict.fromkeys("abc", np.ones((3, 1))))


def test_differences_are_drawn_from_top_to_bottom():
    ax = plot_differences(["a", "b"], [-1.0, 2.0], [-2.0, np.nan], [0.5, np.nan])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    (points,) = (line for line in ax.get_lines() if line.get_marker() == "o")
    np.testing.assert_array_equal(points.get_xdata(), [-1, 2])
    np.testing.assert_array_equal(points.get_ydata(), [1, 0])
    assert ax.get_ylim() == (-0.6, 2.4)  # no point on the frame, and room for the legend


def test_the_band_reaches_from_its_lower_to_its_upper_quantile():
    ax = plot_forecast([1.0], [5.0, 6.0], {"a": [[4, 5], [5, 6], [7, 8]], "b": [[1, 1]] * 3})
    heights = [band.get_paths()[0].get_extents() for band in ax.collections]
    assert (heights[0].ymin, heights[0].ymax) == (4, 8)
    assert len({line.get_color() for line in ax.get_lines()}) == 4


def test_an_interval_is_drawn_beside_its_point():
    ax = plot_differences(["a", "b"], [-1.0, 2.0], [-2.0, 1.0], [0.5, 3.0], label="over seeds")
    segments = np.array(ax.collections[0].get_segments())
    np.testing.assert_allclose(segments[:, :, 0], [[-2, 0.5], [1, 3]])
    np.testing.assert_allclose(segments[:, :, 1], [[1, 1], [0, 0]])
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["over seeds"]
