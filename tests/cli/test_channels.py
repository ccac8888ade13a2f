"""The command line with several channels: a table of columns, and a panel."""

import importlib
import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tsgen.cli.main import app
from tsgen.data import read_series, simulate_series
from tsgen.evaluation import WINDOW_MEASURES

TINY = ["--set", "target_length=8", "--set", "num_steps=4", "--set", "batch_size=4"]
TINY += ["--seed", "1", "--set", "channels=[4]"]


def run(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A table of columns, one of a panel, and a model of each."""
    place = tmp_path_factory.mktemp("channels")
    long = simulate_series(6, 90, seed=2).to_frame()
    long.to_csv(place / "long.csv", index=False)
    wide = long.rename(columns={"target": "load"}).assign(price=lambda t: t["load"] * 2 + 1)
    wide.to_csv(place / "wide.csv", index=False)
    columns = ["--target", "load", "--target", "price"]
    told = run("train", "psa-gan", place / "wide.csv", "-o", place / "wide", *columns, *TINY)
    assert "6 series, 2 channels (load, price), 540 steps, freq 'h'" in told.stderr
    run("train", "psa-gan", place / "long.csv", "-o", place / "panel", "--panel", *TINY)
    return place


def test_samples_have_a_column_for_each_channel(place):
    run("sample", place / "wide", "-n", 3, "-o", place / "s.csv", "--seed", 2, "--overwrite")
    table = pd.read_csv(place / "s.csv")
    assert list(table) == ["item_id", "timestamp", "load", "price", "source_item_id"]
    like = ["--like", place / "wide.csv", "--length", "like"]
    run("sample", place / "wide", *like, "-o", place / "l.parquet", "--overwrite")
    assert read_series(place / "l.parquet", target=["load", "price"]).lengths.tolist() == [90] * 6


def test_augment_reads_the_columns_that_the_model_knows(place):
    told = run(
        "augment", place / "wide.csv", place / "wide", "--ratio", 0.5, "-o", place / "both",
        "--overwrite", "--json",
    )  # fmt: skip
    assert json.loads(told.stdout)["synthetic"] == 3
    both = read_series(place / "both")
    assert both.channels == ("load", "price")
    assert both.synthetic.sum() == 3


def test_a_panel_is_one_entry_of_all_its_series(place):
    out = place / "p.parquet"
    run("sample", place / "panel", "-n", 2, "-o", out, "--overwrite")
    table = pd.read_parquet(out)
    assert [f"series-{i}" for i in range(6)] == list(table)[2:8]
    assert table["item_id"].unique().tolist() == ["synthetic/panel/0", "synthetic/panel/1"]
    run("augment", place / "long.csv", place / "panel", "--panel", "-o", out, "--overwrite")
    assert np.isfinite(pd.read_parquet(out)["series-5"]).all()


def test_inspect_says_which_channels(place):
    model = json.loads(run("inspect", place / "wide", "--json").stdout)
    assert model["channels"] == ["load", "price"]
    asked = ["--target", "load", "--target", "price", "--json"]
    assert json.loads(run("inspect", place / "wide.csv", *asked).stdout)["num_series"] == 6
    panel = json.loads(run("inspect", place / "long.csv", "--panel", "--json").stdout)
    assert len(panel["channels"]) == 6


def test_fidelity_of_channels_has_the_measure_of_cross_correlations(place, monkeypatch):
    study = importlib.import_module("tsgen.evaluation.fidelity.study")
    monkeypatch.setattr(study, "encoder_for", lambda *_: None)  # it takes long to train
    cheap = [measure for measure in WINDOW_MEASURES if "judge" not in measure.needs]
    monkeypatch.setattr("tsgen.evaluation.fidelity.draws.WINDOW_MEASURES", cheap)
    run("sample", place / "wide", "-n", 40, "-o", place / "f.csv", "--seed", 2, "--overwrite")
    told = run(
        "evaluate", "fidelity", place / "wide.csv", place / "f.csv", "-o", place / "run",
        "--target", "load", "--target", "price", "--train-until", "2024-01-03",
        "--num-windows", 30, "--seed", 1, "--overwrite", "--json",
    )  # fmt: skip
    names = [row["metric"] for row in json.loads(told.stdout)["table"]]
    assert "cross_correlation_distance" in names
    assert (place / "run" / "page.html").exists()


CONTEXT = ["--set", "prediction_length=8", "--set", "num_steps=4", "--set", "batch_size=2"]


@pytest.fixture(scope="module")
def gappy(place):
    """The first four series of the panel with a gap of all and one of a single series."""
    long = pd.read_csv(place / "long.csv", parse_dates=["timestamp"])
    long = long[long["item_id"].isin(long["item_id"].unique()[:4])]
    step = long.groupby("item_id").cumcount()
    gap = step.between(30, 34) | (step.between(50, 59) & long["item_id"].eq(long["item_id"][0]))
    long.assign(target=long["target"].mask(gap)).to_csv(place / "gappy.csv", index=False)
    wide = pd.read_csv(place / "wide.csv").query("item_id == 'series-0'")
    wide.assign(price=wide["price"].mask(wide.index % 9 == 4)).to_csv(place / "g.csv", index=False)
    train = ["train", "psa-gan-c", *CONTEXT, "--seed", 1]
    told = run(*train, place / "gappy.csv", "-o", place / "rooms", "--panel")
    assert "1 series, 4 channels (series-0, series-1" in told.stderr
    run(*train, place / "g.csv", "-o", place / "two", "--target", "load", "--target", "price")
    return place


def test_gaps_of_several_channels_are_filled_together(gappy):
    words = ["impute", gappy / "rooms", gappy / "gappy.csv", "-o", gappy / "full.csv"]
    told = run(*words, "--panel", "-n", 2, "--seed", 1, "--json")
    assert json.loads(told.stdout) == {
        "output": str(gappy / "full.csv"), "num_series": 2, "filled": 30, "seed": 1}  # fmt: skip
    full = pd.read_csv(gappy / "full.csv")
    assert len(full) == 2 * 90
    assert full.notna().all(axis=None)
    words = ["impute", gappy / "two", gappy / "g.csv", "-o", gappy / "full2.csv", "--seed", 1]
    assert json.loads(run(*words, "--json").stdout)["filled"] == 10
    assert pd.read_csv(gappy / "full2.csv")["price"].notna().all()


def test_channels_are_forecast_from_a_panel(gappy):
    words = ["forecast", gappy / "rooms", gappy / "gappy.csv", "--panel", "-o", gappy / "next.csv"]
    run(*words, "-n", 5, "--seed", 1)
    table = pd.read_csv(gappy / "next.csv")
    assert table["item_id"].unique().tolist() == [f"panel/series-{k}" for k in range(4)]


def test_a_table_of_a_panel_without_the_flag_is_told_of_it(gappy):
    words = ["impute", gappy / "rooms", gappy / "gappy.csv", "-o", gappy / "no.csv"]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 1
    assert "read with --panel" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--panel", "--target", "load", "--target", "price"], "not both"),
        (["--target", "load", "--target", "cost"], "no column 'cost'"),
    ],
    ids=["both", "unknown"],
)
def test_what_cannot_be_is_refused_in_one_sentence(place, words, message):
    done = CliRunner().invoke(
        app, ["train", "psa-gan", str(place / "wide.csv"), "-o", str(place / "no"), *words]
    )
    assert done.exit_code == 1
    assert message in done.stderr
