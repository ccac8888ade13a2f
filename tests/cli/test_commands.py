"""The command line: the spellings it promises, what goes where, exit codes, one-sentence errors."""

import json
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tsgen import __version__
from tsgen.cli.main import app
from tsgen.data import read_series, simulate_series
from tsgen.errors import DataWarning, SettingsError

TINY = ["--set", "target_length=8", "--set", "num_steps=6", "--set", "batch_size=4"]
TINY += ["--set", "channels=[4]"]


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def succeed(*words):
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result


def answer(*words):
    """Run with --json; stdout is one JSON value and nothing else."""

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(succeed(*words, "--json").stdout, parse_constant=refuse)


def fail(*words, code=1):
    """Run; nothing on stdout, one sentence without a traceback on stderr."""
    result = run(*words)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    if code == 1:
        lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1, result.stderr
        return lines[0]
    return result.stderr


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a table and a model trained on it."""
    folder = tmp_path_factory.mktemp("cli")
    frame = simulate_series(num_series=3, length=72, seed=1).to_frame()
    frame["shop"] = frame["item_id"].map({"series-0": "x", "series-1": "y", "series-2": "x"})
    frame.to_csv(folder / "load.csv", index=False)
    words = ["train", "psa-gan", folder / "load.csv", "-o", folder / "model", "--seed", "1", *TINY]
    succeed(*words, "--read", "static=shop")
    return folder


@pytest.fixture
def bad_table(tmp_path, place):
    def write(change, name="bad.csv"):
        frame = change(pd.read_csv(place / "load.csv"))
        frame.to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write


# ---- train --------------------------------------------------------------------------------------


def test_train_says_what_it_made(place, tmp_path):
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", "--seed", "3", *TINY]
    found = answer(*words)
    assert found["model"] == str(tmp_path / "m")
    assert (found["num_series"], found["seed"], sum(found["schedule"])) == (3, 3, 6)
    assert not (tmp_path / "m.checkpoint").exists()


def test_train_within_a_budget(place, tmp_path):
    at = TINY.index("num_steps=6")
    timed = TINY[: at - 1] + TINY[at + 1 :]
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", "--budget", "3s", *timed]
    assert sum(answer(*words)["schedule"]) > 6


def test_a_dry_run_prints_settings_that_config_takes(place, tmp_path):
    shown = succeed(
        "train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", *TINY, "--dry-run"
    )
    assert json.loads(shown.stdout)["target_length"] == 8
    assert not (tmp_path / "m").exists()
    (tmp_path / "settings.json").write_text(shown.stdout)
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", "--seed", "1"]
    succeed(*words, "--config", tmp_path / "settings.json", "--read", "static=shop")
    both = [(f / "weights.safetensors").read_bytes() for f in (place / "model", tmp_path / "m")]
    assert both[0] == both[1]


def test_set_goes_before_the_settings_file(place, tmp_path):
    (tmp_path / "s.toml").write_text('target_length = 16\npreset = "paper"\nloss = "hinge"\n')
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", "--dry-run"]
    shown = succeed(*words, "--config", tmp_path / "s.toml", "--set", "target_length=32")
    settings = json.loads(shown.stdout)
    assert (settings["target_length"], settings["preset"]) == (32, "paper")
    assert settings["loss"] == "hinge"


def test_fine_tuning_from_a_saved_model(place, tmp_path):
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", "--read", "static=shop"]
    found = answer(*words, "--from", place / "model", "--set", "num_steps=3")
    assert sum(found["schedule"]) == 3
    message = fail(*words[:-1], "static=shop", "--from", place / "model", "--set", "noise=false",
                   "--overwrite")  # fmt: skip
    assert "--from keeps the settings of its model; leave out noise" in message


def test_resume_with_nothing_to_resume_says_so(place, tmp_path):
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", *TINY, "--resume"]
    assert "There is nothing to resume" in succeed(*words).stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "target_lenght=8"], "no setting 'target_lenght'. Did you mean 'target_length'?"),
        (["--set", "target_length"], "has no '='"),
        (["--set", "target_length=100000"], "target_length=100000 is not possible"),
        (
            ["--set", "target_length=500", "--set", "num_steps=20"],
            "has 72 steps; target_length=500 needs at least that many",
        ),
        (["--budget", "soon"], "'soon' is not a time; write 90s, 10min or 1.5h"),
        (["--budget", "-5s"], "'-5s' is not a time"),
        (["--budget", "0s"], "budget=0.0 is not possible"),
        (["--seed", "-1"], "seed=-1 is not possible"),
        (["--device", "warp"], "device='warp' is not a device"),
        (["--devices", "0"], "devices=0 is not possible"),
        (["--read", "colour=red"], "--read colour=red is not understood"),
        (["--read", "tarjet=y"], "Did you mean 'target'?"),
        (["--read", "target=load"], "'load'"),
        (["--read", "freq=D"], "freq"),
        (["--read", "static=shops"], "Did you mean 'shop'?"),
        (["--set", "freq=D"], "The data have freq 'h', the settings say 'D'"),
        (["--config", "nowhere.toml"], "settings file nowhere.toml cannot be read"),
        (["--from", "nowhere"], "There is no model at nowhere"),
    ],
)
def test_a_wrong_option_of_train_is_one_sentence(place, tmp_path, words, message):
    base = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m"]
    small = TINY if "--from" not in words else []
    assert message in fail(*base, *small, *words)
    assert not (tmp_path / "m").exists()


def test_broken_settings_files_are_told(place, tmp_path):
    for name, text in (("a.toml", "x = "), ("b.json", "{"), ("c.json", "[1]")):
        (tmp_path / name).write_text(text)
        words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m"]
        assert name in fail(*words, "--config", tmp_path / name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.rename(columns={"target": "targte"}), "Did you mean 'targte'?"),
        (lambda t: t.drop(columns="item_id"), "item_id"),
        (lambda t: t.assign(target="text"), "text"),
        (lambda t: t.assign(timestamp="someday"), "someday"),
        (lambda t: t.iloc[:0], "bad.csv"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "on_duplicate"),
        (lambda t: t.assign(target=np.where(t.index == 5, np.inf, t["target"])), "infinit"),
    ],
)
def test_broken_data_are_one_sentence(bad_table, tmp_path, change, message):
    words = ["train", "psa-gan", bad_table(change), "-o", tmp_path / "m", *TINY]
    assert message in fail(*words)
    assert not (tmp_path / "m.checkpoint").exists()


@pytest.mark.parametrize(
    ("change", "spelling"),
    [
        (lambda t: t.rename(columns={"item_id": "meter"}), "--read item_id=..."),
        (lambda t: pd.concat([t, t[:1]]), "--read on_duplicate=..."),
        (lambda t: t.assign(timestamp=range(len(t))), "--read start=... --read freq=..."),
    ],
)
def test_advice_is_spelt_as_the_command_line_wants_it(place, tmp_path, change, spelling):
    change(pd.read_csv(place / "load.csv")).to_csv(tmp_path / "load.csv", index=False)
    error = fail("inspect", tmp_path / "load.csv")
    assert error.endswith(f"(Here: {spelling})")


def test_step_numbers_are_dated_on_request(place, tmp_path):
    table = pd.read_csv(place / "load.csv")
    table["timestamp"] = table.groupby("item_id").cumcount()
    table.to_csv(tmp_path / "steps.csv", index=False)
    dating = ["--read", "start=2024-02-01", "--read", "freq=h"]
    found = answer("inspect", tmp_path / "steps.csv", *dating)
    assert found["first"] == "2024-02-01 00:00:00"


def test_warnings_too_are_spelt_as_the_command_line_wants_them(tmp_path):
    stamps = ["2024-03-01T00:00:00+01:00", "2024-03-02T00:00:00+01:00", "2024-04-03T00:00:00+02:00"]
    table = pd.DataFrame({"user_id": ["a", "b", "a"], "item_id": "x", "timestamp": stamps})
    table.to_csv(tmp_path / "log.csv", index=False)
    words = ["train", "rim", tmp_path / "log.csv", "-o", tmp_path / "m", "--set", "horizon=9D"]
    told = succeed(*words).stderr
    assert "mixes the UTC offsets +01:00, +02:00" in told
    assert "(Here: --read timezone=...)" in told
    assert "mixes" not in succeed(*words, "--overwrite", "--read", "timezone=Europe/Berlin").stderr


def test_an_empty_or_absent_file_is_told(place, tmp_path):
    (tmp_path / "empty.csv").write_text("")
    words = ["-o", tmp_path / "m", *TINY]
    assert "empty" in fail("train", "psa-gan", tmp_path / "empty.csv", *words)
    message = fail("train", "psa-gan", place / "laod.csv", *words)
    assert "Did you mean 'load.csv'?" in message


# ---- outputs ------------------------------------------------------------------------------------


def test_an_existing_output_is_refused_before_any_work(place, tmp_path, monkeypatch):
    def work(*_, **__):
        raise AssertionError("work was begun")

    monkeypatch.setattr("tsgen.psagan.PSAGANEstimator.train", work)
    monkeypatch.setattr("tsgen.persistence.load", work)
    (tmp_path / "taken.csv").write_text("mine")
    outputs = {
        "model": ["train", "psa-gan", place / "load.csv", "-o", place / "model"],
        "sample": ["sample", place / "model", "-o", tmp_path / "taken.csv"],
        "augment": ["augment", place / "load.csv", place / "model", "-o", tmp_path / "taken.csv"],
        "run": ["evaluate", "fidelity", *[place / "load.csv"] * 2, "-o", place / "model"],
    }
    for words in outputs.values():
        assert "exists already" in fail(*words)
    message = fail("train", "psa-gan", place / "load.csv", "-o", place / "load.csv", "--overwrite")
    assert "is a file, the result a folder" in message
    message = fail("train", "psa-gan", place / "load.csv", "-o", place, "--overwrite")
    assert "does not overwrite" in message
    assert "no name of its own" in fail("train", "psa-gan", place / "load.csv", "-o", ".")
    assert (tmp_path / "taken.csv").read_text() == "mine"


def test_overwrite_replaces(place, tmp_path):
    output = tmp_path / "s.parquet"
    succeed("sample", place / "model", "-o", output, "-n", "2", "--seed", "1")
    first = output.read_bytes()
    succeed("sample", place / "model", "-o", output, "-n", "3", "--seed", "1", "--overwrite")
    assert output.read_bytes() != first
    assert read_series(output).info is not None


# ---- sample and augment -------------------------------------------------------------------------


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
        (["-n", "0"], "num_samples=0 is not possible"),
        (["--item", "series-9"], "not trained on the series 'series-9'. Did you mean"),
        (["--length", "long"], "length='long' is not possible"),
        (["--length", "-3"], "length='-3' is not possible"),
        (["--length", "like"], "needs a dataset in like"),
        (["--start", "someday"], "start='someday' is not a time"),
        (["--constraints", "whole"], "'whole' is not a constraint"),
        (["--like", "nowhere.csv"], "There is no file or folder nowhere.csv"),
    ],
)
def test_a_wrong_option_of_sample_is_one_sentence(place, tmp_path, words, message):
    assert message in fail("sample", place / "model", "-o", tmp_path / "s.csv", *words)
    assert not (tmp_path / "s.csv").exists()


def test_an_unknown_suffix_is_told(place, tmp_path):
    assert "unknown suffix" in fail("sample", place / "model", "-o", tmp_path / "s.xlsx")


def test_a_corrupt_model_is_told(place, tmp_path):
    (tmp_path / "model").mkdir()
    for file in (place / "model").iterdir():
        (tmp_path / "model" / file.name).write_bytes(file.read_bytes()[:-1])
    assert "damaged" in fail("sample", tmp_path / "model", "-o", tmp_path / "s.csv")
    assert "not a tsgen model" in fail("sample", place, "-o", tmp_path / "s.csv")
    assert "There is no model" in fail("sample", tmp_path / "none", "-o", tmp_path / "s.csv")


def test_augment_writes_real_and_synthetic(place, tmp_path):
    words = ["augment", place / "load.csv", place / "model", "-o", tmp_path / "both"]
    found = answer(*words, "--ratio", "0.67", "--seed", "4", "--read", "static=shop")
    assert (found["real"], found["synthetic"], found["seed"]) == (3, 2, 4)
    assert read_series(tmp_path / "both").synthetic.tolist() == [False] * 3 + [True] * 2
    table = ["augment", place / "load.csv", place / "model", "-o", tmp_path / "both.csv"]
    result = succeed(*table, "--length", "window")
    assert "warning: Each synthetic series is one window" in result.stderr
    assert "source_item_id" in pd.read_csv(tmp_path / "both.csv").columns
    assert "ratio=0.0 is not possible" in fail(*table, "--ratio", "0", "--overwrite")


# ---- evaluate and inspect -----------------------------------------------------------------------


def test_evaluate_fidelity_writes_a_run_with_a_page(place, tmp_path):
    simulate_series(num_series=6, length=200, seed=1).to_frame().to_csv(tmp_path / "real.csv")
    simulate_series(num_series=6, length=200, seed=2).to_frame().to_csv(tmp_path / "made.csv")
    words = ["evaluate", "fidelity", tmp_path / "real.csv", tmp_path / "made.csv"]
    words += ["-o", tmp_path / "run", "--target-length", "8", "--num-windows", "40", "--seed", "1"]
    found = answer(*words)
    assert found["run"] == str(tmp_path / "run")
    assert (tmp_path / "run" / "page.html").is_file()
    assert found["answer"]
    inspected = answer("inspect", tmp_path / "run")
    assert inspected["is"] == "a run"


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
    assert "one answer for each time" in (tmp_path / "run" / "page.html").read_text()


def test_a_budget_and_a_number_of_steps_are_one_too_many(place, tmp_path):
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", *TINY]
    assert "num_steps=6 and a budget of 60 s both say" in fail(*words, "--budget", "1min")


def test_the_version_is_told():
    assert succeed("--version").stdout == f"{__version__}\n"


def test_a_page_is_html_and_one_run_is_one(place, tmp_path):
    assert "give it the suffix .html" in fail("report", tmp_path, "-o", tmp_path / "page.pdf")


def test_a_warning_is_said_once_a_command(place, tmp_path, monkeypatch):
    def sample(self, *_, **__):
        for _ in range(3):
            warnings.warn("one and the same", DataWarning, stacklevel=1)
        raise SettingsError("enough")

    monkeypatch.setattr("tsgen.psagan.PSAGANSynthesizer.sample", sample)
    told = run("sample", place / "model", "-o", tmp_path / "s.csv").stderr
    assert told.count("one and the same") == 1


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


def test_fidelity_takes_the_model_of_psa_gan_alone(place, tmp_path):
    words = ["train", "psa-gan-c", place / "load.csv", "-o", tmp_path / "next", "--seed", "1"]
    words += ["--set", "prediction_length=8", "--set", "target_length=8", "--set", "num_steps=4"]
    succeed(*words)
    judge = ["evaluate", "fidelity", place / "load.csv", place / "load.csv", "-o", tmp_path / "r"]
    assert "holds a psa-gan-c model" in fail(*judge, "--model", tmp_path / "next")


def test_inspect_says_what_things_are(place, tmp_path):
    model = answer("inspect", place / "model")
    assert model["is"] == "a psa-gan model"
    assert (model["num_series"], model["freq"], model["seed"]) == (3, "h", 1)
    assert model["settings"]["target_length"] == 8
    data = answer("inspect", place / "load.csv")
    assert (data["is"], data["num_series"], data["rows"]) == ("a dataset of series", 3, 216)
    assert "There is nothing at" in fail("inspect", tmp_path / "nowhere")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.json").write_text("{")
    assert "not a tsgen model" in fail("inspect", tmp_path / "broken")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "state.pt").write_bytes(b"")
    assert "checkpoint" in answer("inspect", tmp_path / "kept")["is"]
    (tmp_path / "kept" / "history.jsonl").write_text('{"step": 25}\n{"ste')
    assert answer("inspect", tmp_path / "kept")["last row"] == {"step": 25}


# ---- usage --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["train", "psa-gan"],
        ["train", "psa-gan", "data.csv"],
        ["train", "rim-gan", "data.csv", "-o", "m"],
        ["sample", "model", "-o", "s.csv", "-n", "many"],
        ["sample", "model", "-o", "s.csv", "--colour", "red"],
        ["paint"],
    ],
)
def test_wrong_usage_ends_with_2(words):
    fail(*words, code=2)


def test_help_shows_the_verbs():
    text = succeed("--help").stdout
    for verb in ("train", "sample", "augment", "evaluate", "inspect"):
        assert verb in text


def test_as_a_process_results_are_on_stdout_and_the_rest_on_stderr(place, tmp_path):
    words = [sys.executable, "-m", "tsgen", "train", "psa-gan", str(place / "load.csv")]
    words += ["-o", str(tmp_path / "m"), "--seed", "1", *TINY, "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["seed"] == 1
    assert done.stderr.splitlines() == [f"{place / 'load.csv'}: 3 series, 216 steps, freq 'h'"]
    again = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.startswith("error: ")
    assert again.stderr.count("\n") == 1
    assert __version__
