"""Numbers of arms are drawn where they belong, with their intervals and the one seen beside."""

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.report.figures.arms import plot_arms


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_arms_stand_from_top_to_bottom_with_their_ends():
    ax = plot_arms(["a", "b", "c"], [3, 1, 2], [2, 0.5, np.nan], [4, 1.5, np.nan], measure="loss")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    found = lines_of(ax)
    np.testing.assert_array_equal(found["value"].get_xydata(), [[3, 2], [1, 1], [2, 0]])
    np.testing.assert_array_equal(found["lower end"].get_xdata(), [2, 0.5, np.nan])
    np.testing.assert_array_equal(found["upper end"].get_xdata(), [4, 1.5, np.nan])
    segments = np.array(ax.collections[0].get_segments()[:2])
    np.testing.assert_array_equal(segments[:, :, 0], [[2, 4], [0.5, 1.5]])
    assert (ax.get_xlabel(), ax.get_xscale()) == ("loss", "linear")
    assert "reference" not in found


def test_the_reference_has_a_mark_of_its_own_through_all_rows():
    ax = plot_arms(["a", "floor"], [3, 1], [2, 0.9], [4, 1.2], measure="loss", reference=1)
    found = lines_of(ax)
    np.testing.assert_array_equal(found["value"].get_xydata(), [[3, 1]])
    np.testing.assert_array_equal(found["reference"].get_xydata(), [[1, 0]])
    assert found["value"].get_marker() != found["reference"].get_marker()
    (through,) = (line for line in ax.get_lines() if line.get_linestyle() == "--")
    assert set(through.get_xdata()) == {1}
    (band,) = ax.patches
    assert (band.get_x(), band.get_width()) == (0.9, pytest.approx(0.3))


def test_numbers_of_many_sizes_stand_on_a_logarithmic_scale_and_changes_beside_zero():
    ax = plot_arms(["a", "b"], [0.01, 1], [np.nan] * 2, [np.nan] * 2, measure="distance")
    assert ax.get_xscale() == "log"
    ax = plot_arms(["a", "b"], [0.01, 1], [-0.2, 0.5], [0.3, 2], measure="change")
    assert ax.get_xscale() == "linear"
    assert [0, 0] in [list(line.get_xdata()) for line in ax.get_lines()]
    blank = [np.nan] * 2
    ax = plot_arms(["a", "b"], [0.01, 1], blank, blank, measure="worst change", changes=True)
    assert ax.get_xscale() == "linear"
    assert [0, 0] in [list(line.get_xdata()) for line in ax.get_lines()]
    ax = plot_arms(["a", "b"], [1, 2], [0.5, 1], [2, 3], measure="loss")
    assert [0, 0] not in [list(line.get_xdata()) for line in ax.get_lines()]


def test_what_does_not_fit_is_refused():
    with pytest.raises(DataError, match="2 names and 1 numbers"):
        plot_arms(["a", "b"], [1], [1], [1], measure="loss")
    with pytest.raises(DataError, match="0 names"):
        plot_arms([], [], [], [], measure="loss")
