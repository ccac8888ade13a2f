"""Unseen items that borrow, against a slow loop over all pairs."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.intensity.relevance import cold_items
from tsgen.intensity.relevance.cold_items import with_cold_items


def slow_loop(factors, bias, attributes):
    factors, bias = factors.copy(), bias.copy()
    warm = [k for k in range(len(bias)) if np.isfinite(bias[k])]
    rows = attributes.to_numpy(object)
    for item in [k for k in range(len(bias)) if not np.isfinite(bias[k])]:
        shared = [sum(a == b and not pd.isna(a) for a, b in zip(rows[item], rows[k], strict=True))
                  for k in warm]  # fmt: skip
        if max(shared) > 0:
            donors = [k for k, equal in zip(warm, shared, strict=True) if equal == max(shared)]
            factors[item], bias[item] = factors[donors].mean(0), bias[donors].mean()
    return factors, bias


@given(st.integers(0, 2**31), st.integers(1, 4), st.sampled_from([1, 9, 10**6]))
def test_unseen_items_get_what_a_slow_loop_gives_them(seed, num_columns, numbers):
    random = np.random.default_rng(seed)
    num = random.integers(2, 40)
    factors = random.normal(size=(num, 3)).astype(np.float32)
    bias = random.normal(size=num).astype(np.float32)
    bias[random.random(num) < 0.4] = -np.inf
    bias[0], bias[-1] = 0.5, -np.inf
    attributes = pd.DataFrame({
        f"a{k}": random.choice(["x", "y", "z", None, *map(str, range(random.integers(1, 30)))], num)
        for k in range(num_columns)
    })  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cold_items, "_NUMBERS", numbers)
        fitted = SimpleNamespace(item_factors=factors, item_bias=bias)
        found = with_cold_items(fitted, attributes)
    expected = slow_loop(factors, bias, attributes)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-4, atol=1e-6)
    assert found[0].dtype == found[1].dtype == np.float32


def test_borrowed_scores_are_counted_for_each_user(monkeypatch):
    random = np.random.default_rng(0)
    factors, bias = random.normal(size=(5, 2)), random.normal(size=5)
    users, user_bias = random.normal(size=(7, 2)), random.normal(size=7)
    part = cold_items.ItemPart(factors, bias, np.array([1, 4]))
    expected = [
        sum(np.exp(users[u] @ factors[i] + bias[i] + user_bias[u]) for i in (1, 4))
        for u in range(7)
    ]
    np.testing.assert_allclose(part.cold_mass(users, user_bias), expected)
    monkeypatch.setattr(cold_items, "_NUMBERS", 4)  # two users at a time
    np.testing.assert_allclose(part.cold_mass(users, user_bias), expected)
    nothing = cold_items.ItemPart(factors, bias, np.array([], int))
    assert (nothing.cold_mass(users, user_bias) == 0).all()


def test_items_alike_in_nothing_stay_without_a_score():
    fitted = SimpleNamespace(
        item_factors=np.ones((2, 1), np.float32), item_bias=np.array([0.0, -np.inf], np.float32)
    )
    for table in (pd.DataFrame({"a": ["x", "y"]}), pd.DataFrame({"a": [None, None]})):
        assert np.isneginf(with_cold_items(fitted, table)[1][1])
