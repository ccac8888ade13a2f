"""Features and kinds of series on the command line."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tsgen.cli.features import changes_of, choices_of, statics_of
from tsgen.cli.main import app
from tsgen.errors import DataError, SettingsError

TINY = ["--set", "target_length=8", "--set", "num_steps=4", "--set", "batch_size=4"]
TINY += ["--set", "channels=[4]", "--seed", "1"]


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result


def test_texts_are_pairs_or_a_table(tmp_path):
    assert changes_of(["promo=1", "kind=x"]) == {"promo": 1.0, "kind": "x"}
    assert statics_of(["store=B"]) == {"store": "B"}
    assert changes_of(None) is None
    assert choices_of(["freq=D"], ["a"], ["b"]) == ["freq=D", "dynamic=a", "past_dynamic=b"]
    pd.DataFrame({"timestamp": ["2024"], "promo": [1.0]}).to_csv(tmp_path / "t.csv", index=False)
    assert changes_of([str(tmp_path / "t.csv")])["promo"].tolist() == [1.0]
    row = ["007", "2024-01-01", "NA"]
    table = pd.DataFrame([row], columns=["item_id", "timestamp", "kind"])
    table.to_csv(tmp_path / "t.csv", index=False, sep=";")
    table.to_parquet(tmp_path / "t.pq")
    for name in ("t.csv", "t.pq"):
        assert changes_of([str(tmp_path / name)]).iloc[0].tolist() == row
    (tmp_path / "t.csv").write_text("")
    with pytest.raises(DataError, match=r"t\.csv"):
        changes_of([str(tmp_path / "t.csv")])
    with pytest.raises(SettingsError, match="is given twice"):
        statics_of(["store=A", "store=B"])
    with pytest.raises(SettingsError, match="is not NAME=VALUE"):
        changes_of(["promo"])


def test_a_table_with_features_is_trained_on_and_samples_follow(tmp_path):
    random = np.random.default_rng(0)
    days = pd.date_range("2024", periods=40, freq="D")
    table = pd.concat(
        pd.DataFrame({"item_id": f"s{i}", "timestamp": days, "store": "AB"[i % 2],
                      "promo": random.integers(0, 2, 40), "target": random.normal(size=40)})
        for i in range(4)
    )  # fmt: skip
    table.to_csv(tmp_path / "t.csv", index=False)
    read = ["--dynamic", "promo", "--read", "static=store"]
    told = run("train", "psa-gan", tmp_path / "t.csv", "-o", tmp_path / "m", *read, *TINY)
    assert "features promo" in told.stderr
    kind = ["--static", "store=B", "--dynamic", "promo=1"]
    run("sample", tmp_path / "m", "-n", 5, *kind, "-o", tmp_path / "s.csv")
    drawn = pd.read_csv(tmp_path / "s.csv")
    assert set(drawn["source_item_id"]) <= {"s1", "s3"}
    assert set(drawn["promo"]) == {1.0}
    run("augment", tmp_path / "t.csv", tmp_path / "m", "--ratio", 0.5, "-o", tmp_path / "a.csv",
        "--read", "static=store")  # fmt: skip
    assert pd.read_csv(tmp_path / "a.csv")["promo"].notna().all()
    told = run("sample", tmp_path / "m", "--static", "store=C", "-o", tmp_path / "n.csv", code=1)
    assert "not trained on store='C'" in told.stderr
