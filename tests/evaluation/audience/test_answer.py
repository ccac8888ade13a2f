"""The one sentence of a study of audiences says better only where it is clear."""

import pandas as pd
import pytest

from tsgen.evaluation.audience.answer import audience_answer

FACTS = {
    "settings": {"num_users": 5},
    "test": {
        "candidate_users": 500,
        "horizon": "14 days",
        "begins": "2024-03-01 00:00:00",
        "prevalence": 0.05,
        "covered": 1.0,
        "expected_precision": 0.1834,
    },
}


def answer(arms=("model", "random", "recency"), test=(), **changes):
    row = {"value": 0.2, "low": 0.16, "high": 0.24, "reference": "recency", "difference": 0.05}
    row |= {"difference_low": 0.01, "difference_high": 0.09} | changes
    rows = [{"arm": arm, "metric": "user_rec_precision", **row} for arm in arms]
    rows.insert(0, {"arm": "model", "metric": "auc", **row, "value": 0.9})
    return audience_answer(pd.DataFrame(rows), FACTS | {"test": FACTS["test"] | dict(test)})


def test_the_sentence_says_who_is_expected_who_came_and_by_other_rules():
    assert answer() == (
        "Of 1,000 customers listed for an item (5 of 500 for each), 183 are expected to engage "
        "with it in the 14 days from 2024-03-01, and 200 [160 to 240] did; picked by the best "
        "simple rule (recency) it would have been 150 (50 fewer [10 to 90]), "
        "at random 50."
    )


@pytest.mark.parametrize(
    ("gap", "low", "high", "verdict"),
    [
        (0.05, 0.01, 0.09, "150 (50 fewer [10 to 90])"),
        (-0.05, -0.09, -0.01, "250 (50 more [10 to 90])"),
        (0.05, -0.01, 0.09, "150 (no clear difference: +50 [-10 to +90] for the model)"),
        (0.05, 0.0, 0.09, "150 (no clear difference: +50 [+0 to +90] for the model)"),
        (-0.05, -0.09, 0.0, "250 (no clear difference: -50 [-90 to +0] for the model)"),
    ],
)
def test_better_or_worse_needs_the_whole_interval_on_one_side(gap, low, high, verdict):
    assert verdict in answer(difference=gap, difference_low=low, difference_high=high)


def test_large_differences_are_whole_numbers():
    text = answer(difference=-0.125, difference_low=-0.18, difference_high=-0.025)
    assert "(125 more [25 to 180])" in text
    assert "[-1,000 to +99]" in answer(difference_low=-1.0, difference_high=0.0992)


def test_random_as_the_best_rule_and_as_the_only_one():
    assert "no simple rule finds more than random lists (50 fewer" in answer(reference="random")
    alone = answer(arms=("model", "random"), reference="random")
    assert alone.endswith(
        "no other rule could be asked, because the log has no earlier events; at random 50."
    )


def test_a_window_that_the_log_does_not_cover_is_told():
    assert "covers" not in answer(test={"covered": 0.98})
    assert answer(test={"covered": 0.6}).endswith(
        " The log covers only 60 % of this time, so expected numbers come out too high."
    )


def test_shares_below_one_in_a_thousand_keep_their_digits_and_all_is_a_thousand():
    assert "at random 0.0123." in answer(test={"prevalence": 0.0000123})
    assert "1,000 are expected" in answer(test={"expected_precision": 0.9999999})
