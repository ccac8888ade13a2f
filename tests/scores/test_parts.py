"""Activity × (relevance + own past) is the score."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.errors import DataError
from tsgen.scores import ScoreMatrix, ScoreParts

USERS, ITEMS = pd.Index(["ann", "bob", "eve"]), pd.Index([1, 2])
PAIRS = sp.csr_array([[0.25, 0.0], [0.0, 0.5], [0.0, 0.0]])
OUT = sp.csr_array([[0, 0], [0, 1], [1, 1]])
ACTIVITY = np.array([4.0, 2.0, 1.0])


def parts(**more):
    bias = np.zeros(3), np.log([0.5, 0.25])
    return ScoreParts(ACTIVITY, ScoreMatrix.of_biases(USERS, ITEMS, *bias, pairs=PAIRS, **more))


def test_a_campaign_adds_up_relevance_and_own_past():
    relevance, own = parts().of([0, 1])
    np.testing.assert_allclose(relevance, 0.75)
    np.testing.assert_allclose(own, [0.25, 0.5, 0.0])


def test_excluded_pairs_count_for_nothing():
    relevance, own = parts(excluded=OUT).of([0, 1])
    np.testing.assert_allclose(relevance, [0.75, 0.5, 0.0])
    np.testing.assert_allclose(own, [0.25, 0.0, 0.0])
    assert parts(excluded=OUT).allowed([0, 1]).tolist() == [True, True, False]
    assert parts(excluded=OUT).allowed([1]).tolist() == [True, False, False]


def test_users_are_selected_with_their_activity():
    some = parts().select_users(np.array([2, 0]))
    assert some.user_ids.tolist() == ["eve", "ann"]
    assert some.activity.tolist() == [1.0, 4.0]
    with pytest.raises(DataError, match="activity has shape"):
        ScoreParts(np.ones(2), parts().shares)
