import json

import numpy as np
import pandas as pd
from typer.testing import CliRunner

import tsgen
from tsgen.cli.main import app


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_week_of_events_is_added_in_place(tmp_path):
    draw = np.random.default_rng(0)
    table = pd.DataFrame({
        "kunde": draw.integers(0, 30, 500), "item_id": draw.choice(["tea", "mug"], 500),
        "timestamp": pd.date_range("2024-01-01", periods=500, freq="3h"),
    })  # fmt: skip
    table[:450].to_csv(tmp_path / "old.csv", index=False)
    table[450:].assign(kunde=table["kunde"][450:] + 10).to_parquet(tmp_path / "week.parquet")
    whole = pd.concat([table[:450], pd.read_parquet(tmp_path / "week.parquet")])
    model = tmp_path / "m"
    result = run("train", "rim", tmp_path / "old.csv", "-o", model, "--seed", 1,
                 "--read", "user_id=kunde", "--set", "horizon=7D", "--set", "fading=3")  # fmt: skip
    assert result.exit_code == 0, result.output
    wanted = tsgen.load(model).audience("tea", size=9, events=whole)
    assert run("update", model, tmp_path / "week.parquet", "-o", model).exit_code == 1
    result = run("update", model, tmp_path / "week.parquet", "-o", model, "--overwrite", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert (facts["num_events"], facts["new_users"] > 0) == (500, True)
    pd.testing.assert_frame_equal(tsgen.load(model).audience("tea", size=9), wanted)
