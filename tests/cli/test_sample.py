"""`tsgen sample`: what is asked of the model, and what is written."""

import pandas as pd
import pytest

from command_line import Recorder, answer, fail, succeed
from tsgen.cli.sample import constraint_request
from tsgen.data import read_series, simulate_series


def test_overwrite_replaces(place, tmp_path):
    output = tmp_path / "s.parquet"
    succeed("sample", place / "model", "-o", output, "-n", "2", "--seed", "1")
    first = output.read_bytes()
    succeed("sample", place / "model", "-o", output, "-n", "3", "--seed", "1", "--overwrite")
    assert output.read_bytes() != first
    assert read_series(output).info is not None


def test_samples_are_a_long_table_that_names_sources(place, tmp_path):
    output = tmp_path / "samples.parquet"
    found = answer(
        "sample", place / "model", "-n", "5", "-o", output, "--length", "20", "--seed", "2"
    )
    assert found == {"output": str(output), "num_series": 5, "rows": 100, "seed": 2}
    table = pd.read_parquet(output)
    assert {"item_id", "timestamp", "target", "source_item_id", "shop"} <= set(table.columns)
    assert table["item_id"].nunique() == 5
    assert set(table["source_item_id"]) <= {"series-0", "series-1", "series-2"}
    again = tmp_path / "again.parquet"
    succeed("sample", place / "model", "-n", "5", "-o", again, "--length", "20", "--seed", "2")
    assert again.read_bytes() == output.read_bytes()


def test_a_folder_name_gives_a_gluonts_dataset(place, tmp_path):
    words = ["sample", place / "model", "-o", tmp_path / "samples", "--item", "series-1"]
    succeed(*words, "-n", "2", "--start", "2025-01-01", "--constraints", "infer")
    assert (tmp_path / "samples" / "metadata.json").is_file()
    drawn = read_series(tmp_path / "samples")
    assert [facts["source_item_id"] for facts in drawn.info] == ["series-1"] * 2
    assert str(drawn.timestamps(0)[0]) == "2025-01-01 00:00:00"


def test_samples_like_a_file(place, tmp_path):
    words = ["sample", place / "model", "-o", tmp_path / "s.csv", "--length", "like"]
    succeed(*words, "--like", place / "load.csv", "--seed", "1")
    assert read_series(tmp_path / "s.csv").lengths.tolist() == [72, 72, 72]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-n", "0"], "--number 0 is not possible"),
        (["--item", "series-9"], "not trained on the series 'series-9'. Did you mean"),
        (["--length", "long"], "--length long is not possible"),
        (["--length", "-3"], "--length -3 is not possible"),
        (["--length", "like"], "needs a dataset in like"),
        (["--start", "someday"], "--start someday is not a time"),
        (["--constraints", "whole"], "'whole' is not a constraint"),
        (["--like", "nowhere.csv"], "There is no file or folder nowhere.csv"),
    ],
)
def test_a_wrong_option_of_sample_is_one_sentence(place, tmp_path, words, message):
    assert message in fail("sample", place / "model", "-o", tmp_path / "s.csv", *words)
    assert not (tmp_path / "s.csv").exists()


def test_an_unknown_suffix_is_told(place, tmp_path):
    assert "unknown suffix" in fail("sample", place / "model", "-o", tmp_path / "s.xlsx")


def test_a_noise_scale_makes_draws_differ_more_and_needs_a_model(place, tmp_path):
    spreads = []
    for scale in ("0.1", "3"):
        words = ["sample", place / "model", "-n", 30, "--item", "series-0", "--seed", 1]
        words += ["--start", "2024-01-02", "-o", tmp_path / "made.csv", "--overwrite"]
        succeed(*words, "--noise-scale", scale)
        made = pd.read_csv(tmp_path / "made.csv")["target"].to_numpy()
        spreads.append(made.reshape(30, -1).std(axis=0).mean())
    assert 3 * spreads[0] < spreads[1]
    judge = [
        "evaluate",
        "fidelity",
        place / "load.csv",
        tmp_path / "made.csv",
        "-o",
        tmp_path / "r",
    ]
    assert "--model; give both" in fail(*judge, "--noise-scale", "2")


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (None, "infer"),
        ([], "infer"),
        (["infer"], "infer"),
        (["none"], None),
        (["integer", "non-negative"], ["integer", "non-negative"]),
    ],
    ids=str,
)
def test_constraints_as_the_library_takes_them(names, asked):
    assert constraint_request(names) == asked


def test_every_option_reaches_the_model(place, tmp_path, monkeypatch):
    sample = Recorder(simulate_series(num_series=2, length=8, seed=1))
    monkeypatch.setattr("tsgen.psagan.PSAGANSynthesizer.sample", sample)
    words = ["sample", place / "model", "-o", tmp_path / "s.csv", "-n", 5, "--seed", 9]
    words += ["--start", "2025-01-01", "--missing", "model", "--constraints", "none"]
    found = answer(*words, "--item", "series-1", "--item", "series-0", "--length", "30")
    assert found == {"output": str(tmp_path / "s.csv"), "num_series": 2, "rows": 16, "seed": 9}
    assert sample.args == (5,)
    assert sample.kwargs == {
        "items": ["series-1", "series-0"],
        "like": None,
        "static": None,
        "dynamic": None,
        "start": "2025-01-01",
        "length": 30,
        "constraints": None,
        "missing": "model",
        "seed": 9,
    }
    succeed(*words, "--overwrite", "--like", place / "load.csv", "--length", "like",
            "--read", "static=shop")  # fmt: skip
    assert sample.kwargs["like"].static_names == ("shop",)
    assert (sample.kwargs["length"], sample.kwargs["items"]) == ("like", None)


def test_options_about_reading_need_something_to_read(place, tmp_path):
    words = ["sample", place / "model", "-o", tmp_path / "s.csv"]
    assert "--read has no effect without --like" in fail(*words, "--read", "freq=h")
    assert "--panel has no effect without --like" in fail(*words, "--panel")


def test_texts_that_a_spreadsheet_would_run_are_kept_from_it(place, tmp_path):
    table = pd.read_csv(place / "load.csv").assign(item_id="=1+1")
    table.iloc[:72].to_csv(tmp_path / "like.csv", index=False)
    words = ["sample", place / "model", "--like", tmp_path / "like.csv", "-o", tmp_path / "s.csv"]
    succeed(*words, "--spreadsheet-safe")
    assert pd.read_csv(tmp_path / "s.csv")["source_item_id"].unique().tolist() == ["'=1+1"]


def test_tables_are_written_as_clients_read_them(place, tmp_path):
    words = ["sample", place / "model", "-n", "2", "--seed", "1", "-o"]
    succeed(*words, tmp_path / "n.csv", "--layout", "nixtla")
    assert list(pd.read_csv(tmp_path / "n.csv")) == ["unique_id", "ds", "y"]
    succeed(*words, tmp_path / "w.parquet", "--layout", "wide")
    assert next(iter(pd.read_parquet(tmp_path / "w.parquet"))) == "timestamp"
    assert "mean 'nixtla'" in fail(*words, tmp_path / "x.csv", "--layout", "nixla")
    assert "would be a GluonTS folder" in fail(*words, tmp_path / "folder", "--layout", "wide")
