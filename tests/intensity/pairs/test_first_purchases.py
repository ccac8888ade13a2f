"""What speaks for first events, by slow loops."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tsgen import Interactions
from tsgen.data import Histories
from tsgen.intensity.pairs.first_purchases import (
    attribute_likeness,
    attribute_vectors,
    late_uptake,
)

DAY = 86_400_000_000


@pytest.fixture(scope="module")
def histories():
    random = np.random.default_rng(4)
    days = np.sort(random.uniform(0, 40, 160))
    table = pd.DataFrame({
        "user_id": random.integers(0, 12, 160),
        "item_id": random.integers(0, 7, 160),
        "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(days, "D"),
    })  # fmt: skip
    log = Interactions.from_frame(table)
    return Histories.of(log, int(log.time.max()) + 1)


def test_late_uptake_is_a_mean_over_those_who_have_an_item(histories):
    log, at = histories.events, int(histories.at[0])
    first = {}
    for user, item, time in zip(log.user, log.item, log.time, strict=True):
        first.setdefault((user, item), (at - time) / (7 * DAY))
    taken = late_uptake(histories, 7 * DAY, 7).toarray()
    for item in range(7):
        owners = [user for user in range(12) if (user, item) in first]
        for other in range(7):
            each = [np.exp(-first[u, other]) for u in owners if (u, other) in first]
            expected = 0.0 if item == other else sum(each) / len(owners)
            assert taken[item, other] == pytest.approx(expected)


def test_the_items_taken_up_most_are_kept(histories):
    whole, few = (late_uptake(histories, 7 * DAY, num).toarray() for num in (7, 2))
    assert ((few > 0).sum(axis=1) <= 2).all()
    np.testing.assert_allclose(few.sum(axis=1), np.sort(whole, axis=1)[:, -2:].sum(axis=1))


def test_items_of_the_same_attributes_are_one_vector_of_length_1():
    table = pd.DataFrame({"kind": ["tea", "mug", "tea", "pot"], "price": [1.0, 5.0, 1.0, 9.0]})
    vectors = attribute_vectors(table, 0)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    assert vectors[0] @ vectors[1] < 0.5


@pytest.mark.parametrize(
    "table", [None, pd.DataFrame(index=range(3)), pd.DataFrame({"a": [1] * 3})]
)
def test_attributes_that_say_nothing_are_no_vectors(table):
    assert attribute_vectors(table, 0) is None


def test_likeness_is_the_cosine_with_the_mean_of_the_history():
    random = np.random.default_rng(1)
    vectors = random.normal(size=(6, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    counts = random.poisson(1.0, (4, 6)).astype(float)
    counts[3] = 0.0
    request, item = np.divmod(np.arange(24), 6)
    values = attribute_likeness(sp.csr_array(counts), vectors, request, item)
    for place, (row, column) in enumerate(zip(request, item, strict=True)):
        profile = counts[row] @ vectors
        length = np.linalg.norm(profile)
        expected = profile @ vectors[column] / length if length else 0.0
        assert values[place] == pytest.approx(expected, abs=1e-5)
