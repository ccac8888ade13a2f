"""What users are expected to do with items that rest on attributes, by a slow loop."""

import numpy as np
import pandas as pd
import pytest

from small_shop import QUIET, log, read
from tsgen import RIMEstimator
from tsgen.data import Vocabulary
from tsgen.intensity.new_items import AttributeItems
from tsgen.intensity.new_items.part import NewItemLevels


@pytest.fixture(scope="module")
def model():
    return RIMEstimator(horizon="7D").train(read(log()), at="2024-02-20", options=QUIET)


@pytest.fixture(scope="module")
def new(model):
    import scipy.sparse as sp

    weights = np.zeros((2, len(model.items)))
    weights[0, :2] = 0.75, 0.25
    levels = NewItemLevels(np.array([-1.0, 0.9, 0.8, 0.3, 0.5]), 0.1)
    return AttributeItems(
        Vocabulary(pd.Index([900, 901]), "item"),
        pd.DataFrame({"kind": ["tea", None]}),
        len(model.items) + np.arange(2),
        sp.csr_array(weights),
        np.array([-4.0, -5.0]),
        levels,
    )


def loop(model, new, user, i):
    candidates = model.candidates()
    seen = candidates.states.seen.toarray()[user]
    affinity = sum(new.weights.toarray()[i] * seen)
    slopes = new.levels.slopes
    return float(
        np.exp(new.level[i] + slopes[1] * np.log(candidates.activity[user]))
        * (1 + seen.sum()) ** slopes[3]
        * (1 + affinity / new.levels.offset) ** slopes[4]
    )


def test_intensities_are_those_of_a_loop(model, new):
    candidates = new.extend(model.candidates(), 0.0)  # room for all of them
    scores = candidates.scores()
    got = scores.block(slice(0, scores.shape[0]), slice(len(model.items), None))
    expected = [[loop(model, new, u, i) for i in (0, 1)] for u in range(scores.shape[0])]
    np.testing.assert_allclose(got, expected, rtol=1e-4)
    old = model.scores()
    size = slice(0, len(model.items))
    np.testing.assert_allclose(
        scores.block(slice(0, 9), size), old.block(slice(0, 9), size), rtol=1e-5
    )


def test_a_user_is_expected_to_do_no_more_than_the_activity_says(model, new):
    many = AttributeItems(**vars(new) | {"level": np.array([3.0, 2.0])})
    candidates = many.extend(model.candidates(), model.parts.seen_share)
    scores = candidates.scores()
    total = scores.sums(np.arange(scores.shape[1]))
    assert (total <= candidates.activity * (1 + 1e-4)).all()
    np.testing.assert_allclose(total, candidates.activity, rtol=1e-3)


def test_lists_say_what_rests_on_attributes(model, new):
    candidates = new.extend(model.candidates(), 1.0)
    columns = np.array([0, len(model.items)])
    assert candidates.basis(np.zeros(2, int), columns).tolist() == ["events", "attributes"]
    assert len(model.candidates().without_events) == 0
    assert list(candidates.items.ids[-2:]) == [900, 901]
    assert candidates.likeness is new.weights


def test_arrays_give_the_part_back(new):
    arrays = {name: np.atleast_1d(a) for name, a in new.arrays().items()}
    again = AttributeItems.from_arrays(arrays, new.ids, new.table, new.weights.shape[1], {})
    assert (again.weights != new.weights).nnz == 0
    np.testing.assert_array_equal(again.level, new.level)
    assert again.levels.offset == new.levels.offset
