"""Gain, lift and calibration are drawn as given."""

import itertools

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.report import (
    plot_calibration,
    plot_gain,
    plot_lift,
)


def line(ax, label):
    return next(line for line in ax.lines if line.get_label() == label)


def test_gain_and_lift_are_the_curves_given():
    depths = np.array([0.1, 0.5, 1.0])
    curves = {"model": [0.5, 0.9, 1.0], "random": [0.1, 0.5, 1.0], "recency": [0.3, 0.8, 1.0]}
    ax = plot_gain(curves, depths)
    np.testing.assert_allclose(line(ax, "model").get_ydata(), [0, 50, 90, 100])
    np.testing.assert_allclose(line(ax, "model").get_xdata(), [0, 10, 50, 100])
    ax = plot_lift(curves, depths)
    np.testing.assert_allclose(line(ax, "model").get_ydata(), [5.0, 1.8, 1.0])
    assert len({line(ax, name).get_color() for name in curves}) == 3
    ax = plot_lift(curves, depths, listed=[0.2, 0.5, 1.0])
    np.testing.assert_allclose(line(ax, "model").get_ydata(), [2.5, 1.8, 1.0])
    with pytest.raises(DataError, match=r"'model' has shape \(2,\)"):
        plot_gain({"model": [0.1, 0.2]}, depths)
    with pytest.raises(DataError, match="no curve"):
        plot_lift({}, depths)


def test_no_two_rules_of_an_evaluation_look_alike():
    rules = ["popularity", "recency", "repeat buyers", "item-kNN", "sequence model", "another"]
    ax = plot_gain({name: [0.1, 1.0] for name in ("model", "random", *rules)}, [0.1, 1.0])
    drawn = [line(ax, name) for name in rules]
    assert len({one.get_color() for one in drawn}) == len(rules)


@pytest.mark.parametrize(("low", "high"), [(0.012, 0.4), (1e-4, 2e-4), (0.3, 8.0), (1e-9, 0.5)])
def test_labels_of_calibration_do_not_overlap(low, high):
    said = np.geomspace(low, high, 9)
    ax = plot_calibration(np.column_stack([np.full(9, 99), said, 1.1 * said, 0.3 * said]))
    ax.figure.draw_without_rendering()
    for axis, side in ((ax.xaxis, 0), (ax.yaxis, 1)):
        low, high = sorted(axis.get_view_interval())
        ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        labels = [tick.label1 for tick in ticks if low <= tick.get_loc() <= high]
        shown = [label.get_window_extent() for label in labels if label.get_text()]
        ends = sorted((box.min[side], box.max[side]) for box in shown)
        assert len(ends) >= 3
        assert all(upper[0] > lower[1] for lower, upper in itertools.pairwise(ends)), (axis, ends)


@pytest.mark.parametrize("percent", [False, True])
def test_calibration_shows_groups_with_two_standard_errors(percent):
    groups = np.array([[9, 0.1, 0.0, 0.0], [9, 0.2, 0.3, 0.05], [9, 0.6, 0.5, 0.1]])
    ax = plot_calibration(groups, percent=percent)
    points = ax.containers[0].lines[0]
    scale = 100 if percent else 1
    np.testing.assert_allclose(points.get_xydata(), scale * groups[:, 1:3])
    segments = np.array(ax.containers[0].lines[2][0].get_segments())
    np.testing.assert_allclose(segments[1, :, 1], [0.2 * scale, 0.4 * scale])
    assert ax.get_xscale() == "linear"
    assert plot_calibration(groups[1:] * [1, 0.01, 1, 0.01]).get_xscale() == "log"
    with pytest.raises(DataError, match="expected"):
        plot_calibration(groups[:, :3])


def test_a_rule_keeps_its_style_whatever_stands_beside_it():
    depths = [0.1, 1.0]
    few = plot_gain({"recency": [0.2, 1.0], "model": [0.5, 1.0]}, depths)
    many = plot_gain({"model": [0.5, 1.0], "recency": [0.2, 1.0], "random": [0.1, 1.0],
                      "zeta": [0.3, 1.0]}, depths)  # fmt: skip
    for name in ("model", "recency"):
        assert line(few, name).get_color() == line(many, name).get_color()
    assert line(many, "model").get_linestyle() == "-"
    assert line(many, "random").get_color() == "#999999"


def test_the_depths_must_be_one_row_with_something_in_it():
    for depths in ([], [[0.1, 1.0]]):
        with pytest.raises(DataError, match="The curve 'model' has shape"):
            plot_lift({"model": np.asarray(depths)}, depths)
    with pytest.raises(DataError, match=r"data has shape \(0, 4\)"):
        plot_calibration(np.zeros((0, 4)))
