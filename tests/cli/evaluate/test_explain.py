"""`tsgen explain`: the best of a model's list, users by name, and forecasts of saved predictors."""

import pytest
from gluonts.model.seasonal_naive import SeasonalNaivePredictor

from command_line import answer, fail, run
from tsgen.data import simulate_series


def test_the_best_of_a_list_are_explained(shop, tmp_path):
    words = ["explain", "scores", shop / "model", "--item", "tea", "--age", "7D"]
    shown = answer(*words, "--size", 5, "-o", tmp_path / "run")
    assert {row["player"] for row in shown["table"]} >= {"the item itself", "the last 7D"}
    page = (tmp_path / "run" / "page.html").read_text()
    assert page.count("listed because of") == 5
    one = answer(*words, "--user", "7", "-o", tmp_path / "one")
    assert one["table"][0]["n"] == 1
    again = run("drift", tmp_path / "run", tmp_path / "run", "-o", tmp_path / "drift")
    assert again.exit_code == 0, again.output


@pytest.fixture
def predictor(tmp_path):
    (tmp_path / "saved").mkdir()
    SeasonalNaivePredictor(prediction_length=2, season_length=2).serialize(tmp_path / "saved")
    simulate_series(num_series=2, length=30, freq="h", seed=1).to_frame().to_csv(
        tmp_path / "load.csv", index=False
    )
    return tmp_path / "saved", tmp_path / "load.csv"


def test_a_forecast_is_explained_block_by_block(predictor, tmp_path):
    words = ["explain", "forecast", *predictor, "--trust", "--blocks", 3]
    words += ["--series", "series-1"]
    shown = answer(*words, "-o", tmp_path / "run")
    means = {row["player"]: row["value"] for row in shown["table"]
             if row["metric"] == "mean absolute"}  # fmt: skip
    assert list(means) == [
        "target, steps -30 to -5", "target, steps -4 to -3", "target, steps -2 to -1"
    ]  # fmt: skip
    assert means["target, steps -2 to -1"] > 0
    assert means["target, steps -30 to -5"] == 0
    assert "Step by step" in (tmp_path / "run" / "page.html").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--series", "series-9"], "There is no series 'series-9'"),
        (["--order", "backwards"], "--order backwards is unknown"),
        (["--quantile", 2], "a quantile between 0 and 1"),
    ],
)
def test_what_cannot_be_explained_says_why(predictor, tmp_path, words, said):
    asked = ["explain", "forecast", *predictor, "--trust", *words, "-o", tmp_path / "run"]
    assert said in fail(*asked)


def test_unknown_users_and_methods_are_named(shop, tmp_path):
    words = ["explain", "scores", shop / "model", "--item", "tea", "-o", tmp_path / "run"]
    assert "'99'" in fail(*words, "--user", 99)
    assert "--method kernel is unknown" in fail(*words, "--method", "kernel")


def test_predictors_of_others_are_trusted_by_name_only(predictor, tmp_path):
    asked = ["explain", "forecast", *predictor, "-o", tmp_path / "run"]
    assert "add --trust" in fail(*asked)
