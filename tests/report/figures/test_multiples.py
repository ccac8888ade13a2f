"""Small multiples: every picture in its own range, at its own place."""

import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.report import plot_multiples


def test_each_picture_has_its_place_and_its_range():
    data = {"real": [[0, 10], [5, 6], [1, 1]] * 2, "synthetic": [[5, 20], [5, np.nan], [1, 1]] * 2}
    ax = plot_multiples(["a", "b", "$c$"] * 2, data)
    real = [line.get_xydata() for line in ax.lines if line.get_color() == "#0072B2"]
    assert len(real) == 6
    np.testing.assert_allclose(real[0], [[0, 0], [1, 0.5]])  # 0 to 20 together
    assert real[1][0, 0] > real[0][1, 0]  # to the right
    assert real[5][0, 1] < real[4][0, 1]  # the sixth is below
    assert real[5][0, 0] == real[0][0, 0]
    named = [line.get_label() for line in ax.lines if not line.get_label().startswith("_")]
    assert named == ["real", "synthetic"]
    ax.figure.draw_without_rendering()  # a title that is no formula
    long = plot_multiples(["x" * 40], {"real": [[1, 2]]}).texts[0].get_text()
    assert len(long) == 16


def test_rows_must_be_as_many_as_titles():
    with pytest.raises(DataError, match="There are 2 titles and"):
        plot_multiples(["a", "b"], {"real": [[1, 2]]})
    with pytest.raises(DataError, match="at least one"):
        plot_multiples([], {})
