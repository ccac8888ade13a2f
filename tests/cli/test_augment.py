"""`tsgen augment`: by a model, by an operation, or by a saved choice."""

import json

import pandas as pd
import pytest

from command_line import Recorder, answer, fail, recorded_scales, run, succeed
from tsgen.curation import Transform
from tsgen.data import read_series, simulate_series, write_series


def test_augment_writes_real_and_synthetic(place, tmp_path):
    words = ["augment", place / "load.csv", place / "model", "-o", tmp_path / "both"]
    found = answer(*words, "--ratio", "0.67", "--seed", "4", "--read", "static=shop")
    assert (found["real"], found["synthetic"], found["seed"]) == (3, 2, 4)
    assert read_series(tmp_path / "both").synthetic.tolist() == [False] * 3 + [True] * 2
    table = ["augment", place / "load.csv", place / "model", "-o", tmp_path / "both.csv"]
    result = succeed(*table, "--length", "window")
    assert "warning: Each synthetic series is one window" in result.stderr
    assert "source_item_id" in pd.read_csv(tmp_path / "both.csv").columns
    assert "--ratio 0.0 is not possible" in fail(*table, "--ratio", "0", "--overwrite")


def test_an_operation_adds_its_series(tmp_path):
    write_series(simulate_series(num_series=6, length=30, seed=1), tmp_path / "load.csv")
    output = tmp_path / "out.csv"
    done = run("augment", tmp_path / "load.csv", "--by", "mixing", "--ratio", "0.5", "-o", output,
               "--seed", "1", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "output": str(output), "real": 6, "synthetic": 3, "seed": 1}  # fmt: skip


def test_every_option_reaches_the_model(place, tmp_path, monkeypatch):
    scales = recorded_scales(monkeypatch)
    augment = Recorder(simulate_series(num_series=2, length=8, seed=1))
    monkeypatch.setattr("tsgen.psagan.augment", augment)
    words = ["augment", place / "load.csv", place / "model", "-o", tmp_path / "a.csv"]
    words += ["--ratio", "0.25", "--length", "window", "--constraints", "integer", "--missing",
              "none", "--seed", 3, "--noise-scale", 2, "--read", "static=shop"]  # fmt: skip
    succeed(*words)
    (dataset, model, ratio), options = augment.args, augment.kwargs
    assert dataset.static_names == ("shop",)
    assert model.table.item_ids == ("series-0", "series-1", "series-2")
    assert scales == [2]
    assert ratio == 0.25
    assert options == {
        "length": "window", "constraints": ["integer"], "missing": "none", "seed": 3}  # fmt: skip


def test_a_saved_choice_is_used_again_with_the_seed(place, tmp_path, monkeypatch):
    class Choice:
        augment = Recorder(Transform("jitter")(read_series(place / "load.csv"), 1.0, seed=1))

    monkeypatch.setattr("tsgen.cli.augment.load_model", load := Recorder(Choice()))
    words = ["augment", place / "load.csv", "--use", tmp_path / "choice", "-o", tmp_path / "a.csv"]
    assert answer(*words, "--seed", 5)["synthetic"] == 3
    assert load.args == (tmp_path / "choice", "augmentation-choice", "cpu")
    assert Choice.augment.kwargs == {"seed": 5}
    assert len(Choice.augment.args[0]) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--by", "mixing", "--auto"], "Give one of MODEL, --by, --auto and --use"),
        (["--by", "mixing", "--use", "choice"], "Give one of MODEL, --by, --auto and --use"),
        (["--by", "mixing", "--length", "window"], "--length has no effect without MODEL"),
        (["--by", "mixing", "--constraints", "none"], "--constraints has no effect without MODEL"),
        (["--by", "mixing", "--missing", "none"], "--missing has no effect without MODEL"),
        (["--by", "mixing", "--noise-scale", "2"], "--noise-scale has no effect without MODEL"),
        (["--auto", "--panel"], "--panel has no effect without MODEL"),
        (["--use", "choice", "--device", "cpu"], "--device has no effect without MODEL"),
        (["--by", "mixing", "--candidate", "jitter"], "--candidate has no effect without --auto"),
        (["--by", "mixing", "--budget", "9s"], "--budget has no effect without --auto"),
        (["--by", "mixing", "--run", "r"], "--run has no effect without --auto"),
        (["--use", "choice", "--save", "s"], "--save has no effect without --auto"),
        (["--use", "choice", "--ratio", "2"], "--ratio has no effect with --auto and --use"),
        (["--auto", "--ratio", "2"], "--ratio has no effect with --auto"),
        (["--by", "psa-gan"], "'psa-gan' has to be trained: `tsgen train psa-gan`"),
    ],
)
def test_what_does_not_go_together_is_refused(place, tmp_path, words, message):
    assert message in fail("augment", place / "load.csv", "-o", tmp_path / "a.csv", *words)
