import numpy as np
import pandas as pd
import pytest

from tsgen.evaluation.uplift.answer import PROPENSITY, uplift_answer

FACTS = {"test": {"covered": 1.0, "horizon": "14 days"}, "earlier_contacts": None,
         "unknown_users": 0, "not_measured": []}  # fmt: skip


def table(low=1.0, high=3.0):
    row = {
        "campaign": "one", "metric": "incremental_engagements", "group": "all", "value": 2.0,
        "low": low, "high": high, "contacted": 40, "contacted_mean": 0.25, "held_out": 10,
        "held_out_mean": 0.2, "detectable": 0.125,
    }  # fmt: skip
    return pd.DataFrame([row | {"method": method} for method in ("difference", "adjusted")])


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [((1.0, 3.0), "brought more"), ((-3.0, -1.0), "brought less"), ((-1.0, 3.0), "no effect can")],
)
def test_the_verdict_follows_the_adjusted_interval(ends, verdict):
    text = uplift_answer(table(*ends), FACTS)
    assert verdict in text
    assert "40 contacted users engaged 0.25 times each, 10 held out 0.2 times" in text
    assert "a lift below 0.125 a user could not be seen" in text
    assert text.endswith(PROPENSITY)


def test_a_group_that_is_too_small_says_nothing_of_the_effect():
    assert "nothing can be said of the effect" in uplift_answer(table(np.nan, np.nan), FACTS)


def test_what_weakens_the_answer_is_told():
    test = {"covered": 0.5, "horizon": "14 days"}
    weak = {"test": test, "earlier_contacts": 7, "unknown_users": 3, "not_measured": ["two"]}
    text = uplift_answer(table(), weak)
    assert "Campaign 'two' has no users both contacted and held out" in text
    assert "covers only 50 % of the time that counts" in text
    assert "7 contacts in the 14 days before" in text
    assert "3 of the users have no event in the log" in text
    plain = uplift_answer(table(), FACTS)
    assert not any(word in plain for word in ("covers only", "before count", "have no event"))
