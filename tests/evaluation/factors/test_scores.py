"""R^2 by factor, of all values and of those never seen."""

import numpy as np
import pytest

from tsgen.evaluation.factors.scores import explained, explained_new

ASKED = np.array([[0, 5], [2, 5], [4, 6], [6, 6]])


def test_r2_is_one_for_the_truth_and_nought_for_the_mean():
    assert explained(ASKED, ASKED.astype(float)).tolist() == [1, 1]
    assert explained(ASKED, np.full((4, 2), [3.0, 5.5])) == pytest.approx([0, 0])
    read = ASKED + np.array([[1.0, 0.0]])
    assert explained(ASKED, read) == pytest.approx([1 - 1 / 5, 1])


def test_new_values_are_judged_by_themselves():
    new = np.array([[False, True], [False, True], [True, True], [True, True]])
    read = ASKED.astype(float)
    read[2:, 0] = 3.0  # the nearest value it knows
    scores = explained_new(ASKED, read, new)
    assert scores == pytest.approx([1 - (1 + 9) / 2 / 1, 1])
    assert scores[0] < 0 < explained(ASKED, read)[0]


def test_no_new_values_or_one_have_no_score():
    nothing = np.zeros((4, 2), bool)
    assert np.isnan(explained_new(ASKED, ASKED.astype(float), nothing)).all()
    single = nothing.copy()
    single[2, 0] = True
    assert np.isnan(explained_new(ASKED, ASKED.astype(float), single)).all()
