"""New items are worth what items of their kind were worth to their users when they were new."""

import numpy as np
import pandas as pd
import pytest

from small_shop import QUIET
from tsgen import Interactions, RIMEstimator, load
from tsgen.errors import DataError, DataWarning

KINDS = np.array(["tea", "mug", "pot"])


def events(seed=0, size=6_000, num_items=60, days=100):
    """Each of 150 users stays with one kind; every item is taken up at any time."""
    random = np.random.default_rng(seed)
    zeal = random.gamma(1.0, 1, 150)
    user = random.choice(150, size, p=zeal / zeal.sum())
    own = random.random(size) < 0.85
    kind = np.where(own, user % 3, random.integers(0, 3, size))
    item = 3 * random.integers(0, num_items // 3, size) + kind
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.uniform(0, days, size), "D")
    return pd.DataFrame({"user_id": user, "item_id": item, "timestamp": stamps})


def items(num_items=60):
    return pd.DataFrame({"item_id": np.arange(num_items), "kind": KINDS[np.arange(num_items) % 3]})


@pytest.fixture(scope="module")
def shop():
    log = events()
    hidden = [3, 16, 29, 42, 55]
    known = log[~log["item_id"].isin(hidden)]
    table = items()
    given = Interactions.from_frame(known, items=table.drop(hidden), on_duplicate="keep")
    model = RIMEstimator(horizon="14D").train(given, at="2024-03-20", options=QUIET)
    return model, table.iloc[hidden], log


def test_the_right_people_are_found(shop):
    model, new, _ = shop
    found = model.with_items(new)
    for item, kind in zip(new["item_id"], new["item_id"] % 3, strict=True):
        users = found.audience(item, size=20)["user_id"]
        assert (users % 3 == kind).mean() > 0.85
    assert found.new_items.facts["contribution"] > 0.7


def test_probabilities_hold_for_first_purchases(shop):
    """Items that are hidden are seen as new: in the horizon as many take them up as expected."""
    model, new, log = shop
    found = model.with_items(new)
    expected = sum(found.audience(i, size=150)["probability"].sum() for i in new["item_id"])
    later = log[(log["timestamp"] >= "2024-03-20") & (log["timestamp"] < "2024-04-03")]
    came = later[later["item_id"].isin(new["item_id"])].groupby("item_id")["user_id"].nunique()
    assert 0.6 < expected / came.sum() < 1.6


def test_a_saved_model_has_them(shop, tmp_path):
    model, new, _ = shop
    found = model.with_items(new)
    found.save(tmp_path / "m")
    again = load(tmp_path / "m")
    lists = [m.audience(3, size=9) for m in (again, found)]
    pd.testing.assert_frame_equal(*lists, check_exact=True)
    assert again.new_items.facts == found.new_items.facts
    assert again.all_items.ids[-1] == found.all_items.ids[-1]


def test_attributes_that_say_nothing_are_told(shop):
    _, new, log = shop
    random = np.random.default_rng(5)
    table = items().assign(kind=random.choice(list("abcdef"), 60))
    known = log[~log["item_id"].isin(new["item_id"])]
    given = Interactions.from_frame(
        known, items=table[table["item_id"].isin(known["item_id"])], on_duplicate="keep"
    )
    blind = RIMEstimator(horizon="14D", repeats="none").train(given, options=QUIET)
    with pytest.warns(DataWarning, match="tell .* of what events tell"):
        blind.with_items(table[~table["item_id"].isin(known["item_id"])])


def test_items_with_nothing_known_rest_on_activity(shop):
    model, new, _ = shop
    with pytest.warns(DataWarning) as said:
        found = model.with_items(new.assign(kind=None))
    assert "share no attribute with an item" in " ".join(str(one.message) for one in said)
    ranked = found.audience(3, size=30)
    assert ranked["activity"].is_monotonic_decreasing or ranked["activity"].corr(
        ranked["intensity"], method="spearman"
    ) > 0.9  # fmt: skip


def test_models_that_cannot_are_told_why(shop):
    _, new, log = shop
    bare = Interactions.from_frame(log, on_duplicate="keep")
    plain = RIMEstimator(horizon="14D", repeats="none", activity="popularity")
    with pytest.raises(DataError, match="items of training have no attributes"):
        plain.train(bare, options=QUIET).with_items(new)


def test_a_catalogue_of_two_items_assumes_what_it_cannot_learn():
    log = events(num_items=3)
    two = log[log["item_id"] < 2]
    given = Interactions.from_frame(two, items=items(2), on_duplicate="keep")
    model = RIMEstimator(horizon="14D", relevance="popularity").train(given, options=QUIET)
    new = pd.DataFrame({"item_id": [9], "kind": ["mug"]})
    with pytest.warns(DataWarning, match="Of 2 items that have events .* is assumed, not learnt"):
        larger = model.with_items(new)
    why = larger.audience(9, size=2, why="shapley")["why"]
    assert why.str.startswith("listed because of ").all()
