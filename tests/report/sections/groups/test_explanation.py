"""Pages of explanations: what moves most first, sentences of users, steps of a forecast."""

import numpy as np
import pandas as pd

from tsgen.report import page_text
from tsgen.report.sections import section_of
from tsgen.responsible.explanation import ForecastExplanation, ScoreExplanation


def of_scores():
    values = pd.DataFrame({"own": [2.0, 1.0], "others": [0.0, -0.5]}, pd.Index(["ann", "bob"]))
    return ScoreExplanation(values, np.array([0.1, 0.1]), "7D", ("tea",), values.abs())


def of_forecast(steps=30):
    values = pd.DataFrame({"near": np.ones(steps), "far": np.full(steps, -3.0)})
    facts = {"order": "any", "baseline": "mean", "of": "mean", "random": "seed 3"}
    return ForecastExplanation(values, np.zeros(steps), np.full(steps, -2.0), facts)


def test_scores_have_bars_a_swarm_and_a_sentence_a_user():
    section = section_of(of_scores().to_result())
    assert section.question == "Why does the model list these people?"
    importance, users = section.tables
    assert [row[0].text for row in importance.rows] == ["own", "others"]
    assert importance.rows[0][1].text == "1.5"
    assert [row[0].text for row in users.rows] == ["ann", "bob"]
    assert users.rows[0][1].text == "2.1"
    assert users.rows[0][2].text.startswith("listed because of +2 expected events from own")
    assert [len(picture.svg) > 0 for picture in section.pictures] == [True, True]
    assert "2 users, a dot each" in section.pictures[1].alt


def test_what_moves_next_to_nothing_has_no_exponent():
    values = pd.DataFrame({"own": [2.0, 1.0], "others": [1e-5, -3e-5]}, pd.Index(["ann", "bob"]))
    made = ScoreExplanation(values, np.array([0.1, 0.1]), "7D", ("tea",), values.abs())
    importance, _ = section_of(made.to_result()).tables
    assert [cell.text for cell in importance.rows[1]] == ["others", "0.00002", "-0.00001"]


def test_a_forecast_has_bars_and_steps(undrawn):
    section = section_of(of_forecast().to_result("tsgen explain forecast"))
    importance, steps = section.tables
    assert [row[0].text for row in importance.rows] == ["far", "near"]
    assert len(steps.rows) == 30
    assert [cell.text for cell in steps.rows[0]] == ["1", "-2", "0", "+1", "-3"]
    assert section.verdicts[0].text == "seed 3"
    assert "far moves most, -3" in page_text(of_forecast().to_result())
