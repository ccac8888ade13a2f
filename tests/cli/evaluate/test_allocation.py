"""`tsgen evaluate allocation`: what the backtest is asked, and its table."""

import pandas as pd
import pytest

from command_line import Recorder, fail, succeed
from tsgen.evaluation import StudyResult

PLAN = '[[campaigns]]\nname = "drinks"\nitems = ["tea"]\nexactly = 5\n'


def result():
    rows = [
        {"arm": arm, "metric": metric, "value": value}
        for arm, values in (("plan", (3.0, 0.5)), ("at random", (1.0, 0.25)))
        for metric, value in zip(("zeta", "alpha"), values, strict=True)
    ]
    table = pd.DataFrame(rows).assign(spread=0.0, better="higher", protocol="window", n=5, seed=1)
    return StudyResult(table, "It brought 3.", {"study": "allocation"})


@pytest.mark.parametrize("own", [False, True], ids=["trained", "saved"])
def test_every_option_reaches_the_backtest(shop, tmp_path, monkeypatch, own):
    asked, load, runs = Recorder(result()), Recorder("the model"), Recorder()
    monkeypatch.setattr("tsgen.evaluation.evaluate_allocation", asked)
    monkeypatch.setattr("tsgen.cli.evaluate.allocation.load_model", load)
    monkeypatch.setattr("tsgen.cli.evaluate.runs.write_run", runs)
    (tmp_path / "plan.toml").write_text(PLAN)
    (tmp_path / "out.txt").write_text("3\n17\n")
    (tmp_path / "users.csv").write_text("user_id,sex\n1,f\n")
    words = ["evaluate", "allocation", shop / "events.csv", tmp_path / "plan.toml", "-o",
             tmp_path / "run", "--at", "2024-02-20", "--exclude", tmp_path / "out.txt",
             "--margin", 0.3, "--seed", 6, "--device", "cpu"]  # fmt: skip
    words += ["--users", tmp_path / "users.csv"]
    more = ["--model", shop / "model"] if own else ["--set", "horizon=9D", "--budget", "90s"]
    done = succeed(*words, *more)
    log, judged, plan = asked.args
    assert len(log) == 500
    assert plan.campaigns[0].exactly == 5
    assert judged == "the model" if own else judged.horizon == "9D"
    options = asked.kwargs
    assert options["users"]["sex"].tolist() == ["f"]
    assert (options["at"], options["exclude"], options["margin"]) == (
        "2024-02-20",
        ["3", "17"],
        0.3,
    )
    assert (options["seed"], options["options"].seed) == (6, 6)
    assert (options["options"].device, options["options"].budget) == ("cpu", None if own else 90)
    assert len(runs.calls) == 1
    shown = [line.split() for line in done.stdout.splitlines()]
    assert shown[0] == ["metric", "zeta", "alpha"]  # in the order of the table
    assert shown[2][:2] == ["plan", "3"]


@pytest.mark.parametrize("words", [["--set", "horizon=3D"], ["--budget", "1s"]])
def test_a_saved_model_is_judged_as_it_is(shop, tmp_path, words):
    (tmp_path / "plan.toml").write_text(PLAN)
    base = ["evaluate", "allocation", shop / "events.csv", tmp_path / "plan.toml", "-o",
            tmp_path / "r", "--model", shop / "model"]  # fmt: skip
    assert "--model is judged as it is" in fail(*base, *words)
