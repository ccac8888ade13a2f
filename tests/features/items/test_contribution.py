"""How much of what events tell attributes tell."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.features import ContentNeighbours, DistilledItems, feature_contribution


@pytest.fixture(scope="module")
def seen():
    random = np.random.default_rng(0)
    kind, taste = np.arange(60) % 4, np.arange(300) % 4
    return sp.csr_array(
        (random.random((300, 60)) < np.where(taste[:, None] == kind, 0.3, 0.05)).astype(float)
    )


@pytest.mark.parametrize("rule", [ContentNeighbours(), DistilledItems()])
def test_attributes_that_say_all_and_such_as_say_nothing(seen, rule):
    kinds = pd.DataFrame({"kind": [f"k{k % 4}" for k in range(60)]})
    noise = pd.DataFrame({"kind": np.random.default_rng(1).choice(list("abcd"), 60)})
    assert feature_contribution(rule.fit, kinds, seen, 50, 0) > 0.8
    assert feature_contribution(rule.fit, noise, seen, 50, 0) < 0.3


def test_too_few_pairs_tell_nothing():
    table = pd.DataFrame({"kind": list("abcde")})
    few = sp.csr_array(np.eye(5))
    assert np.isnan(feature_contribution(ContentNeighbours().fit, table, few, 50, 0))
