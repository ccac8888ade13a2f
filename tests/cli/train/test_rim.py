"""`tsgen train rim`: what reaches the estimator, and what is refused."""

import json

import pandas as pd
import pytest

from command_line import fail, run
from tsgen.intensity import RIMEstimator


def test_what_trains_in_one_go_has_no_budget_and_touches_no_checkpoint(shop, tmp_path):
    notes = tmp_path / "model.checkpoint" / "notes.txt"
    notes.parent.mkdir()
    notes.write_text("ten years of work")
    words = ["train", "rim", shop / "events.csv", "-o", tmp_path / "model", "--seed", 1]
    words += ["--set", "horizon=7D", "--set", "repeats=none"]
    result = run(*words, "--budget", "1h")
    assert result.exit_code == 1
    assert "these train in one go, so leave it out" in result.stderr
    result = run(*words, "--resume")
    assert result.exit_code == 0, result.output
    assert "nothing to resume" in result.stderr
    assert notes.read_text() == "ten years of work"


def test_training_prints_its_settings_and_refuses_what_it_cannot_read(shop, tmp_path):
    result = run("train", "rim", "none.csv", "-o", tmp_path / "m", "--dry-run",
                 "--set", "activity=hawkes")  # fmt: skip
    assert json.loads(result.stdout)["activity"] == "hawkes"
    result = run("train", "rim", tmp_path / "none.csv", "-o", tmp_path / "m")
    assert result.exit_code == 1
    assert "no file or folder" in result.stderr
    result = run("train", "rim", shop / "events.csv", "-o", tmp_path / "m", "--read", "user=u")
    assert "--read user=u is not understood" in result.stderr
    result = run("train", "rim", shop / "events.csv", "-o", shop / "model")
    assert "exists already" in result.stderr


def test_a_sample_of_users_is_said_and_totals_are_those_of_the_log(shop, tmp_path):
    words = ["train", "rim", shop / "events.csv", "--seed", 1, "--set", "horizon=7D", "--json"]
    words += ["--set", "repeats=none", "--set", "activity=moving-average"]
    whole = json.loads(run(*words, "-o", tmp_path / "whole").stdout)
    result = run(*words, "-o", tmp_path / "part", "--sample-users", whole["num_users"] // 2)
    assert f"drawn from {whole['num_users']} users" in result.stderr
    part = json.loads(result.stdout)
    assert part["sample"]["of_users"] == whole["num_users"]
    assert part["num_users"] == whole["num_users"] // 2
    assert part["expected_events"] == pytest.approx(whole["expected_events"], rel=0.3)
    market = ["--market", "country=DE", "--graph", tmp_path / "g.csv"]
    assert "--sample-users is not possible with --market" in fail(
         *words, "-o", tmp_path / "m", "--sample-users", 5, *market)  # fmt: skip
    assert "--read users=... is not possible with --sample-users" in fail(
         *words, "-o", tmp_path / "m", "--sample-users", 5, "--read", "users=u.csv")  # fmt: skip


def test_a_misnamed_column_says_how_to_name_it_on_the_command_line(shop, tmp_path):
    table = pd.read_csv(shop / "events.csv").rename(columns={"user_id": "customer"})
    table.to_csv(tmp_path / "shop.csv", index=False)
    result = run("train", "rim", tmp_path / "shop.csv", "-o", tmp_path / "model")
    assert result.exit_code == 1
    assert "no column 'user_id'" in result.output
    assert "--read user_id=..." in result.output


class Stop(Exception):
    """Ends a command once its arguments are known."""


@pytest.mark.parametrize(("relevance", "in_steps"), [("gru", True), ("popularity", False)])
def test_every_option_reaches_the_training(shop, tmp_path, monkeypatch, relevance, in_steps):
    seen = {}

    def train(self, log, *, at, options):
        seen.update(settings=self, log=log, at=at, options=options)
        raise Stop

    monkeypatch.setattr(RIMEstimator, "train", train)
    words = ["train", "rim", shop / "events.csv", "-o", tmp_path / "m", "--seed", 7, "--device",
             "cpu", "--at", "2024-02-20", "--set", f"relevance={relevance}"]  # fmt: skip
    long = ["--budget", "90s", "--checkpoint-every", "5s", "--resume"]
    fail(*words, *(long if in_steps else []), "--set", "horizon=9D")
    options = seen["options"]
    assert (options.seed, options.device, options.resume) == (7, "cpu", in_steps)
    assert options.budget == (90 if in_steps else None)
    assert options.checkpoint == (tmp_path / "m.checkpoint" if in_steps else None)
    assert options.checkpoint_seconds == (5 if in_steps else 60)
    assert (seen["settings"].horizon, seen["at"], len(seen["log"])) == ("9D", "2024-02-20", 500)


def test_what_was_trained_is_said(shop, tmp_path):
    words = ["train", "rim", shop / "events.csv", "-o", tmp_path / "m", "--seed", 3]
    words += ["--set", "horizon=7D", "--set", "relevance=popularity", "--at", "2024-02-20"]
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    table = pd.read_csv(shop / "events.csv", parse_dates=["timestamp"])
    assert told["num_events"] == (table["timestamp"] < "2024-02-20").sum()
    assert (told["model"], told["seed"]) == (str(tmp_path / "m"), 3)
    assert f"{shop / 'events.csv'}: 500 events, 30 users, 3 items" in done.stderr
