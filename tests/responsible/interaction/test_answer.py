"""Verdicts in words: uses, walks alone, withheld, and when the two lines of evidence differ."""

import pytest

from tsgen.responsible.interaction.answer import interaction_answer, verdict


def stated(skill=0.5, others=(0.5, 0.4, 0.6), control=(0.0, -0.01, 0.01), alone=(0.2, 0.1, 0.3)):
    def numbers(three):
        return dict(zip(("value", "low", "high"), three, strict=True))

    shares = {"other series": numbers(others), "random series": numbers(control)}
    return {"target": "load", "arm": "real", "simple": "the last value", "shares": shares,
            "skill": numbers((skill, skill, skill)), "alone": numbers(alone)}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "'load' uses the other series: 50 % [40, 60] of the gain"),
        ({"others": (0.01, -0.05, 0.1)}, "although single windows do not show"),
        ({"others": (0.01, -0.05, 0.1), "alone": (0.0, -0.1, 0.1)}, "'load' walks alone: 1 %"),
        ({"control": (0.5, 0.4, 0.6)}, "walks alone"),
        ({"others": (0.02, 0.015, 0.03)}, "walks alone"),
        ({"alone": (0.0, -0.1, 0.1)}, "so what they say its own past says, too"),
        ({"skill": 0.04}, "withheld, as the forecaster is 4 % better than the last value repeated"),
    ],
)
def test_verdicts(change, said):
    assert said in verdict(stated(**change))


def test_generated_windows_are_compared_with_real_ones():
    real = stated() | {"verdict": "Real."}
    same = stated() | {"verdict": "Made.", "arm": "generated"}
    alone = stated(others=(0.0, -0.1, 0.1)) | {"verdict": "Made.", "arm": "generated"}
    poor = stated(skill=0.0) | {"verdict": "Made.", "arm": "generated"}
    assert interaction_answer([real, same]).endswith("lead to the same as real ones.")
    assert interaction_answer([real, alone]).endswith("there, channels walk alone.")
    assert interaction_answer([alone | {"arm": "real"}, same]).endswith("depend on each other.")
    assert interaction_answer([real, poor]).endswith("cannot be compared.")
    assert interaction_answer([real]) == "Real."
