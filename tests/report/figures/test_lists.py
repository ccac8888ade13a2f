import numpy as np
import pytest

from tsgen.errors import DataError
from tsgen.report.figures import plot_list

CURVE = np.array([[10, 4.0, 5.0, 1.0], [20, 6.0, 6.5, 2.0]])


def test_lines_begin_at_nothing_and_end_with_the_curve():
    ax = plot_list(CURVE, size=10, until=20)
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    assert list(lines["buyers that came"]) == [0, 5, 6.5]
    assert list(lines["buyers expected"]) == [0, 4, 6]
    assert list(lines["at random"]) == [0, 1, 2]
    assert {"the list", "beyond: as many as at random"} <= set(lines)


def test_another_shape_is_refused():
    with pytest.raises(DataError, match=r"expected \(sizes, 4\)"):
        plot_list(CURVE[:, :3])
