"""What test_measures.py does not see: kinds of pairs of which nothing happened."""

import numpy as np
import scipy.sparse as sp

from tsgen.evaluation.audience.pairs_apart import pairs_apart
from tsgen.scores import DenseScores

SEEN = np.array([[1, 0], [1, 0], [0, 0]])
SCORES = DenseScores(np.array([[3.0, 1.0], [2.0, 5.0], [1.0, 4.0]]))


def measures(targets, seen=SEEN, excluded=None):
    hits = sp.csr_array(np.array(targets, float))
    seen = None if seen is None else sp.csr_array(seen.astype(float))
    excluded = None if excluded is None else sp.csr_array(np.array(excluded))
    return pairs_apart(SCORES, hits, seen, excluded, 1, 1)


def test_of_what_did_not_happen_nothing_is_said():
    assert set(measures([[1, 0], [0, 0], [0, 0]])) == {
        "user_rec_precision_seen_pairs", "item_rec_precision_seen_pairs",
    }  # fmt: skip
    assert set(measures([[0, 0], [0, 1], [0, 0]])) == {
        "user_rec_precision_new_pairs", "item_rec_precision_new_pairs",
    }  # fmt: skip
    assert measures([[1, 1], [0, 0], [0, 0]], seen=None) == {}


def test_lists_of_seen_pairs_hold_seen_pairs_alone():
    found = measures([[0, 0], [1, 1], [0, 0]])
    ones = np.ones((1, 3))
    # item 0: user 0 is listed, who did not act; item 1: nobody has seen it, so nobody is listed
    assert found["user_rec_precision_seen_pairs"](ones)[0] == 0.0
    # users 0 and 1 get item 0, user 2 has seen nothing: one of two lists is right
    assert found["item_rec_precision_seen_pairs"](ones)[0] == 0.5
    # of new pairs, item 0 lists user 2, item 1 user 1, who acted
    assert found["user_rec_precision_new_pairs"](ones)[0] == 0.5


def test_excluded_pairs_are_never_listed():
    seen = np.array([[1, 0], [1, 0], [0, 1]])
    found = measures([[0, 0], [1, 0], [0, 0]], seen=seen, excluded=[[1, 0], [0, 0], [0, 0]])
    assert found["user_rec_precision_seen_pairs"](np.ones((1, 3)))[0] == 0.5
