"""`tsgen drift`: exit code 3 where a number leaves its range."""

import pandas as pd
import pytest

from command_line import answer, fail, run


def lists(folder):
    for name, first in (("march", 0), ("april", 5)):
        table = pd.DataFrame({"user_id": range(first, first + 10), "rank": range(1, 11)})
        table.assign(intensity=1.0).to_csv(folder / f"{name}.csv", index=False)
    return folder / "march.csv", folder / "april.csv"


def test_an_alarm_is_exit_code_3_and_the_run_is_there(tmp_path):
    march, april = lists(tmp_path)
    words = ["drift", march, april, "--allow", "stayed=0.9:1", "-o", tmp_path / "run"]
    done = run(*words)
    assert done.exit_code == 3, done.output
    assert "stayed is 0.5, outside [0.9, 1]" in done.stdout
    assert "alarm" in (tmp_path / "run" / "page.html").read_text()
    words[4] = "stayed=90%:100%"
    assert "stayed is 0.5, outside [0.9, 1]" in run(*words, "--overwrite").stdout
    calm = answer("drift", march, april, "--allow", "stayed=0.4:1", "-o", tmp_path / "two")
    assert "None of 1 watched numbers" in calm["answer"]


def test_models_logs_and_runs_are_read(shop, tmp_path):
    log = answer("drift", shop / "events.csv", shop / "events.csv", "-o", tmp_path / "log")
    assert "mean of activity" in {row["metric"] for row in log["table"]}
    words = ["--item", "tea", "--size", 5, "-o", tmp_path / "model"]
    model = answer("drift", shop / "model", shop / "model", *words)
    stayed = [row["after"] for row in model["table"] if row["metric"] == "stayed"]
    assert stayed == [1.0]


def test_a_range_that_is_none_is_refused(tmp_path):
    march, april = lists(tmp_path)
    said = fail("drift", march, april, "--allow", "DI=1", "-o", tmp_path / "run")
    assert "--allow DI=1 is no range" in said


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--device", "mps"], "--device has no effect without models"),
        (["--trust"], "--trust has no effect without models"),
        (["--read", "="], "--read has no effect without event logs"),
        (["--item", "x"], "--item has no effect without models"),
    ],
)
def test_options_of_other_kinds_are_refused(tmp_path, option, said):
    march, april = lists(tmp_path)
    assert said in fail("drift", march, april, *option, "-o", tmp_path / "run")
    assert not (tmp_path / "run").exists()
