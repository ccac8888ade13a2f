"""The study's table: one row a factor, means, new values, forecasts; and its sentence."""

import numpy as np
import pytest

from tsgen.errors import SettingsError
from tsgen.evaluation import StudyResult, evaluate_factors
from tsgen.evaluation.factors import cells


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "forecast_errors", lambda training, test, seed: np.arange(9.0))
        return evaluate_factors(
            worlds=["shop"], splits=["random", "extrapolation"], makers=["truth", "mixing"],
            num_training=80, num_asked=40, seed=3, command="tsgen evaluate factors",
        )  # fmt: skip


def test_each_cell_has_its_factors_their_mean_and_a_forecast(result):
    table = result.table
    one = table[(table["split"] == "random") & (table["maker"] == "mixing")]
    factors = ["season", "store_class", "promotion"]
    assert one[one["metric"] == "R2"]["factor"].tolist() == [*factors, "mean"]
    assert (one["metric"] == "R2 of values never seen").sum() == 0
    beyond = table[(table["split"] == "extrapolation") & (table["maker"] == "mixing")]
    assert beyond[beyond["metric"] == "R2 of values never seen"]["factor"].tolist() == [
        *factors, "mean"
    ]  # fmt: skip
    scores = one[one["factor"].isin(factors)]["value"].clip(lower=0)
    where = {"split": "random", "maker": "mixing"}
    assert result.value("R2", factor="mean", **where) == pytest.approx(scores.mean())
    assert result.value("change of the forecast error", **where) == 0
    assert result.value("R2", factor="mean", split="random", maker="truth") > 0.99


def test_a_result_is_saved_with_a_few_windows_of_each_maker(result, tmp_path):
    result.save(tmp_path / "run")
    again = StudyResult.load(tmp_path / "run")
    assert again.arrays["shop.extrapolation.mixing"].shape == (3, 64)
    assert (again.table["factor"] == result.table["factor"]).all()
    assert again.facts["num_training"] == 80


def test_the_answer_names_the_first_maker_and_says_its_scores(result):
    mean = result.value("R2", factor="mean", split="random", maker="mixing")
    assert f"mixing gives their factors with R²: random {mean:.2f}" in result.answer
    assert "better on unseen combinations in 0 of 2 worlds and splits" in result.answer


def test_a_budget_that_is_no_time_is_refused_before_the_first_cell():
    with pytest.raises(SettingsError, match="budget"):
        evaluate_factors(worlds=["shop"], splits=["random"], makers=["truth"], budget="nan")
