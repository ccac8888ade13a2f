"""What the parts promise each other: intensities share out the activity, at one level."""

import numpy as np
import pandas as pd
import pytest

from tsgen import RIMEstimator, TrainingOptions
from tsgen.data import Histories, Interactions

QUIET = TrainingOptions(seed=3, device="cpu", progress=False)
START = pd.Timestamp("2024-01-01")
DAY = 86_400 * 10**6


def shop(num_users=60, num_items=12, days=112, seed=0):
    """Few heavy customers, many light ones, favourites that they return to."""
    random = np.random.default_rng(seed)
    rate = random.pareto(1.2, num_users) * 0.05
    rows = []
    for user in range(num_users):
        count = random.poisson(min(rate[user], 4.0) * days)
        items = (user + random.zipf(1.7, count)) % num_items
        times = START + pd.to_timedelta(random.uniform(0, days, count), "D")
        rows += [(f"u{user:02d}", f"i{i:02d}", t) for i, t in zip(items, times, strict=True)]
    return pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])


def train(table, **settings):
    log = Interactions.from_frame(table, on_duplicate="keep")
    return RIMEstimator(horizon="14D", **settings).train(log, options=QUIET)


def dense(model):
    n, m = len(model.states), len(model.items)
    return model.scores().block(slice(0, n), slice(0, m)).astype(float)


@pytest.mark.parametrize("repeats", ["learned", "none"])
def test_in_a_log_of_one_item_the_intensity_is_the_activity(repeats):
    table = shop().assign(item_id="order")
    people = train(table, repeats=repeats).audience("order", size=99)
    np.testing.assert_allclose(people["intensity"], people["activity"], rtol=1e-4)
    np.testing.assert_allclose(people["relevance"], 1.0, rtol=1e-4)
    heaviest = table["user_id"].value_counts()
    assert people["user_id"].iloc[0] == heaviest.index[0]
    # The heaviest customer's rate is steady: a horizon is an eighth of the log.
    assert people["intensity"].iloc[0] == pytest.approx(heaviest.iloc[0] / 8, rel=0.25)


@pytest.mark.parametrize("activity", ["hawkes-poisson", "bg-nbd", "moving-average"])
def test_a_users_intensities_over_all_items_add_up_to_the_activity(activity):
    table = shop()
    model = train(table, activity=activity)
    log = Interactions.from_frame(table, on_duplicate="keep")
    past = Histories.of(log, model.states.at)
    alone = model.settings.activity_model().fit(past, 14 * DAY)
    expected = alone.intensity(alone.state(past))
    found = dense(model)
    np.testing.assert_allclose(found.sum(axis=1), expected, rtol=1e-4)
    assert (found >= -1e-6 * expected[:, None]).all()
    lists = model.audiences(list(model.items.ids), size=60)
    assert lists["relevance"].between(0, 1).all()


def test_the_pair_part_says_which_items_a_user_returns_to():
    """That it takes no part in how much a user does leaves it all it knows about the items."""
    table = shop()
    favourites = dense(train(table)).argmax(axis=1)
    model = train(table)
    counts = Histories.of(
        Interactions.from_frame(table, on_duplicate="keep"), model.states.at
    ).pair_counts().toarray()  # fmt: skip
    heavy = counts.sum(axis=1) > 30
    assert heavy.sum() >= 5
    assert (favourites[heavy] == counts.argmax(axis=1)[heavy]).mean() > 0.8


@pytest.mark.filterwarnings("ignore:The newer log ends at")  # another shop of the same length
def test_saved_folders_answer_as_the_model_did(tmp_path):
    import tsgen

    model = train(shop())
    model.save(tmp_path / "m")
    newer = shop(seed=5)
    for events in (None, newer):
        pd.testing.assert_frame_equal(
            tsgen.load(tmp_path / "m").audience("i01", size=9, events=events),
            model.audience("i01", size=9, events=events),
        )


def test_items_without_events_take_their_share_of_the_activity_and_add_nothing():
    table = shop()
    known = [f"i{k:02d}" for k in range(12)]
    new = [f"new{k}" for k in range(30)]
    items = pd.DataFrame({
        "item_id": known + new,
        "kind": [f"k{k % 4}" for k in range(12)] + [f"k{k % 4}" for k in range(30)],
    })  # fmt: skip
    log = Interactions.from_frame(table, items=items, on_duplicate="keep")
    model = RIMEstimator(horizon="14D", repeats="none").train(log, options=QUIET)
    intensity = dense(model)
    activity = model.candidates().activity
    assert intensity[:, 12:].sum() > 0.1 * activity.sum()  # thirty items are asked for, too
    np.testing.assert_allclose(intensity.sum(axis=1), activity, rtol=1e-4)
