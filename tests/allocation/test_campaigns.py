import numpy as np
import pytest

from tsgen.allocation import Campaign, Plan
from tsgen.errors import SettingsError

ONE = {"name": "one", "items": ["a"]}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"at_mots": 5}, "Campaign has no setting 'at_mots'. Did you mean 'at_most'?"),
        ({"at_most": -1}, "at_most=-1 is not possible"),
        ({"at_most": 2.5}, "at_most=2.5 is not possible: Input should be a valid integer"),
        ({"at_most": True}, "at_most=True is not possible"),
        ({"at_most": 5, "at_least": 6}, "the minimum is above the maximum"),
        ({"exactly": 5, "at_most": 6}, "has exactly beside at_most or at_least"),
        ({"budget": 5.0}, "has a budget but its contacts cost nothing"),
        ({"budget": 0.5, "cost": 1.0}, "a budget of 0.5, below the 1 that 1 contact(s) cost"),
        ({"budget": 5.0, "cost": 1.0, "at_least": 6}, "below the 6 that 6 contact(s) cost"),
        ({"cost": -1.0}, "is not possible"),
        ({"cost": float("nan")}, "is not possible"),
        ({"value": "money"}, "is not possible"),
        ({"min_probability": 1.5}, "min_probability=1.5 is not possible"),
        ({"holdout": -0.1}, "holdout=-0.1 is not possible"),
        ({"exclude": "optout.csv"}, "give a list of user ids"),
        ({"items": []}, "needs items or item_where, one of the two"),
        ({"item_where": {"kind": "x"}}, "needs items or item_where, one of the two"),
        ({"name": ""}, "is not possible"),
    ],
)
def test_an_impossible_campaign_gets_one_sentence(change, text):
    with pytest.raises(SettingsError) as caught:
        Campaign(**ONE | change)
    assert text in str(caught.value)
    with pytest.raises(SettingsError) as caught:
        Plan.of([ONE | change])
    assert text in str(caught.value)
    assert "campaign 1" in str(caught.value)


@pytest.mark.parametrize(
    ("campaigns", "settings", "text"),
    [
        ([], {}, "there is no campaign"),
        ([ONE, ONE], {}, "two campaigns are called 'one'"),
        ([ONE], {"budget": 4.0}, "no campaign has a cost"),
        ([ONE], {"max_campaigns": 0}, "max_campaigns=0 is not possible"),
        ([ONE], {"contact_window": "a week"}, "contact_window='a week' is not a length of time"),
        ("no such file.toml", {}, "cannot be read"),
        ([3], {}, "campaign 1 is 3; give a table of settings"),
        (3, {}, "give a list of campaigns"),
    ],
)
def test_an_impossible_plan_gets_one_sentence(campaigns, settings, text):
    with pytest.raises(SettingsError) as caught:
        Plan.of(campaigns, **settings)
    assert text in str(caught.value)


def test_a_single_item_and_numbers_of_numpy_are_taken():
    campaign = Campaign(name="one", items="abc", at_most=np.int64(5), cost=np.float32(0.5))
    assert campaign.items == ("abc",)
    assert campaign.most == 5
    assert Campaign(name="one", items=[1], exactly=4).least == 4


def test_a_plan_can_be_changed_and_survives_json():
    plan = Plan.of([ONE], max_campaigns=3)
    assert Plan.of(plan, holdout=0.1).max_campaigns == 3
    assert Plan.of(plan, holdout=0.1).holdout == 0.1
    assert Plan(**plan.to_json()) == plan
    assert Plan.of(ONE).campaigns[0].name == "one"
