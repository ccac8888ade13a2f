"""Items seen through an encoder of their table."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.contracts import item_rule
from tsgen.features import ContentNeighbours, DistilledItems, EncodedItems, TabularEncoderEstimator
from tsgen.features.tabular import TabularEncoder

KINDS = np.array(["tea", "mug", "pot"])
RULE = EncodedItems(num_steps=30)


@pytest.fixture(scope="module")
def shop():
    """Users stay with one kind of item; the maker says nothing."""
    random = np.random.default_rng(0)
    kind, taste = np.arange(30) % 3, np.arange(200) % 3
    seen = random.random((200, 30)) < np.where(taste[:, None] == kind, 0.4, 0.02)
    table = pd.DataFrame({"kind": KINDS[kind], "maker": random.choice(["x", "y"], 30)})
    return table, sp.csr_array(seen.astype(float)), kind


@pytest.fixture(scope="module")
def fitted(shop):
    return RULE.fit(*shop[:2], 0)


def test_a_new_item_goes_with_its_kind(shop, fitted):
    asked = pd.DataFrame({"kind": ["mug"], "maker": ["x"]})
    weights = fitted.weights(asked, 10).toarray()[0]
    assert weights.sum() == pytest.approx(1)
    assert weights[shop[2] == 1].sum() > 0.8


def test_an_item_of_which_nothing_is_known_goes_with_none(fitted):
    assert fitted.weights(pd.DataFrame({"kind": [None], "maker": [None]}), 10).nnz == 0


def test_the_student_sees_the_encoder(shop, fitted):
    assert isinstance(fitted.described.__self__, TabularEncoder)
    width = TabularEncoderEstimator().width
    assert fitted.student.coef_.shape == (16, 2 * width)


def test_a_model_finds_it_by_its_name():
    assert type(item_rule("encoder")) is EncodedItems


# ---- thousands of categories ---------------------------------------------------------------------


@pytest.mark.parametrize("rule", [ContentNeighbours(), DistilledItems(), EncodedItems(num_steps=2)])
def test_thousands_of_categories_are_taken(rule):
    """A column that tells nearly every item apart says little; the others still tell."""
    random = np.random.default_rng(0)
    num, kind = 3_000, np.arange(3_000) % 3
    table = pd.DataFrame({"code": [f"c{k}" for k in range(num)], "kind": KINDS[kind]})
    taste = np.arange(100) % 3
    seen = random.random((100, num)) < np.where(taste[:, None] == kind, 0.1, 0.005)
    asked = pd.DataFrame({"code": ["unheard-of"], "kind": ["pot"]})
    weights = rule.fit(table, sp.csr_array(seen.astype(float)), 0).weights(asked, 50).toarray()[0]
    assert weights[kind == 2].sum() > 0.9
