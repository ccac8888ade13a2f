"""`tsgen evaluate fidelity`: what is compared with what, and the run that comes of it."""

import pytest

import tsgen
from command_line import TINY, Recorder, answer, fail, recorded_scales, succeed
from study_results import fidelity_result
from tsgen.data import simulate_series


@pytest.mark.slow  # the arguments of every part are held above; the study by its own tests
def test_with_the_model_the_spread_of_its_draws_is_measured_too(tmp_path):
    table = simulate_series(num_series=2, length=300, seed=1).to_frame()
    table.to_csv(tmp_path / "real.csv", index=False)
    past = table[table["timestamp"] < "2024-01-11"]
    past.to_csv(tmp_path / "past.csv", index=False)
    succeed("train", "psa-gan", tmp_path / "past.csv", "-o", tmp_path / "model", *TINY)
    succeed("sample", tmp_path / "model", "-n", 64, "-o", tmp_path / "made.csv")
    words = ["evaluate", "fidelity", tmp_path / "real.csv", tmp_path / "made.csv", "--seed", "1"]
    words += ["--model", tmp_path / "model", "--num-windows", "40", "-o", tmp_path / "run"]
    rows = {row["metric"]: row for row in answer(*words)["table"]}
    assert rows["noise_spread"]["value"] > 0
    assert rows["noise_spread"]["floor"] == pytest.approx(1.0, abs=0.3)
    assert answer("inspect", tmp_path / "run")["is"] == "a run"
    assert "one answer for each time" in (tmp_path / "run" / "page.html").read_text()


def test_fidelity_takes_the_model_of_psa_gan_alone(place, shop, tmp_path):
    judge = ["evaluate", "fidelity", place / "load.csv", place / "load.csv", "-o", tmp_path / "r"]
    assert "holds a rim model" in fail(*judge, "--model", shop / "model")


@pytest.fixture
def judge(place, tmp_path, monkeypatch):
    """`evaluate fidelity` up to the library; what the library was asked."""
    asked = Recorder(fidelity_result())
    monkeypatch.setattr("tsgen.evaluation.evaluate_fidelity", asked)
    asked.runs = Recorder()
    monkeypatch.setattr("tsgen.cli.evaluate.runs.write_run", asked.runs)

    def run(*words):
        succeed("evaluate", "fidelity", place / "load.csv", place / "load.csv", "-o",
                tmp_path / "run", "--overwrite", *words)  # fmt: skip
        return asked

    return run


def test_every_option_reaches_the_study(judge, tmp_path):
    asked = judge("--train-until", "2024-01-02", "--target-length", 8, "--num-windows", 9,
                  "--draws", 3, "--seed", 4)  # fmt: skip
    real, synthetic = asked.args
    assert len(real) == len(synthetic) == 3
    options = dict(asked.kwargs)
    assert options.pop("command").startswith("tsgen")
    assert options == {
        "train_until": "2024-01-02", "target_length": 8, "num_windows": 9, "draws": 3,
        "seed": 4}  # fmt: skip
    assert asked.runs.args == (asked.answer, tmp_path / "run")
    assert asked.runs.kwargs == {"overwrite": True, "history": []}


def test_a_model_gives_its_length_its_history_and_the_end_of_its_training(
    judge, place, tmp_path, monkeypatch
):
    scales = recorded_scales(monkeypatch)
    asked = judge("--model", place / "model", "--noise-scale", 2, "--read", "static=shop")
    options = asked.kwargs
    assert "train_until" not in options
    assert options["target_length"] == 8
    assert scales == [2]
    assert asked.args[0].lengths.sum() == 216
    assert options["test_dataset"] is None  # the data end where the training did
    history = tsgen.load(place / "model").history
    assert asked.runs.kwargs["history"] == history


def test_what_does_not_go_together_is_refused(place, tmp_path):
    words = ["evaluate", "fidelity", *[place / "load.csv"] * 2, "-o", tmp_path / "run"]
    both = ["--train-until", "2024-01-02", "--model", place / "model"]
    assert "either --train-until or --model" in fail(*words, *both)
    assert "--noise-scale is a property of the draws of --model" in fail(*words, "--noise-scale", 2)
