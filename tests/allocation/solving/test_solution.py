import numpy as np
import pytest

from tsgen.allocation.solving import Solution


def worth(value, bound):
    return Solution(np.arange(2), np.arange(2), value, bound, None)


def test_the_gap_is_what_the_bound_leaves_open():
    assert worth(9.0, 10.0).gap == pytest.approx(0.1)
    assert worth(-12.0, -10.0).gap == pytest.approx(0.2)
    assert worth(10.0, 10.0 - 1e-9).gap == 0.0  # rounding: the bound is met
    assert worth(0.0, 0.0).gap == 0.0
    assert f"{worth(0.0, -0.0).gap:.2%}" == "0.00%"
    assert np.isnan(worth(9.0, np.inf).gap)
