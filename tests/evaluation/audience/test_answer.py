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
    },
}


def answer(arms=("model", "random", "recency"), test=(), **changes):
    row = {"value": 0.2, "low": 0.16, "high": 0.24, "reference": "recency", "difference": 0.05}
    row |= {"difference_low": 0.01, "difference_high": 0.09} | changes
    rows = [{"arm": arm, "metric": "user_rec_precision", **row} for arm in arms]
    rows.insert(0, {"arm": "model", "metric": "auc", **row, "value": 0.9})
    return audience_answer(pd.DataFrame(rows), FACTS | {"test": FACTS["test"] | dict(test)})


def test_the_sentence_has_the_share_its_interval_the_time_and_random_lists():
    assert answer() == (
        "Of the users listed for an item (5 of 500 users), 20 % [16 % to 24 %] engaged with it in "
        "the 14 days from 2024-03-01, 4 times as many as in random lists; that is more than by "
        "the best simple rule (recency, 15 %; difference +5 points [+1 to +9])."
    )


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.09, "more than by the best simple rule"),
        (-0.09, -0.01, "less than by a simple rule"),
        (-0.01, 0.09, "not clearly different from the best simple rule"),
        (0.0, 0.09, "not clearly different"),
        (-0.09, 0.0, "not clearly different"),
    ],
)
def test_better_or_worse_needs_the_whole_interval_on_one_side(low, high, verdict):
    assert f"that is {verdict}" in answer(difference_low=low, difference_high=high)


def test_random_as_the_best_rule_and_as_the_only_one():
    assert "(random lists, which no other rule beats, 15 %" in answer(reference="random")
    alone = answer(arms=("model", "random"), reference="random")
    assert alone.endswith(
        "no other simple rule could be asked, because the log has no earlier events."
    )


def test_a_window_that_the_log_does_not_cover_is_told():
    assert "covers" not in answer(test={"covered": 0.98})
    assert answer(test={"covered": 0.6}).endswith(
        " The log covers only 60 % of this time, so expected numbers come out too high."
    )


def test_without_targets_there_is_nothing_to_be_times_of():
    assert "times as many" not in answer(test={"prevalence": 0.0})
