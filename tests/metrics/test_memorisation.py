import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from tsgen.errors import DataError
from tsgen.metrics import membership_advantage, nearest_real_distance_ratio


def slow_nearest(queries, references):
    return [min(np.linalg.norm(q - r) for r in references) for q in queries]


def test_nearest_distance_ratio_equals_plain_loops():
    rng = np.random.default_rng(11)
    synthetic, train, test = (rng.normal(size=(n, 5)) for n in (8, 20, 11))
    expected = np.median(slow_nearest(synthetic, train)) / np.median(slow_nearest(test, train))
    assert nearest_real_distance_ratio(synthetic, train, test) == pytest.approx(expected)


def test_nearest_distance_ratio_is_one_for_fresh_windows_and_small_for_copies():
    rng = np.random.default_rng(11)
    train, test, fresh = (rng.normal(size=(400, 6)) for _ in range(3))
    assert nearest_real_distance_ratio(fresh, train, test) == pytest.approx(1.0, abs=0.1)
    assert nearest_real_distance_ratio(train[:50], train, test) == 0.0
    jittered = train + 0.05 * rng.normal(size=train.shape)
    assert nearest_real_distance_ratio(jittered, train, test) < 0.3


@given(st.integers(0, 2**31), st.floats(0.0, 2.0))
def test_membership_advantage_equals_the_area_under_the_curve(seed, noise):
    draw = np.random.default_rng(seed)
    members, others = draw.normal(size=(15, 3)), draw.normal(size=(12, 3))
    synthetic = np.round(members + noise * draw.normal(size=members.shape), 1)  # with ties
    members, others = np.round(members, 1), np.round(others, 1)
    scores = np.concatenate([slow_nearest(members, synthetic), slow_nearest(others, synthetic)])
    # Rounded alike, so that the oracle sees the same ties.
    area = roc_auc_score([1] * 15 + [0] * 12, -np.round(scores, 9))
    found = membership_advantage(synthetic, members, others)
    assert found == pytest.approx(2 * area - 1, abs=0.02)


def test_membership_advantage_is_certain_for_copies_and_chance_for_fresh_windows():
    rng = np.random.default_rng(11)
    members, others, fresh = (rng.normal(size=(500, 6)) for _ in range(3))
    assert membership_advantage(members, members, others) == 1.0
    assert membership_advantage(others, members, others) == -1.0
    assert abs(membership_advantage(fresh, members, others)) < 0.12
    assert membership_advantage(np.zeros((1, 2)), np.ones((3, 2)), np.ones((4, 2))) == 0.0


def test_missing_values_and_leaked_tests_are_refused():
    rng = np.random.default_rng(11)
    train = rng.normal(size=(10, 4))
    with pytest.raises(DataError, match="exact copies"):
        nearest_real_distance_ratio(train, train, train[:5])
    with pytest.raises(DataError, match="non_members has missing"):
        membership_advantage(train, train, np.full((3, 4), np.nan))
