"""The mixture of coming back and exploring: shares of the past, and weights by likelihood."""

import numpy as np
import pandas as pd
import pytest

from intensity_doubles import Even
from tsgen.data import Histories, Interactions
from tsgen.intensity.pairs.mixture import (
    NUM_CLASSES,
    PAST_SCALES,
    RepeatMixture,
    fit_mixture,
    history_class,
    repeat_shares,
)

HORIZON = 10**6
ITEMS = 5


def log_of(rows, num_users):
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    table["item_id"] = table["item_id"].map("i{}".format)
    users = pd.DataFrame({"user_id": range(num_users)})
    items = pd.DataFrame({"item_id": [f"i{k}" for k in range(ITEMS)]})
    table["timestamp"] = table["timestamp"].astype(float)
    return Interactions.from_frame(table, users=users, items=items, on_duplicate="keep")


random = np.random.default_rng(0)
ROWS = [(int(u), int(i), float(t)) for u, i, t in zip(
    random.integers(0, 5, 40), random.integers(0, ITEMS, 40), random.uniform(0, 8, 40),
    strict=True)]  # fmt: skip
PAST = Histories.of(log_of(ROWS, 6), 8 * HORIZON)  # the sixth user has no past


def shares_of(user):
    """The shares of a user's items at each scale, by a loop over its past."""
    mine = [(item, time) for u, item, time in ROWS if u == user]
    last = max(time for _, time in mine)
    found = np.zeros((ITEMS, len(PAST_SCALES)))
    for item, time in mine:
        found[item] += [np.exp(-(last - time) / scale) for scale in PAST_SCALES]
    return found / found.sum(axis=0)


def test_shares_are_a_users_past_faded_at_each_scale():
    (requests, items), shares = repeat_shares(PAST, HORIZON)
    found = np.zeros((6, ITEMS, len(PAST_SCALES)))
    found[requests, items] = shares
    for user in range(5):
        np.testing.assert_allclose(found[user], shares_of(user), rtol=1e-4, atol=1e-12)
    assert not found[5].any()


def test_classes_of_histories_double_in_length():
    lengths = np.array([0, 1, 2, 3, 4, 7, 8, 63, 64, 10**6])
    assert history_class(lengths).tolist() == [0, 1, 2, 2, 3, 3, 4, 6, 7, 7]
    assert NUM_CLASSES == 8


def test_the_base_and_the_past_share_out_one_probability():
    random = np.random.default_rng(0)
    weights = random.dirichlet(np.ones(1 + len(PAST_SCALES)), NUM_CLASSES)
    share, part, _ = RepeatMixture(weights).split(PAST, HORIZON, "what", "others", "need")
    classes = history_class(PAST.lengths)
    np.testing.assert_allclose(share, weights[classes, 0])
    for user in range(5):
        expected = shares_of(user) @ weights[classes[user], 1:]
        np.testing.assert_allclose(part.toarray()[user], expected, rtol=1e-4, atol=1e-12)
        assert share[user] + part.toarray()[user].sum() == pytest.approx(1.0)


def test_none_leaves_all_to_the_base():
    share, part, _ = RepeatMixture.none().split(PAST, HORIZON)
    assert share.tolist() == [1.0] * 6
    assert not part.toarray().any()


def drawn(back, num_users=400, seed=1):
    """Users with three past events, and two later ones, of a past item with chance `back`."""
    draw = np.random.default_rng(seed)
    rows = []
    for user in range(num_users):
        past = draw.integers(0, ITEMS, 3)
        rows += [(user, int(i), float(t)) for i, t in zip(past, draw.uniform(0, 5, 3), strict=True)]
        for _ in range(2):
            item = draw.choice(past) if draw.random() < back else draw.integers(0, ITEMS)
            rows.append((user, int(item), float(draw.uniform(7, 8))))
    return Histories.of(log_of(rows, num_users), 8 * HORIZON)


@pytest.mark.parametrize("back", [0.0, 0.4, 0.9])
def test_the_weight_of_coming_back_is_found_in_the_last_horizon(back):
    histories = drawn(back)
    everyone = np.ones(len(histories), bool)
    found = fit_mixture(Even(np.full(ITEMS, 0.2)), histories, HORIZON, everyone)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1.0)
    assert found.weights[2, 0] == pytest.approx(1 - back, abs=0.12)
    assert found.weights[0].tolist() == [1.0, 0, 0, 0, 0]  # without history, all is new


def test_only_the_users_given_teach():
    mixed = drawn(0.9, num_users=200)
    others = np.arange(200) < 100
    one = fit_mixture(Even(np.full(ITEMS, 0.2)), mixed, HORIZON, others)
    alone = fit_mixture(Even(np.full(ITEMS, 0.2)), mixed.subset(others), HORIZON,
                        np.ones(100, bool))  # fmt: skip
    np.testing.assert_allclose(one.weights, alone.weights)
    two = fit_mixture(Even(np.full(ITEMS, 0.2)), mixed, HORIZON, ~others)
    assert not np.allclose(one.weights, two.weights)


def test_classes_that_nobody_is_in_have_the_weights_of_all():
    found = fit_mixture(Even(np.full(ITEMS, 0.2)), drawn(0.5), HORIZON, np.ones(400, bool))
    np.testing.assert_allclose(found.weights[1], found.weights[6], atol=1e-6)
    np.testing.assert_allclose(found.weights[1], found.weights[2], atol=0.02)


def test_an_item_that_nobody_had_seen_says_nothing():
    """Neither the base nor the past gives it any density."""
    shares = np.array([0.25, 0.25, 0.25, 0.25, 0.0])
    rows = [(u, u % 4, 1.0) for u in range(40)] + [(u, u % 4, 7.5) for u in range(40)]
    strange = rows + [(u, 4, 7.6) for u in range(40)]
    both = [fit_mixture(Even(shares), Histories.of(log_of(r, 40), 8 * HORIZON), HORIZON,
                        np.ones(40, bool)) for r in (rows, strange)]  # fmt: skip
    np.testing.assert_allclose(both[0].weights, both[1].weights)
