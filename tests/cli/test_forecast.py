"""The command line of PSA-GAN-C: train, forecast, impute."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tsgen.cli.main import app
from tsgen.data import read_series, simulate_series
from tsgen.persistence import save_model_folder

TINY = ["--set", "prediction_length=12", "--set", "num_steps=4", "--set", "batch_size=2"]


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def answer(*words):
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a table that has a gap, and a model trained on it."""
    folder = tmp_path_factory.mktemp("forecast")
    frame = simulate_series(num_series=3, length=90, seed=1).to_frame().drop(index=range(40, 46))
    frame.to_csv(folder / "load.csv", index=False)
    words = ["train", "psa-gan-c", folder / "load.csv", "-o", folder / "model", "--seed", 1]
    assert answer(*words, *TINY)["num_series"] == 3
    return folder


def test_quantiles_follow_the_last_step(place):
    out = place / "forecasts.csv"
    words = ["forecast", place / "model", place / "load.csv", "-o", out, "-n", 20]
    facts = answer(*words, "--quantile", 0.1, "--quantile", 0.9)
    assert facts["num_series"] == 3
    table = pd.read_csv(out, parse_dates=["timestamp"])
    assert table.columns.tolist() == ["item_id", "timestamp", "mean", "0.1", "0.9"]
    assert len(table) == 3 * 12
    real = read_series(place / "load.csv").to_frame()
    for item_id, rows in table.groupby("item_id"):
        last = real.loc[real.item_id == item_id, "timestamp"].max()
        expected = pd.date_range(last, periods=13, freq="h")[1:]
        assert rows["timestamp"].tolist() == expected.tolist()
    assert (table["0.1"] < table["0.9"]).all()


def test_samples(place):
    out = place / "samples.parquet"
    answer("forecast", place / "model", place / "load.csv", "-o", out, "-n", 3, "--samples")
    table = pd.read_parquet(out)
    assert table.groupby(["item_id", "sample"])["target"].count().eq(12).all()
    assert table["sample"].nunique() == 3


def test_impute_fills_the_rows_that_were_missing(place):
    out = place / "completed.csv"
    facts = answer("impute", place / "model", place / "load.csv", "-o", out, "-n", 2)
    assert (facts["num_series"], facts["filled"]) == (6, 6)
    done = read_series(out)
    assert np.isfinite(done.values).all()
    assert done.lengths.tolist() == [90] * 6


def test_one_copy_may_have_the_median_of_the_draws(place):
    drawn, point = place / "drawn.csv", place / "median.csv"
    words = ["impute", place / "model", place / "load.csv", "--seed", 3, "--constraints", "none"]
    answer(*words, "-o", drawn, "-n", 19)
    answer(*words, "-o", point, "--median")
    expected = np.median(read_series(drawn).values.reshape(3, 19, 90), axis=1)
    assert np.allclose(read_series(point).values.reshape(3, 90), expected)
    refused = run(*words, "-o", place / "m.csv", "--median", "-n", 2)
    assert refused.exit_code != 0
    assert "--median gives one copy, --number 2 more" in refused.output


@pytest.mark.parametrize("verb", ["sample", "forecast"])
def test_a_model_of_another_kind_is_refused(place, verb, tmp_path):
    out = tmp_path / "x.csv"
    if verb == "sample":
        result = run("sample", place / "model", "-o", out)
        wanted = "this needs one of `tsgen train psa-gan`"
    else:
        save_model_folder(tmp_path / "model", "rim", {}, {})
        result = run("forecast", tmp_path / "model", place / "load.csv", "-o", out)
        wanted = "this needs one of `tsgen train psa-gan-c`"
    assert result.exit_code == 1
    assert wanted in result.stderr
    assert not out.exists()


def test_an_impossible_quantile(place, tmp_path):
    words = ["forecast", place / "model", place / "load.csv", "-o", tmp_path / "x.csv"]
    result = run(*words, "--quantile", 90)
    assert result.exit_code == 1
    assert "between 0 and 1" in result.stderr


def test_the_grain_is_given_back_unless_none_is_asked_for(place):
    counts = read_series(place / "load.csv").to_frame()
    counts["target"] = (counts["target"] - counts["target"].min()).round()
    counts["item_id"] = "new " + counts["item_id"]  # what the model knows, it has another grain for
    counts.to_csv(place / "counts.csv", index=False)
    words = ["-o", place / "grain.csv", "--overwrite", "--seed", 3]
    for verb, column, options in (
        ("impute", "target", []), ("forecast", "target", ["--samples", "-n", 2])
    ):  # fmt: skip
        shares = []
        for constraints in ("infer", "none"):
            answer(verb, place / "model", place / "counts.csv", *words, *options, "--constraints",
                   constraints)  # fmt: skip
            values = pd.read_csv(place / "grain.csv")[column].dropna()
            shares.append((values == values.round()).mean())
        assert shares[1] < shares[0] == 1
    refused = run("impute", place / "model", place / "counts.csv", *words, "--constraints", "int")
    assert refused.exit_code == 1
    assert "--constraints int is not possible; give infer or none." in refused.stderr
