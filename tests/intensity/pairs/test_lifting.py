"""How what users' pairs add up to, beside users of like activity, lifts their activity."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

import tsgen
from small_shop import QUIET, log, read
from tsgen import RIMEstimator
from tsgen.data import Histories
from tsgen.intensity.pairs import lifted, usual_sums
from tsgen.intensity.pairs.split import Split, Usual

SPAN, USERS = 7 * 86_400 * 10**6, 400


@dataclass(frozen=True)
class Pairs:
    """A pair part whose users' pairs add up to `sums` times the activity."""

    sums: np.ndarray
    usual: Usual | None = None

    def split(self, histories, horizon, activity, base, users):
        assert (horizon, users) == (SPAN, base.users(histories))
        lift = self.sums / self.usual.at(activity)
        return Split(None, None, np.where(histories.lengths > 0, lift, 1.0))


class Base:
    def users(self, histories):
        return "factors", len(histories)


@pytest.fixture(scope="module")
def past():
    table = pd.DataFrame({"user_id": range(USERS), "item_id": "a", "timestamp": "2024-01-01"})
    return Histories.of(read(table), pd.Timestamp("2024-01-02").value // 1000)


@pytest.fixture(scope="module")
def draw():
    random = np.random.default_rng(1)
    return random.gamma(2.0, 1.0, USERS), np.exp(random.normal(size=USERS))


def test_the_sum_over_users_stays_and_users_of_like_activity_share_it_by_their_sums(past, draw):
    activity, sums = draw
    activity = np.concatenate([activity[:1], activity[:1], activity[2:]])
    pairs = lifted(Pairs(sums), past, SPAN, activity, Base())
    lift = pairs.split(past, SPAN, activity, Base(), Base().users(past)).lift
    assert activity @ lift == pytest.approx(activity.sum())
    assert lift[0] / lift[1] == pytest.approx(sums[0] / sums[1])


def test_what_is_said_of_all_users_of_an_activity_says_nothing():
    """Sums that fall as activity rises would flatten heavy users: nobody is lifted by them."""
    activity = np.repeat([0.1, 1.0, 60.0], [300, 90, 1])
    usual = usual_sums(activity, np.repeat([1.5, 0.9, 0.4], [300, 90, 1]))
    found = np.repeat([1.5, 0.9, 0.4], [300, 90, 1]) / usual.at(activity)
    np.testing.assert_allclose(found, 1.0, atol=0.02)
    assert usual.at(np.array([0.0, 1e9])) == pytest.approx(usual.means[[0, -1]])


def test_means_are_those_of_the_equation(draw):
    activity, sums = draw
    usual = usual_sums(activity, sums)
    gaps = np.log(np.maximum(activity, 1e-12))
    kernel = np.exp(-((gaps[:, None] - gaps) ** 2) / (2 * 0.5**2))
    means = kernel @ (activity * sums) / (kernel @ activity)
    means *= (activity @ (sums / means)) / activity.sum()
    np.testing.assert_allclose(usual.at(activity), means, rtol=0.03)  # knots are .05 apart


def test_without_users_nothing_changes(past):
    pairs = Pairs(np.ones(USERS))
    assert lifted(pairs, past, SPAN, np.zeros(USERS), Base()) is pairs


def trained(**settings):
    at = "2024-02-20"
    return RIMEstimator(horizon="7D", **settings).train(read(log()), at=at, options=QUIET)


def test_the_default_lifts_and_keeps_its_total(tmp_path):
    model, plain = trained(), trained(repeats="none")
    assert model.states.lift.std() > 0.02
    activity = model.candidates().activity
    assert activity.sum() == pytest.approx(plain.candidates().activity.sum(), rel=1e-5)
    dense = model.scores().block(slice(0, len(activity)), slice(0, len(model.items)))
    assert (dense.sum(axis=1) <= activity * (1 + 1e-4)).all()
    model.save(tmp_path / "model")
    again = tsgen.load(tmp_path / "model")
    pd.testing.assert_frame_equal(again.audience(100, size=9), model.audience(100, size=9))
    newer = log()[lambda table: table["timestamp"] < "2024-02-20"]
    pd.testing.assert_frame_equal(
        again.audience(100, size=9, events=newer, at="2024-02-20"),
        model.audience(100, size=9),
        rtol=1e-4,
    )


@pytest.mark.parametrize("activity", ["hawkes-poisson", "bg-nbd", "moving-average"])
def test_an_activity_that_was_chosen_is_left_as_it_is(activity):
    model = trained(activity=activity)
    np.testing.assert_array_equal(model.states.lift, 1.0)
