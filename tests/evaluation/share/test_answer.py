"""The verdict, and what it rests on."""

import pytest

from tsgen.evaluation.share.answer import NOT_GUARANTEED, share_answer, share_verdict
from tsgen.evaluation.share.attack import Attack, MembershipRate
from tsgen.evaluation.share.utility import Utility

QUIET, LOUD = MembershipRate(0.01, 0.012, 0.004, 0.03), MembershipRate(0.01, 0.3, 0.2, 0.4)
COPY = MembershipRate(0.01, 0.98, 0.95, 1.0)
LEVEL = Utility("reference", 0.2, 0.202, 0.01, -0.01, 0.03, 1)
WORSE = Utility("deepar", 0.2, 0.22, 0.1, 0.05, 0.15, 1)


def attack(rate, non_members=400):
    return Attack(rate, COPY, 400, non_members, 0)


@pytest.mark.parametrize(
    ("attacked", "utilities", "verdict", "opening"),
    [
        (attack(LOUD), [LEVEL], "no", "Do not hand these series out"),
        (attack(LOUD, 100), [WORSE], "no", "Do not hand these series out"),
        (attack(QUIET, 299), [LEVEL], "too few to say", "Too few to say"),
        (attack(QUIET), [LEVEL, WORSE], "not useful", "This attack shows no leak, but"),
        (attack(QUIET), [LEVEL], "yes", "These series may stand in for yours"),
    ],
)
def test_one_verdict(attacked, utilities, verdict, opening):
    assert share_verdict(attacked, utilities) == verdict
    answer = share_answer(attacked, utilities)
    assert answer.startswith(opening)
    assert answer.endswith(NOT_GUARANTEED)


def test_the_answer_gives_rates_chance_copies_and_losses():
    answer = share_answer(attack(QUIET), [LEVEL, WORSE])
    assert "finds 1.2 % [0.4, 3.0] of the windows" in answer
    assert "at 1 % false alarms (chance: 1 %; on a copy of the data: 98 %)." in answer
    assert "reference +1.0 % [-1.0, +3.0], deepar +10.0 % [+5.0, +15.0]." in answer
    assert "fewer than 300" not in answer
    assert "With 299 windows of others, fewer than 300" in share_answer(attack(QUIET, 299), [LEVEL])
