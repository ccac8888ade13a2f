"""Bars and swarms: the largest on top, dots of one value beside each other, colours by amount."""

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.report.figures import plot_beeswarm, plot_importance

VALUES = np.array([[1.0, -4.0], [1.0, 2.0], [1.0, 3.0], [-1.0, 3.0]])


def labels(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def test_bars_are_mean_absolute_values_the_largest_on_top():
    ax = plot_importance(VALUES, ["small", "large"], label="events")
    assert labels(ax) == ["small", "large"]
    assert [bar.get_width() for bar in ax.patches] == [1.0, 3.0]
    assert ax.get_xlabel() == "events"


def test_a_swarm_has_a_dot_for_each_value_and_none_hides_another():
    ax = plot_beeswarm(VALUES, ["small", "large"])
    small, large = (dots.get_offsets() for dots in ax.collections)
    assert labels(ax) == ["small", "large"]
    assert sorted(small[:, 0]) == [-1, 1, 1, 1]
    assert sorted(large[:, 0]) == [-4, 2, 3, 3]
    for place, dots in enumerate((small, large)):
        assert len({tuple(dot) for dot in np.asarray(dots).tolist()}) == 4
        assert np.abs(dots[:, 1] - place).max() <= 0.4


def test_colours_go_by_the_rank_of_the_amount():
    amounts = np.array([[0.0, np.nan], [5.0, np.nan], [100.0, np.nan], [5.0, np.nan]])
    ax = plot_beeswarm(VALUES, ["small", "large"], amounts=amounts)
    few, middle, many, same = ax.collections[0].get_facecolors()[:, :3]
    assert few[0] < middle[0] < many[0]  # from blue to orange
    assert (middle == same).all()
    assert len({tuple(colour) for colour in ax.collections[1].get_facecolors().tolist()}) == 1
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["few", "many"]


def test_a_thousand_equal_values_stay_on_their_line():
    dots = plot_beeswarm(np.zeros((1000, 1)), ["one"]).collections[0].get_offsets()
    assert np.abs(dots[:, 1]).max() <= 0.4


@pytest.mark.parametrize("draw", [plot_importance, plot_beeswarm])
def test_what_cannot_be_drawn_is_refused(draw):
    with pytest.raises(DataError, match="column for each of 1 players"):
        draw(VALUES, ["one"])
    with pytest.raises(DataError, match="a row at least"):
        draw(np.zeros((0, 1)), ["one"])


def test_amounts_of_another_shape_are_refused():
    with pytest.raises(DataError, match="amounts has shape"):
        plot_beeswarm(VALUES, ["a", "b"], amounts=VALUES[:2])
