import numpy as np
import pandas as pd
import pytest

from tsgen.allocation import Plan, UserHashes, pose
from tsgen.errors import DataError, SettingsError

PLAN = [{"name": "one", "items": ["a"], "at_most": 9}, {"name": "two", "items": ["b"]}]


def test_a_budget_of_contacts_at_one_cost_is_a_number_of_contacts(model):
    plan = [
        dict(PLAN[0], cost=0.1, budget=0.7),
        dict(PLAN[0], name="cap", cost=0.1, budget=5.0, at_least=2),
        dict(PLAN[1], cost="postage", budget=6.0),
    ]
    found = pose(model, Plan.of(plan, budget=20.0, max_campaigns=7))
    assert found.names == ["one", "cap", "two"]
    assert found.limits.at_most.tolist() == [7, 9, 60]
    assert found.limits.at_least.tolist() == [0, 2, 0]
    assert found.limits.budgets.tolist() == [np.inf, np.inf, 6.0]
    assert found.limits.total == 20.0
    assert (found.limits.users == 3).all()  # no more campaigns than there are


def test_users_who_are_held_out_keep_their_places_but_may_not_be_contacted(model):
    plan = Plan.of(PLAN, holdout=0.3, salt="x", max_campaigns=2)
    found = pose(model, plan, exclude=[100, 101])
    ids = found.pool.candidates.users.ids
    held = UserHashes(ids, "x").held_out("", 0.3)
    out = np.isin(ids, [100, 101])
    assert found.places.tolist() == np.where(out, 0, 2).tolist()
    assert found.limits.users.tolist() == np.where(out | held, 0, 2).tolist()
    assert found.counts == {
        "users": 60,
        "excluded or without events": 2,
        "held out of all campaigns": int((held & ~out).sum()),
        "contacted as often as allowed": 0,
        "left to contact": int((~held & ~out).sum()),
        "excluded by the list": 2,
        "its entries not known": 0,
    }


def test_contacts_already_made_take_places(model):
    plan = Plan.of(PLAN, max_campaigns=2, max_contacts=3, contact_window="7D")
    before = model.cutoff.tz_localize(None) - pd.Timedelta("1D")
    users = [100, 100, 101, 102, 102, 102, 102]
    found = pose(model, plan, contacts=pd.DataFrame({"user_id": users, "timestamp": before}))
    places = dict(zip(found.pool.candidates.users.ids, found.places, strict=True))
    assert [places[user] for user in (100, 101, 102, 103)] == [1, 2, 0, 2]
    assert found.counts["contacted as often as allowed"] == 1


def test_what_leaves_nobody_is_refused(model):
    with pytest.raises(SettingsError, match="contacts are given without max_contacts"):
        pose(model, Plan.of(PLAN), contacts=pd.DataFrame({"user_id": [], "timestamp": []}))
    with pytest.raises(DataError, match="of 60 users, 60 excluded or without events, 0 held out"):
        pose(model, Plan.of(PLAN), exclude=range(100, 160))
