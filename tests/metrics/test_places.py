"""Places of targets, gain, lift and AUC against slow loops."""

import math

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from strategies import best_by_loop, ranking_cases
from tsgen.errors import DataError, SettingsError
from tsgen.metrics import (
    auc_by_item,
    gain,
    lift,
    places,
    target_places,
)

sparse = sp.csr_array


@given(ranking_cases(), st.sampled_from([3, 10**6]))
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
                captured += sum(hit[i, j] for i in best_by_loop(scores[:, j], exclude[:, j], size))
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


@given(ranking_cases())
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
        order = best_by_loop(scores[:, item], exclude[:, item], len(scores))
        assert (order.index(user), len(order)) == (rank, ranked)
    with pytest.raises(SettingsError, match="depth=0 is not possible"):
        found.reached(0)


def test_impossible_depths_and_shapes_are_refused():
    scores, targets = np.ones((2, 3)), sparse(np.ones((2, 3)))
    for depth in (0.0, -0.5, 1.01):
        for measure in (gain, lift):
            with pytest.raises(SettingsError, match=f"depth={depth} is not possible"):
                measure(scores, targets, [depth])
    with pytest.raises(DataError, match=r"targets has shape \(3, 2\), scores \(2, 3\)"):
        target_places(scores, sparse((3, 2)))
