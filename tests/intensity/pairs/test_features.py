import numpy as np
import pandas as pd
import pytest

from returning_users import read, returning
from tsgen.data import Histories
from tsgen.intensity.pairs.features import FEATURES, ItemFacts, pair_table

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
