"""The sentence on calibration follows the numbers."""

import json

import numpy as np
import pytest
from scipy.special import expit, logit

from tsgen.evaluation.calibration import CalibrationVerdict, calibration_rows
from tsgen.metrics import calibration_fit, calibration_table

DRAW = np.random.default_rng(8)
TRUTH = expit(DRAW.normal(-1.0, 1.2, 20_000))
CAME = DRAW.random(20_000) < TRUTH


def verdict_of(said, came=CAME, kind="chance"):
    return CalibrationVerdict(
        calibration_table(said, came), calibration_fit(said, came, kind=kind), kind
    )


def test_true_chances_mean_what_they_say():
    true = verdict_of(TRUTH)
    assert (true.verdict, true.num_missed) == ("good", 0)
    assert true.sentence().startswith("Chances mean what they say: for 100 expected, ")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (expit(2 * logit(TRUTH)), "too extreme"),
        (expit(0.5 * logit(TRUTH)), "too timid"),
        (expit(logit(TRUTH) - 0.5), "(too low)"),
        (expit(logit(TRUTH) + 0.5), "(too high)"),
    ],
)
def test_wrong_chances_are_said_to_be_wrong_and_how(said, words):
    wrong = verdict_of(said)
    assert wrong.verdict == "bad"
    sentence = wrong.sentence()
    assert sentence.startswith("Chances do not mean what they say: ")
    assert words in sentence
    assert f"{wrong.num_missed} of 10 groups miss" in sentence


def test_all_a_little_off_is_wrong_without_a_group_that_misses_and_is_said_so():
    wrong = verdict_of(expit(logit(TRUTH) - 0.048))
    assert (wrong.verdict, wrong.num_missed) == ("bad", 0)
    assert wrong.sentence().endswith(
        "by itself no group of 10 misses by more than two standard errors."
    )


def test_groups_that_miss_forbid_the_good_sentence_though_the_line_is_right():
    """Too high in the middle and too low around it: slope 1, ratio 1."""
    said = np.repeat([0.1, 0.2, 0.3, 0.4, 0.5], 2000)
    rates = np.repeat([0.08, 0.22, 0.32, 0.38, 0.50], 2000)
    came = np.concatenate([np.arange(2000) < 2000 * rate for rate in rates[::2000]])
    bent = verdict_of(said, came)
    assert bent.fit.ratio.holds(1)
    assert bent.num_missed >= 2
    assert bent.verdict == "bad"


def test_few_events_confirm_nothing():
    few = verdict_of(TRUTH[:40], CAME[:40])
    assert few.verdict == "open"
    assert "not shown to be wrong, nor right" in few.sentence()
    assert verdict_of(np.full(9, 0.01), np.zeros(9)).verdict == "open"


def test_the_furthest_group_is_named_in_standard_errors_and_as_a_ratio():
    said = np.repeat([0.1, 0.505], 400)
    came = np.concatenate([np.arange(400) < 40, np.arange(400) < 240])
    verdict = verdict_of(said, came)
    facts = verdict.facts()
    error = np.sqrt(0.6 * 0.4 / 400)
    assert facts["furthest"]["group"] == 2
    assert facts["furthest"]["ratio"] == pytest.approx(0.6 / 0.505)
    assert facts["furthest"]["standard_errors"] == pytest.approx(0.095 / error, rel=0.03)
    assert "group 2: 50.5 % predicted, 60 % came (1.19 times, 3.8 standard errors)" in (
        verdict.sentence()
    )


def test_facts_are_json_and_rows_are_the_table():
    verdict = verdict_of(np.full(9, 0.01), np.zeros(9))
    assert json.loads(json.dumps(verdict.facts(), allow_nan=False))["slope"]["value"] is None
    rows = calibration_rows(verdict.table)
    assert rows.shape == (1, 4)
    assert rows[0, :3].tolist() == [9, 0.01, 0.0]


def test_expected_numbers_are_judged_alike():
    draw = np.random.default_rng(8)
    rate = draw.gamma(2.0, 1.0, 5000)
    counts = verdict_of(rate, draw.poisson(rate), "count")
    assert counts.sentence().startswith("Expected numbers mean what they say")
    assert verdict_of(1.5 * rate, draw.poisson(rate), "count").verdict == "bad"
