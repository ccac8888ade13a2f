"""The page of a study of factors: makers by splits, in a table for each question."""

from tsgen.evaluation.studies.factors_table import factors_page

STUDY = {
    "question": "Which?",
    "arms": {
        "gan": {"maker": "psa-gan", "world": "waves", "settings": {"num_steps": 9}},
        "mix": {"maker": "mixing", "world": "waves"},
    },
}


def cell(arm, seed, value):
    measures = {
        "random: R2": {"value": value},
        "random: R2 of period": {"value": value - 0.1},
        "beyond: R2": {"value": value / 2},
        "beyond: R2 of new values": {"value": 0.0},
        "random: forecast": {"value": -0.2, "low": -0.3, "high": -0.1},
    }
    return {"arm": arm, "seed": seed, "cpu_seconds": 9.0, "measures": measures}


def test_each_question_has_its_table_of_medians_over_seeds():
    page = factors_page(STUDY, [cell("gan", 1, 0.6), cell("gan", 2, 0.8), cell("mix", 1, 0.4)], "f")
    lines = page.splitlines()
    assert lines[0] == "# f"
    assert "## waves" in lines
    assert "| R², mean of the factors | random | beyond |" in lines
    assert "| psa-gan | 0.70 [0.60, 0.80] | 0.35 [0.30, 0.40] |" in lines
    assert "| mixing | 0.40 | 0.20 |" in lines
    assert "| R² of new values | beyond |" in lines
    assert "| psa-gan | -20 % [-30, -10], seeds -20 % to -20 % |" in lines
    assert "| R², factor by factor | random period |" in lines
    assert "| psa-gan | 0.60 [0.50, 0.70] |" in lines


def test_two_arms_of_one_maker_are_told_apart_by_their_settings():
    longer = {"maker": "psa-gan", "world": "waves", "settings": {"num_steps": 99}}
    study = {**STUDY, "arms": {**STUDY["arms"], "longer": longer}}
    page = factors_page(study, [cell("gan", 1, 0.6), cell("longer", 1, 0.8)], "f")
    assert "| psa-gan (num_steps 9) | 0.60 | 0.30 |" in page
    assert "| psa-gan (num_steps 99) | 0.80 | 0.40 |" in page
