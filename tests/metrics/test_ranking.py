import math

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from tsgen.errors import DataError, SettingsError
from tsgen.metrics import (
    auc_by_item,
    gain,
    item_coverage,
    item_perplexity,
    lift,
    one_percent,
    perplexity,
    places,
    precision,
    ranking_report,
    recall_by_item,
    recall_by_user,
    select_items,
    select_users,
    target_places,
    user_coverage,
    user_perplexity,
)
from tsgen.scores import selection, top_columns, top_rows

sparse = sp.csr_array


@st.composite
def cases(draw):
    """Scores with many ties, targets with repeats, and excluded pairs."""
    n, m = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    scores = random.integers(0, draw(st.integers(1, 6)), (n, m)).astype(float)
    targets = random.integers(0, 3, (n, m)) * (random.random((n, m)) < 0.3)
    exclude = random.random((n, m)) < draw(st.sampled_from([0.0, 0.3, 0.9]))
    return scores, targets, exclude


def slow_best(values, out, num):
    order = sorted((k for k in range(len(values)) if not out[k]), key=lambda k: (-values[k], k))
    return order[:num]


@given(cases(), st.integers(1, 10), st.sampled_from([1, 7, 10**6]))
def test_the_best_are_those_of_a_slow_loop_whatever_the_blocks(case, num, block):
    scores, _, exclude = case
    arguments = {"exclude": sparse(exclude), "block_numbers": block}
    columns, values = top_columns(scores, num, **arguments)
    rows, heights = top_rows(scores, num, **arguments)
    for i in range(len(scores)):
        expected = slow_best(scores[i], exclude[i], num)
        assert [k for k in columns[i] if k >= 0] == expected
        assert values[i][: len(expected)].tolist() == [scores[i, k] for k in expected]
    for j in range(scores.shape[1]):
        expected = slow_best(scores[:, j], exclude[:, j], num)
        assert [k for k in rows[j] if k >= 0] == expected
        assert heights[j][: len(expected)].tolist() == [scores[k, j] for k in expected]
    assert np.isneginf(values[columns < 0]).all()


def test_single_precision_blocks_rank_as_well():
    random = np.random.default_rng(0)
    scores = random.normal(size=(300, 7)).astype(np.float32)

    class Blocks:
        shape = scores.shape

        def block(self, rows, columns):
            return scores[rows, columns].copy()

    rows, _ = top_rows(Blocks(), 20, block_numbers=70)
    for j in range(7):
        assert rows[j].tolist() == np.argsort(-scores[:, j], kind="stable")[:20].tolist()


@pytest.mark.parametrize("kind", ["drawn", "tied", "equal", "periodic", "falling"])
def test_a_sample_that_misleads_changes_no_selection(monkeypatch, kind):
    monkeypatch.setattr(selection, "_FEWEST_SAMPLED", 50)
    draw, rows = np.random.default_rng(0), np.arange(900)
    column = {
        "drawn": draw.normal(size=900),
        "tied": draw.integers(0, 4, 900),
        "equal": np.zeros(900),
        "periodic": np.where(
            rows % 45 == 0, 10.0, draw.random(900)
        ),  # the sample is every ninth row
        "falling": -rows,
    }[kind]
    scores = np.column_stack([column, draw.normal(size=900), -column]).astype(float)
    for num in (3, 40):
        best, values = top_rows(scores, num, block_numbers=300)
        for j in range(3):
            expected = np.argsort(-scores[:, j], kind="stable")[:num]
            assert best[j].tolist() == expected.tolist()
            assert values[j].tolist() == scores[expected, j].tolist()


@given(cases())
def test_metrics_equal_slow_loops(case):
    scores, targets, exclude = case
    report = ranking_report(scores, sparse(targets), exclude=sparse(exclude))
    n, m = scores.shape
    hit = (targets > 0) & ~exclude
    for name, num in (("item_rec", math.ceil(m / 100)), ("user_rec", math.ceil(n / 100))):
        selected = np.zeros((n, m), bool)
        if name == "item_rec":
            for i in range(n):
                selected[i, slow_best(scores[i], exclude[i], num)] = True
            lines = [(selected[i], hit[i]) for i in range(n)]
        else:
            for j in range(m):
                selected[slow_best(scores[:, j], exclude[:, j], num), j] = True
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


@given(cases(), st.sampled_from([3, 10**6]))
def test_gain_lift_and_auc_equal_slow_loops(case, block):
    scores, targets, exclude = case
    hit = (targets > 0) & ~exclude
    arguments = {"exclude": sparse(exclude)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "BLOCK_NUMBERS", block)
        auc = auc_by_item(scores, sparse(targets), **arguments)
        for j in range(scores.shape[1]):
            some = ~exclude[:, j]
            if len(set(hit[some, j])) == 2:
                assert auc[j] == pytest.approx(roc_auc_score(hit[some, j], scores[some, j]))
            else:
                assert np.isnan(auc[j])
        if not hit.any():
            with pytest.raises(DataError, match="no targets"):
                gain(scores, sparse(targets), [0.5], **arguments)
            return
        depths = [0.1, 0.25, 0.5, 1.0]
        found = gain(scores, sparse(targets), depths, **arguments)
        lifted = lift(scores, sparse(targets), depths, **arguments)
        for depth, value, times in zip(depths, found, lifted, strict=True):
            captured, at_random = 0, 0.0
            for j in range(scores.shape[1]):
                ranked = (~exclude[:, j]).sum()
                size = math.ceil(depth * ranked - 1e-9)
                captured += sum(hit[i, j] for i in slow_best(scores[:, j], exclude[:, j], size))
                at_random += hit[:, j].sum() * size / max(ranked, 1)
            assert value == pytest.approx(captured / hit.sum())
            assert times == pytest.approx(captured / at_random)
        assert found[-1] == lifted[-1] == 1.0


def test_a_random_order_has_lift_1_where_the_depth_is_no_whole_number_of_users():
    """Over all rotations of the scores each target stands at each place equally often."""
    random = np.random.default_rng(0)
    scores, targets = random.random((40, 6)), sparse(random.random((40, 6)) < 0.2)
    depths = [0.001, 0.01, 0.06, 0.3, 1.0]
    turned = [lift(np.roll(scores, turn, axis=0), targets, depths) for turn in range(40)]
    np.testing.assert_allclose(np.mean(turned, axis=0), 1.0)


@given(cases())
def test_each_target_knows_its_place(case):
    scores, targets, exclude = case
    found = target_places(scores, sparse(targets), exclude=sparse(exclude))
    hit = (targets > 0) & ~exclude
    assert sorted(zip(found.user, found.item, strict=True)) == sorted(
        zip(*hit.nonzero(), strict=True)
    )
    for user, item, rank, ranked in zip(
        found.user, found.item, found.rank, found.ranked, strict=True
    ):
        order = slow_best(scores[:, item], exclude[:, item], len(scores))
        assert (order.index(user), len(order)) == (rank, ranked)
    with pytest.raises(SettingsError, match="depth=0 is not possible"):
        found.found(0)


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


def test_exposure_of_a_known_selection():
    selected = sparse([[1, 1, 0, 0], [1, 0, 1, 0]])
    assert item_coverage(selected) == 0.75
    assert user_coverage(selected) == 1.0
    assert item_perplexity(selected) == pytest.approx(2**1.5)
    assert user_perplexity(selected) == pytest.approx(2.0)
    assert perplexity([0, 0]) == 0.0
    for wrong in (np.nan, np.inf, -1.0):
        with pytest.raises(DataError, match="in row 1; perplexity needs finite numbers from 0"):
            perplexity([1.0, wrong, 1.0])


def test_nothing_selected_is_no_error_and_shapes_must_fit():
    empty = sparse((2, 3))
    assert precision(empty, sparse(np.ones((2, 3)))) == 0.0
    assert select_items(np.ones((2, 3)), 2, exclude=sparse(np.ones((2, 3)))).nnz == 0
    assert select_users(np.zeros((2, 3)), 5).sum() == 6
    with pytest.raises(DataError, match="shape"):
        precision(empty, sparse((3, 2)))
    with pytest.raises(DataError, match="two dimensions"):
        select_items(np.ones(3))
    with pytest.raises(DataError, match="NaN in row 1"):
        select_items([[1.0], [np.nan]])
    with pytest.raises(SettingsError, match=r"depth=0\.0 is not possible"):
        gain(np.ones((2, 3)), sparse(np.ones((2, 3))), [0.0])
    for select in (top_rows, top_columns, select_users, select_items):
        with pytest.raises(SettingsError, match="0 is not possible as a number to select"):
            select(np.ones((2, 3)), 0)
