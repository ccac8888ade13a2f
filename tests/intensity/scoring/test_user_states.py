"""What is kept of each user: the state of every part, pairs seen, and the same after a file."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp

from intensity_doubles import FittedRate
from tsgen.data import Histories, Interactions, Vocabulary
from tsgen.intensity.activity.constant import ConstantActivity
from tsgen.intensity.pairs.mixture import RepeatMixture
from tsgen.intensity.scoring.parts import FittedParts
from tsgen.intensity.scoring.user_states import UserStates

HORIZON = 10**6
ITEMS = 4
ROWS = [(0, 1, 0.0), (0, 1, 1.0), (0, 3, 2.0), (1, 0, 3.0), (3, 2, 4.0)]  # user 2 does nothing


class Factors:
    """A relevance whose factors say who was asked about."""

    item_factors = np.zeros((ITEMS, 2), np.float32)
    item_bias = np.zeros(ITEMS, np.float32)

    def users(self, histories):
        codes = histories.users.astype(np.float32)
        return np.stack([codes, -codes], axis=1), codes / 10


class Pairs:
    """A pair part: a hundredth of the activity for item 3, and nothing for what was seen."""

    def __init__(self):
        self.asked = []

    def split(self, histories, horizon, activity, base, users):
        self.asked.append((horizon, activity, base, users))
        part = np.zeros((len(histories), ITEMS))
        for k in range(len(histories)):
            mine = histories.events.item[histories.begins[k] : histories.ends[k]]
            part[k, mine] = 0.0  # what is seen is stored, be it zero
            part[k, 3] = activity[k] / 100
        stored = (histories.pair_counts().toarray() > 0) | (part > 0)
        rows, columns = np.nonzero(stored)
        matrix = sp.csr_array((part[rows, columns], (rows, columns)), shape=part.shape)
        size = len(histories)
        return np.linspace(0.2, 0.8, size), matrix, np.linspace(0.5, 2.0, size)


@pytest.fixture(scope="module")
def histories():
    table = pd.DataFrame(ROWS, columns=["user_id", "item_id", "timestamp"])
    table["item_id"] = table["item_id"].map("i{}".format)
    log = Interactions.from_frame(
        table, users=pd.DataFrame({"user_id": range(4)}), on_duplicate="keep"
    )
    return Histories.of(log, 5 * HORIZON)


def states_of(histories, pairs=None, activity=True):
    parts = FittedParts(
        FittedRate(2.0) if activity else ConstantActivity().fit(None, 1),
        Factors(),
        pairs or Pairs(),
    )
    return UserStates.of(histories, histories.events.users, parts, HORIZON)


def test_each_part_is_asked_about_every_user_at_the_time(histories):
    pairs = Pairs()
    found = states_of(histories, pairs)
    assert len(found) == 4
    assert found.at == 5 * HORIZON
    assert found.activity.tolist() == [[3.0], [1.0], [0.0], [1.0]]
    assert found.factors.tolist() == [[0, 0], [1, -1], [2, -2], [3, -3]]
    share = np.linspace(0.2, 0.8, 4)
    np.testing.assert_allclose(found.bias, np.arange(4) / 10 + np.log(share), rtol=1e-6)
    ((horizon, activity, base, (factors, _)),) = pairs.asked
    assert horizon == HORIZON
    assert activity.tolist() == [6.0, 2.0, 0.0, 2.0]  # expected events, of which pairs are shares
    assert isinstance(base, Factors)
    np.testing.assert_array_equal(factors, found.factors)
    np.testing.assert_allclose(found.pairs.toarray()[:, 3], activity / 100, rtol=1e-6)
    assert {a.dtype for a in (found.activity, found.factors, found.bias, found.pairs.data)} == {
        np.dtype(np.float32)
    }


def test_what_is_expected_is_lifted_by_what_pairs_say(histories):
    found = states_of(histories)
    assert found.expected(FittedRate(2.0)) == pytest.approx([3.0, 2.0, 0.0, 4.0])


def test_states_saved_before_there_was_a_lift_are_not_lifted(histories, tmp_path):
    states_of(histories).write(tmp_path / "users.parquet")
    table = pq.read_table(tmp_path / "users.parquet").drop_columns("lift")
    pq.write_table(table, tmp_path / "users.parquet")
    assert UserStates.read(tmp_path / "users.parquet").lift.tolist() == [1.0] * 4


def test_without_an_activity_one_event_is_expected_of_everybody(histories):
    pairs = Pairs()
    found = states_of(histories, pairs, activity=False)
    assert found.activity.shape == (4, 0)
    assert pairs.asked[0][1].tolist() == [1.0] * 4


def test_no_share_at_all_is_a_bias_of_minus_infinity(histories):
    weights = np.zeros((8, 5))
    weights[:, 1] = 1.0  # all for coming back
    found = states_of(histories, RepeatMixture(weights))
    assert np.isneginf(found.bias).all()


def test_pairs_that_occurred_are_told_from_those_that_only_have_a_score(histories):
    found = states_of(histories)
    expected = np.zeros((4, ITEMS))
    for user, item, _ in ROWS:
        expected[user, item] = 1
    np.testing.assert_array_equal(found.seen.toarray(), expected)
    assert found.pairs.nnz > expected.sum()  # item 3 has a score of users who never met it


ORDERS = [[2, 0, 3], [1], [], [3, 3, 0, 1, 2]]


@pytest.mark.parametrize("rows", ORDERS)
def test_states_of_some_users_in_another_order_are_theirs(histories, rows):
    found, rows = states_of(histories), np.array(rows, np.intp)
    names = type(found.users)(pd.Index([f"n{k}" for k in range(len(rows))]), "user")
    some = found.of_rows(rows, names)
    assert some.users is names
    assert some.at == found.at
    for name in ("activity", "factors", "bias", "lift"):
        np.testing.assert_array_equal(getattr(some, name), getattr(found, name)[rows])
    np.testing.assert_array_equal(some.pairs.toarray(), found.pairs.toarray()[rows])
    np.testing.assert_array_equal(some.seen.toarray(), found.seen.toarray()[rows])


@pytest.mark.parametrize("rows", [[0, 1, 2, 3], [2], []])
def test_a_file_gives_back_the_same_states(histories, tmp_path, rows):
    whole = states_of(histories)
    rows = np.array(rows, np.intp)
    found = whole.of_rows(rows, type(whole.users)(whole.users.ids[rows], "user"))
    found.write(tmp_path / "users.parquet")
    again = UserStates.read(tmp_path / "users.parquet")
    assert again.at == found.at
    assert again.users.ids.tolist() == found.users.ids.tolist()
    for name in ("activity", "factors", "bias", "occurred", "lift"):
        one, other = getattr(again, name), getattr(found, name)
        assert one.shape == other.shape
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    assert again.pairs.shape == found.pairs.shape
    np.testing.assert_array_equal(again.pairs.toarray(), found.pairs.toarray())
    np.testing.assert_array_equal(again.seen.toarray(), found.seen.toarray())


def test_states_without_histories_say_who_has_events():
    users = Vocabulary(pd.Index(["a", "b", "c"]), "user")
    states = UserStates.without_histories(users, np.array([True, False, True]), 5, 4)
    assert len(states) == 3
    assert np.diff(states.seen.indptr).tolist() == [1, 0, 1]
    assert states.pairs.shape == (3, 4)
    assert states.at == 5
