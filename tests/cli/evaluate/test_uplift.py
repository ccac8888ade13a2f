"""`tsgen evaluate uplift`: which tables reach the study."""

import pandas as pd
import pytest

from command_line import Recorder, succeed
from tsgen.evaluation import StudyResult

PLAN = '[[campaigns]]\nname = "drinks"\nitems = ["tea"]\nexactly = 5\n'


@pytest.fixture
def place(shop, tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN)
    for k, name in enumerate(("sent", "held", "before")):
        pd.DataFrame({"user_id": [k, k + 10], "campaign": "drinks"}).to_csv(
            tmp_path / f"{name}.csv", index=False
        )
    return tmp_path


def test_every_option_reaches_the_study(shop, place, monkeypatch):
    row = {"metric": "lift", "value": 1.0, "spread": 0.0, "better": "higher", "protocol": "x"}
    result = StudyResult(pd.DataFrame([row | {"n": 5, "seed": 1}]), "It lifted.", {})
    asked, runs = Recorder(result), Recorder()
    monkeypatch.setattr("tsgen.evaluation.evaluate_uplift", asked)
    monkeypatch.setattr("tsgen.cli.evaluate.runs.write_run", runs)
    words = ["evaluate", "uplift", shop / "events.csv", place / "plan.toml", "-o", place / "run",
             "--contacts", place / "sent.csv", "--holdouts", place / "held.csv"]  # fmt: skip
    succeed(*words)
    assert asked.kwargs["begin"] is asked.kwargs["horizon"] is asked.kwargs["earlier"] is None
    done = succeed(*words, "--begin", "2024-02-20", "--horizon", "9D", "--earlier",
                   place / "before.csv")  # fmt: skip
    log, sent, held, plan = asked.args
    assert len(log) == 500
    assert (sent["user_id"].tolist(), held["user_id"].tolist()) == ([0, 10], [1, 11])
    assert plan.campaigns[0].exactly == 5
    assert (asked.kwargs["begin"], asked.kwargs["horizon"]) == ("2024-02-20", "9D")
    assert asked.kwargs["earlier"]["user_id"].tolist() == [2, 12]
    assert runs.args[:2] == (result, place / "run")
    assert done.stdout == f"It lifted.\n{place / 'run'}\n"
