"""`tsgen evaluate share`: its options reach the study, the cost is said first."""

import json

import pytest

from command_line import Recorder, succeed
from tsgen.curation import SynthesizerTraining, Transform
from tsgen.data import simulate_series, write_series
from tsgen.evaluation import Forecaster, evaluate_share


def test_options_reach_the_study_and_a_run_is_made(tmp_path, monkeypatch):
    real = simulate_series(num_series=8, length=80, seed=1)
    write_series(real, tmp_path / "load.csv")
    linear = {"linear": Forecaster(estimator="reference_linear")}
    result = evaluate_share(real, 6, "jitter", forecasters=linear, num_references=2, seed=1,
                            fidelity=False)  # fmt: skip
    asked = Recorder(result)
    monkeypatch.setattr("tsgen.evaluation.evaluate_share", asked)
    words = ["evaluate", "share", tmp_path / "load.csv", "--prediction-length", "6"]
    done = succeed(*words, "--synthesizer", "jitter", "--set", "share=0.2", "--budget", "9s",
                   "--references", "4", "--window-length", "10", "--seed", "3",
                   "-o", tmp_path / "run")  # fmt: skip
    dataset, length, maker = asked.args
    assert (len(dataset), length) == (8, 6)
    assert maker == Transform("jitter", {"share": 0.2})
    assert asked.kwargs["budget"] == "9s"
    assert (asked.kwargs["num_references"], asked.kwargs["window_length"]) == (4, 10)
    assert asked.kwargs["seed"] == 3
    assert "copy of the data" in done.stdout
    assert result.answer in done.stdout
    (row,) = result.table[result.table["part"] == "use"].to_dict("records")
    printed = next(line for line in done.stdout.splitlines() if line.split()[:1] == ["use"])
    value, low, high, _ = map(float, printed.split()[-4:])
    assert low <= value <= high
    assert low == pytest.approx(row["floor"] * (1 + row["low"]), rel=1e-2)
    assert (tmp_path / "run" / "page.html").is_file()
    assert asked.kwargs["cells"] == tmp_path / "run.cells"
    asked.kwargs["on_cost"]("so much")  # goes to stderr, not into the answer
    shown = json.loads(succeed(*words, "-o", tmp_path / "two", "--json").stdout)
    assert shown["verdict"] == result.facts["verdict"]
    assert isinstance(asked.args[2], SynthesizerTraining)
