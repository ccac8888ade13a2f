"""`tsgen batch sample`, `forecast`, `impute`: series in partitions from the command line."""

import pandas as pd

import tsgen
from command_line import TINY, succeed

ONE = ["--jobs", 1]


def test_series_are_drawn_forecast_and_filled(tmp_path):
    series = tsgen.load_sample().subset(range(3)).to_frame().groupby("item_id").tail(60)
    series.to_parquet(tmp_path / "load.parquet")
    load = tmp_path / "load.parquet"
    succeed("train", "psa-gan", load, "-o", tmp_path / "m", "--seed", 1, *TINY)
    requests = pd.DataFrame({"item_id": series["item_id"].unique(), "number": 2})
    requests.to_parquet(tmp_path / "requests.parquet")
    words = ["-o", tmp_path / "drawn.parquet", "--seed", 4]
    succeed("batch", "sample", tmp_path / "m", tmp_path / "requests.parquet", *words, *ONE)
    assert pd.read_parquet(tmp_path / "drawn.parquet")["item_id"].nunique() == 6
    tiny = ["--set", "prediction_length=8", "--set", "num_steps=2", "--set", "batch_size=2"]
    succeed("train", "psa-gan-c", load, "-o", tmp_path / "n", "--seed", 1, *tiny)
    words = ["-o", tmp_path / "next.csv", "-n", 4, "--seed", 2]
    succeed("batch", "forecast", tmp_path / "n", load, *words, *ONE)
    assert len(pd.read_csv(tmp_path / "next.csv")) == 3 * 8
    succeed("batch", "impute", tmp_path / "n", load, "-o", tmp_path / "filled.csv", *ONE)
    assert pd.read_csv(tmp_path / "filled.csv")["target"].notna().all()
