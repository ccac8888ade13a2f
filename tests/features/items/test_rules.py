"""Rules that name the items a new one goes with."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen.errors import DataError
from tsgen.features.items import ContentNeighbours, DistilledItems, EqualAttributes, rules

KINDS = np.array(["tea", "mug", "pot"])


@pytest.fixture(scope="module")
def shop():
    """Users stay with one kind of item; the maker says nothing."""
    random = np.random.default_rng(0)
    kind, taste = np.arange(30) % 3, np.arange(200) % 3
    seen = random.random((200, 30)) < np.where(taste[:, None] == kind, 0.4, 0.02)
    table = pd.DataFrame({"kind": KINDS[kind], "maker": random.choice(["x", "y"], 30)})
    return table, sp.csr_array(seen.astype(float)), kind


def asked(kind, maker="x"):
    return pd.DataFrame({"kind": [kind], "maker": [maker]})


@pytest.mark.parametrize("rule", [ContentNeighbours(), DistilledItems(), EqualAttributes()])
def test_a_new_item_goes_with_its_kind(shop, rule):
    table, seen, kind = shop
    weights = rule.fit(table, seen, 0).weights(asked("mug"), 10).toarray()[0]
    assert weights.sum() == pytest.approx(1)
    assert weights[kind == 1].sum() > 0.8
    tied = weights[weights > 0].min() == weights
    assert ((weights > 0) & ~tied).sum() < 10


@pytest.mark.parametrize("rule", [ContentNeighbours(), DistilledItems(), EqualAttributes()])
def test_an_item_of_which_nothing_is_known_goes_with_none(shop, rule):
    table, seen, _ = shop
    assert rule.fit(table, seen, 0).weights(asked(None, None), 10).nnz == 0


def test_the_student_tells_which_attributes_matter(shop):
    table, seen, kind = shop
    maker = (table["maker"] == "x").to_numpy()
    by_content, by_student = (
        rule.fit(table, seen, 0).weights(asked("mug"), 30).toarray()[0]
        for rule in (ContentNeighbours(power=2), DistilledItems())
    )
    other_maker = (kind == 1) & ~maker
    assert by_student[other_maker].sum() > by_content[other_maker].sum()


def test_equal_attributes_are_those_of_a_slow_loop():
    random = np.random.default_rng(1)
    known, new = (pd.DataFrame(random.choice(["a", "b", None], (n, 3))) for n in (8, 5))
    found = EqualAttributes().fit(known, sp.csr_array((4, 8)), 0).weights(new, 99).toarray()
    for row, weights in zip(new.to_numpy(), found, strict=True):
        equal = [sum(a == b and a is not None for a, b in zip(row, k, strict=True))
                 for k in known.to_numpy()]  # fmt: skip
        best = np.array(equal) == max(equal)
        expected = best / best.sum() if max(equal) else np.zeros(8)
        np.testing.assert_allclose(weights, expected)


def test_blocks_make_no_difference(shop, monkeypatch):
    table, seen, _ = shop
    fitted = DistilledItems().fit(table, seen, 0)
    whole = fitted.weights(table, 7).toarray()
    monkeypatch.setattr(rules, "_NUMBERS", 60)  # two rows at a time
    np.testing.assert_allclose(fitted.weights(table, 7).toarray(), whole)


def test_a_newer_table_is_checked(shop):
    table, seen, _ = shop
    with pytest.raises(DataError, match="no column 'maker'"):
        DistilledItems().fit(table, seen, 0).check(asked("tea")[["kind"]])
