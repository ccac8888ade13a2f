import math

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from strategies import best_by_loop, ranking_cases
from tsgen.errors import DataError, SettingsError
from tsgen.metrics import (
    one_percent,
    precision,
    ranking_report,
    recall_by_item,
    recall_by_user,
    select_items,
    select_users,
)

sparse = sp.csr_array


@given(ranking_cases())
def test_metrics_equal_slow_loops(case):
    scores, targets, exclude = case
    report = ranking_report(scores, sparse(targets), exclude=sparse(exclude))
    n, m = scores.shape
    hit = (targets > 0) & ~exclude
    for name, num in (("item_rec", math.ceil(m / 100)), ("user_rec", math.ceil(n / 100))):
        selected = np.zeros((n, m), bool)
        if name == "item_rec":
            for i in range(n):
                selected[i, best_by_loop(scores[i], exclude[i], num)] = True
            lines = [(selected[i], hit[i]) for i in range(n)]
        else:
            for j in range(m):
                selected[best_by_loop(scores[:, j], exclude[:, j], num), j] = True
            lines = [(selected[:, j], hit[:, j]) for j in range(m)]
        found = report[name]
        total = selected.sum()
        assert found["precision"] == pytest.approx((selected & hit).sum() / total if total else 0)
        recalls = [(s & h).sum() / max(h.sum(), 1) for s, h in lines]
        assert found["recall"] == pytest.approx(np.mean(recalls))
        assert found["item_coverage"] == pytest.approx(np.mean(selected.any(axis=0)))
        assert found["user_coverage"] == pytest.approx(np.mean(selected.any(axis=1)))
        for axis, key in ((0, "item_perplexity"), (1, "user_perplexity")):
            shares = [s / total for s in selected.sum(axis=axis) if s]
            entropy = -sum(q * math.log(q) for q in shares)
            assert found[key] == pytest.approx(math.exp(entropy) if total else 0)


def test_repeats_and_unequal_targets_as_in_the_acceptance_vector():
    # The authors' code says precision 1.5 and recall 1.125 here: a hit counted twice, and a row sum
    # that broadcasts.
    targets = sparse([[2, 0], [0, 1]])
    report = ranking_report([[2, 1], [1, 2]], targets, num_items=1, num_users=1)
    assert report["item_rec"]["precision"] == 1.0
    assert report["item_rec"]["recall"] == 1.0
    assert report["user_rec"]["recall"] == 1.0
    assert report["item_rec"]["item_perplexity"] == pytest.approx(2.0)
    assert report["user_rec"]["user_perplexity"] == pytest.approx(2.0)


def test_recall_divides_each_row_by_its_own_targets():
    selected = sparse([[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    targets = sparse([[1, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]])
    assert recall_by_user(selected, targets) == pytest.approx((1 / 4 + 1 + 0) / 3)
    assert recall_by_item(selected, targets) == pytest.approx((2 / 2 + 0 + 0 + 0) / 4)


def test_excluded_pairs_are_no_targets():
    # In the authors' code an excluded pair stays a target that no one can hit.
    scores, targets, exclude = [[5.0, 1.0]], sparse([[1, 1]]), sparse([[1, 0]])
    report = ranking_report(scores, targets, exclude=exclude, num_items=2)
    assert report["item_rec"]["recall"] == 1.0
    assert report["item_rec"]["precision"] == 1.0


@given(st.integers(0, 2**31))
def test_each_side_ignores_a_positive_factor_of_the_other(seed):
    random = np.random.default_rng(seed)
    scores = random.random((20, 15))
    targets = sparse(random.random((20, 15)) < 0.1)
    base = ranking_report(scores, targets, num_items=3, num_users=4)
    by_user = ranking_report(scores * 2.0 ** random.integers(-9, 9, (20, 1)), targets,
                             num_items=3, num_users=4)  # fmt: skip
    by_item = ranking_report(scores * 2.0 ** random.integers(-9, 9, (1, 15)), targets,
                             num_items=3, num_users=4)  # fmt: skip
    assert by_user["item_rec"] == base["item_rec"]
    assert by_item["user_rec"] == base["user_rec"]


def test_one_percent_is_rounded_up_exactly():
    assert [one_percent(n) for n in (1, 100, 101, 700, 3556)] == [1, 1, 2, 7, 36]


def test_nothing_selected_is_no_error_and_shapes_must_fit():
    empty = sparse((2, 3))
    assert precision(empty, sparse(np.ones((2, 3)))) == 0.0
    assert select_items(np.ones((2, 3)), 2, exclude=sparse(np.ones((2, 3)))).nnz == 0
    assert select_users(np.zeros((2, 3)), 5).sum() == 6
    with pytest.raises(DataError, match="shape"):
        precision(empty, sparse((3, 2)))
    with pytest.raises(DataError, match="two dimensions"):
        select_items(np.ones(3))
    for select in (select_users, select_items):
        with pytest.raises(SettingsError, match="0 is not possible as a number to select"):
            select(np.ones((2, 3)), 0)
