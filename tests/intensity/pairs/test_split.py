"""What is usual at an activity, and how users beside it are lifted."""

import numpy as np
import pytest

from tsgen.intensity.pairs.split import UsualSums

USUAL = UsualSums(0.5, np.log([1.0, 4.0]), np.array([2.0, 3.0]))


def test_between_knots_of_log_activity_means_are_lines_and_beyond_them_the_nearest():
    activity = np.array([0.0, 0.5, 1.0, 2.0, 4.0, 1e9])
    np.testing.assert_allclose(USUAL.at(activity), [2.0, 2.0, 2.0, 2.5, 3.0, 3.0])


def test_a_lift_is_the_sum_to_the_power_over_what_is_usual():
    activity, sums = np.array([1.0, 4.0]), np.array([16.0, 9.0])
    assert USUAL.lift(activity, sums) == pytest.approx([4.0 / 2.0, 3.0 / 3.0])


def test_it_comes_back_from_its_arrays():
    arrays = {name: np.asarray(value) for name, value in USUAL.arrays().items()}
    again = UsualSums.from_arrays(arrays)
    assert again.trust == 0.5
    assert again.at(np.array([2.0])) == USUAL.at(np.array([2.0]))
