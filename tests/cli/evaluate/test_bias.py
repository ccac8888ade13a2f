"""`tsgen evaluate bias`: of a model, of a table, of series; what is not there is named."""

import pandas as pd
import pytest

from command_line import answer, fail, succeed
from tsgen.data import simulate_series

PEOPLE = pd.DataFrame({"user_id": range(30), "sex": ["f", "m"] * 15})


def test_lists_of_a_model_and_of_a_table(shop, tmp_path):
    PEOPLE.to_csv(tmp_path / "users.csv", index=False)
    words = ["evaluate", "bias", "--facet", "sex", "--users", tmp_path / "users.csv", "--seed", 1]
    shown = answer(*words, "--model", shop / "model", "--item", "tea", "--size", 10,
                   "-o", tmp_path / "run")  # fmt: skip
    assert {"DI", "DPPL from own past"} <= {row["metric"] for row in shown["table"]}
    assert (tmp_path / "run" / "page.html").is_file()
    succeed("audience", shop / "model", "--item", "tea", "--size", 10, "-o", tmp_path / "list.csv")
    done = succeed(*words, "--audience", tmp_path / "list.csv", "-o", tmp_path / "two")
    assert "yours to say" in done.stdout


def test_differences_of_shares_are_shown_in_points(tmp_path):
    people = pd.DataFrame({"user_id": range(200), "sex": ["f", "m"] * 100})
    people.to_csv(tmp_path / "users.csv", index=False)
    people[people["user_id"] % 4 < 3].to_csv(tmp_path / "list.csv", index=False)
    words = [
        "--users",
        tmp_path / "users.csv",
        "--audience",
        tmp_path / "list.csv",
        "--facet",
        "sex",
    ]
    shown = succeed("evaluate", "bias", *words, "-o", tmp_path / "run").stdout
    rows = {tuple(line.split()[1:3]): line for line in shown.splitlines() if line.split()[2:]}
    assert "-50 points" in rows["f", "DPPL"]
    assert "points" not in rows["f", "DI"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Give one of --model, --audience and --generated"),
        (["--generated", "x.csv"], "--real and --generated are given together"),
        (["--audience", "a.csv", "--size", 3], "--size has no effect without --model"),
        (["--audience", "a.csv", "--size", 0], "--size has no effect without --model"),
        (["--audience", "a.csv", "--device", "cpu"], "--device has no effect without --model"),
        (["--audience", "a.csv", "--item", "x"], "--item has no effect without --outcomes"),
        (["--audience", "a.csv", "--read", "="], "--read has no effect without --outcomes"),
        (["--audience", "a.csv", "--at", "2024"], "--at has no effect without --outcomes"),
    ],
)
def test_options_that_do_not_fit_are_refused(words, said, tmp_path):
    assert said in fail("evaluate", "bias", "-o", tmp_path / "run", "--facet", "sex", *words)


def test_groups_of_series_are_compared(tmp_path):
    real = simulate_series(num_series=8, length=40, seed=1).to_frame()
    real["region"] = real["item_id"].map(lambda name: "north" if name < "series-4" else "south")
    real.to_csv(tmp_path / "real.csv", index=False)
    words = ["--real", tmp_path / "real.csv", "--generated", tmp_path / "real.csv", "--seed", 1]
    shown = answer("evaluate", "bias", *words, "--facet", "region", "--read", "static=region",
                   "-o", tmp_path / "run")  # fmt: skip
    assert "representation" in {row["metric"] for row in shown["table"]}
