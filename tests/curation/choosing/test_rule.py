"""When a candidate is taken."""

import numpy as np
import pytest

from tsgen.curation import DecisionRule, Gain
from tsgen.errors import SettingsError


def gain(change, sureness):
    return Gain(change, change, change, -np.log1p(change) / sureness, 10)


@pytest.mark.parametrize(
    ("change", "sureness", "taken"),
    [
        (-0.05, 2.1, True),
        (-0.05, 1.9, False),
        (-0.011, 100.0, True),
        (-0.009, 100.0, False),
        (-0.0125, 2.1, False),  # shrunk, less than 1 % is to be expected
        (0.05, -5.0, False),
    ],
)
def test_surely_better_and_by_enough(change, sureness, taken):
    assert bool(DecisionRule(2.0, 0.01).takes(gain(change, sureness))) == taken


def test_a_rule_of_the_user_asks_for_more_or_for_nothing():
    assert not DecisionRule(3.0, 0.0).takes(gain(-0.05, 2.9))
    assert DecisionRule(-np.inf, -np.inf).takes(gain(0.5, -9.0))
    assert str(DecisionRule(1.5, 0.02)) == "1.5 standard errors, 2 % expected"


@pytest.mark.parametrize("bad", [{"sureness": np.nan}, {"least_expected": 1.0}])
def test_impossible_rules_are_refused(bad):
    with pytest.raises(SettingsError, match="is not possible"):
        DecisionRule(**bad)
