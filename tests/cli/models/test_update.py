import json

import numpy as np
import pandas as pd

import tsgen
from command_line import run, succeed


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


def test_the_events_until_now_and_the_new_cut_off_may_be_given(shop, tmp_path):
    table = pd.read_csv(shop / "events.csv").sort_values("timestamp")
    table[100:].to_csv(tmp_path / "until_now.csv", index=False)
    week = table[:40].assign(timestamp=pd.date_range("2024-03-01", periods=40, freq="4h"))
    week.to_csv(tmp_path / "week.csv", index=False)
    words = ["update", shop / "model", tmp_path / "week.csv", "-o", tmp_path / "m", "--json"]
    succeed(*words, "--log", tmp_path / "until_now.csv", "--at", "2024-04-01")
    updated = tsgen.load(tmp_path / "m")
    assert updated.summary["num_events"] == 400 + 40  # without --log, the model's own 500
    assert updated.cutoff == pd.Timestamp("2024-04-01", tz="UTC")
