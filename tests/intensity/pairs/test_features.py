from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from returning_users import read, returning
from tsgen.data import Histories
from tsgen.intensity.pairs.features import FEATURES, FURTHER, ItemFacts, pair_table

DAY = 86_400 * 10**6


@pytest.fixture(scope="module")
def table():
    return returning(seed=1)


def test_features_say_what_a_slow_loop_finds(table):
    events = read(table)
    at = events.read_time("2024-02-19")
    histories = Histories.of(events, at)
    facts = ItemFacts.of(histories, 7 * DAY, 4)
    activity = np.linspace(0.5, 2, len(histories))
    found = pair_table(histories, 7 * DAY, facts, activity, 2)
    values = dict(zip(FEATURES, found.features.T, strict=False))
    past = table[table["timestamp"] < "2024-02-19"].copy()
    past["age"] = (pd.Timestamp("2024-02-19") - past["timestamp"]) / pd.Timedelta("7D")
    seen = set(zip(past["user_id"], past["item_id"], strict=True))
    names = list(zip(events.users.ids[found.request], events.items.ids[found.item], strict=True))
    assert seen <= set(names)
    new = pd.Series([user for user, item in names if (user, item) not in seen])
    assert new.value_counts().max() <= 2
    for place in range(0, len(names), 17):
        user, item = names[place]
        of_user = past[past["user_id"] == user]
        own = of_user[of_user["item_id"] == item]["age"]
        checks = {
            "pair decayed in a horizon": np.log1p(20 * np.exp(-own).sum()),
            "pair count": np.log1p(len(own)),
            "pair seen": float(len(own) > 0),
            "pair last": np.log(own.min() + 0.1) if len(own) else 0.0,
            "user decayed at once": np.log(np.exp(-of_user["age"] / 0.3).sum() + 0.1),
            "user items": np.log(of_user["item_id"].nunique() + 0.1),
            "user activity": np.log(activity[found.request[place]]),
            "item users": np.log(past[past["item_id"] == item]["user_id"].nunique() + 0.1),
        }
        for name, expected in checks.items():
            assert values[name][place] == pytest.approx(expected, rel=1e-4, abs=1e-4), name


def test_late_uptake_and_attributes_are_two_further_columns_and_bring_candidates(table):
    events = read(table)
    kinds = pd.DataFrame({"kind": [str(k % 3) for k in range(events.num_items)]})
    histories = Histories.of(replace(events, item_table=kinds), events.read_time("2024-02-19"))
    activity = np.ones(len(histories))
    plain, further = (
        pair_table(
            histories, 7 * DAY, ItemFacts.of(histories, 7 * DAY, 4, further=wider), activity, 2
        )
        for wider in (False, True)
    )
    assert further.features.shape[1] == plain.features.shape[1] + len(FURTHER)
    before, now = (set(zip(part.request, part.item, strict=True)) for part in (plain, further))
    assert before <= now
    assert len(now) <= len(before) + len(histories)
    facts = ItemFacts.of(histories, 7 * DAY, 4, further=True)
    seen = histories.pair_counts()
    uptake, likeness = further.features[:, -2:].T
    for place in range(0, len(uptake), 13):
        row, item = further.request[place], further.item[place]
        taken = (seen[[row]] > 0).toarray()[0] @ facts.uptake.toarray()[:, item]
        assert uptake[place] == pytest.approx(np.log(taken + 0.003), rel=1e-4)
        profile = seen[[row]].toarray()[0] @ facts.vectors
        cosine = profile @ facts.vectors[item] / np.linalg.norm(profile)
        assert likeness[place] == pytest.approx(cosine, abs=1e-4)
