"""How what users' pairs add up to, beside users of like activity, lifts their activity."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

import tsgen
from small_shop import QUIET, log, read
from tsgen import RIMEstimator
from tsgen.data import Histories
from tsgen.intensity.pairs.lifting import PairSums, learn_trust, usual_sums
from tsgen.intensity.pairs.split import PairSplit, UsualSums

SPAN, USERS = 7 * 86_400 * 10**6, 400


@dataclass(frozen=True)
class Pairs:
    """A pair part whose users' pairs add up to `sums` times the activity."""

    sums: np.ndarray
    usual: UsualSums | None = None

    def split(self, histories, horizon, activity, base, users):
        assert (horizon, users) == (SPAN, base.users(histories))
        return PairSplit(None, None, self.usual.lift(activity, self.sums))


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
    activity = random.gamma(2.0, 1.0, USERS)
    activity[1] = activity[0]
    return activity, np.exp(random.normal(size=USERS))


@pytest.mark.parametrize("trust", [0.5, 1.0])
def test_the_sum_over_users_stays_and_users_of_like_activity_share_it_by_their_sums(
    past, draw, trust
):
    activity, sums = draw
    pairs = PairSums.of(Pairs(sums), past, SPAN, activity, Base()).lifted(trust)
    lift = pairs.split(past, SPAN, activity, Base(), Base().users(past)).lift
    assert activity @ lift == pytest.approx(activity.sum())
    assert lift[0] / lift[1] == pytest.approx((sums[0] / sums[1]) ** trust)


def test_what_is_said_of_all_users_of_an_activity_says_nothing():
    """Sums that fall as activity rises would flatten heavy users: nobody is lifted by them."""
    activity = np.repeat([0.1, 1.0, 60.0], [300, 90, 1])
    sums = np.repeat([1.5, 0.9, 0.4], [300, 90, 1])
    usual = usual_sums(activity, sums, 1.0)
    np.testing.assert_allclose(usual.lift(activity, sums), 1.0, atol=0.02)


def test_means_are_those_of_the_equation(draw):
    activity, sums = draw
    gaps = np.log(activity)[:, None] - np.log(activity)
    kernel = np.exp(-(gaps**2) / (2 * 0.5**2))
    means = kernel @ (activity * sums**0.7) / (kernel @ activity)
    means *= (activity @ (sums**0.7 / means)) / activity.sum()
    usual = usual_sums(activity, sums, 0.7)
    np.testing.assert_allclose(usual.at(activity), means, rtol=0.02)  # knots are .05 apart


@pytest.mark.parametrize("truth", [0.1, 0.9])
def test_trust_is_what_users_show_who_turn_to_items(truth):
    random = np.random.default_rng(2)
    activity, sums = random.gamma(2.0, 1.0, 20_000), np.exp(random.normal(size=20_000))
    chances = activity * sums**truth
    came = random.poisson(0.1 * chances)
    assert learn_trust(activity, sums, came) == pytest.approx(truth, abs=0.1)


@pytest.mark.parametrize("each", [1, 7])
def test_few_users_are_trusted_by_half_and_what_they_do_at_once_counts_once(draw, each):
    """The greatest value of the docstring: its slope is nothing there."""
    activity, sums = draw
    chances = activity * np.sqrt(sums)
    users = np.random.default_rng(3).choice(USERS, 40, p=chances / chances.sum())
    came = np.bincount(users, minlength=USERS) * each
    trust = learn_trust(activity, sums, came)
    assert 0.05 < trust < 0.95
    beside = np.log(sums / usual_sums(activity, sums, 1.0).at(activity))
    half, weights = (activity * np.exp(power * beside) for power in (0.5, trust))
    expected = came.sum() * half / half.sum()
    excess = ((came - expected) ** 2).sum() / came.sum()
    assert each * 0.7 < excess < each * 1.6
    slope = came @ beside - came.sum() * (weights @ beside) / weights.sum()
    assert slope / max(excess, 1.0) == pytest.approx((trust - 0.5) / 0.25, abs=1e-3)
    assert learn_trust(activity, sums, np.zeros(USERS, int)) == 0.5


def test_nobody_active_lifts_nobody(past):
    sums = PairSums.of(Pairs(np.ones(USERS)), past, SPAN, np.zeros(USERS), Base())
    assert sums.trust(np.ones(USERS, int)) == 0.5
    assert sums.lifted(0.5).usual.lift(np.ones(3), np.ones(3)).tolist() == [1.0] * 3


def trained(**settings):
    at = "2024-02-20"
    return RIMEstimator(horizon="7D", **settings).train(read(log()), at=at, options=QUIET)


def test_the_default_lifts_and_keeps_its_total(tmp_path):
    model, plain = trained(), trained(repeats="none")
    trust = model.parts.pairs.usual.trust
    assert 0 < trust < 1
    assert abs(trust - 0.5) > 0.01  # the last horizon says more or less than nothing
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
