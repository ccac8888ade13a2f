"""Precision of lists in the user split, and its 95 % intervals over users."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.evaluation.studies.protocols import user_split
from tsgen.evaluation.studies.protocols.user_split import (
    _judge,
    _Lists,
    _places,
    _ratio,
    _resamples,
    _summary,
)


def split_of(targets, seen):
    return SimpleNamespace(
        test=SimpleNamespace(targets=sp.csr_array(targets), seen=sp.csr_array(seen))
    )


def test_hits_are_new_pairs_that_were_listed():
    selected = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 0]])
    targets = np.array([[2, 0, 0], [0, 3, 1], [1, 1, 1]])
    seen = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    found = _judge(sp.csr_array(selected.astype(float)), split_of(targets, seen))
    assert found.hits.tolist() == [1, 1, 0]
    assert found.places.tolist() == [2, 2, 0]
    assert found.precision(np.array([[1.0, 1, 1], [2, 0, 5]])).tolist() == [0.5, 0.5]


def test_users_are_drawn_with_replacement_and_the_same_ones_for_one_seed():
    draws = _resamples(40, 3)
    assert draws.shape == (1000, 40)
    assert set(draws.sum(axis=1)) == {40}
    assert draws.var() == pytest.approx(1 - 1 / 40, rel=0.05)
    np.testing.assert_array_equal(draws, _resamples(40, 3))
    assert not np.array_equal(draws, _resamples(40, 4))


def test_intervals_are_of_95_percent_over_users():
    draw = np.random.default_rng(1)
    hits = (draw.random(900) < 0.3).astype(float)
    found = _summary(_Lists(hits, np.ones(900)), seed=2)
    error = hits.std() / 30
    assert found["value"] == pytest.approx(hits.mean(), abs=1e-5)
    assert found["high"] - found["value"] == pytest.approx(1.96 * error, rel=0.12)
    assert found["value"] - found["low"] == pytest.approx(1.96 * error, rel=0.12)


def test_a_ratio_is_paired_over_users():
    """Twice the hits of everybody is a ratio of two in every draw."""
    hits = np.random.default_rng(1).integers(1, 5, 50).astype(float)
    one, two = _Lists(hits, np.full(50, 9.0)), _Lists(2 * hits, np.full(50, 9.0))
    assert _ratio(two, one, seed=2) == {"value": 2.0, "low": 2.0, "high": 2.0}


def test_the_ends_are_those_quantiles_of_the_draws():
    drawn = np.random.default_rng(0).permutation(np.linspace(0, 1, 1001))
    assert user_split._with_interval(0.4, drawn) == {"value": 0.4, "low": 0.025, "high": 0.975}


def test_users_are_drawn_in_the_order_of_their_numbers_or_of_their_names():
    numbers = pd.Index(["10", "9", "100"])
    assert np.argsort(_places(numbers)).tolist() == [1, 0, 2]
    names = pd.Index(["10", "9", "u1"])
    assert np.argsort(_places(names)).tolist() == [0, 1, 2]
