"""The page of a study of factors: makers by splits, in a table for each question."""

from tsgen.evaluation.studies.factors_table import factors_page

STUDY = {
    "question": "Which?",
    "arms": {
        "gan": {"maker": "psa-gan", "world": "waves"},
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
    assert "| psa-gan | 0.70 | 0.35 |" in lines
    assert "| mixing | 0.40 | 0.20 |" in lines
    assert "| R² of new values | beyond |" in lines
    assert "| psa-gan | -20% [-30%, -10%] |" in lines
    assert "| R², factor by factor | random period |" in lines
    assert "| psa-gan | 0.60 |" in lines
