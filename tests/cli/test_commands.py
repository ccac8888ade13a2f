"""The command line: the spellings it promises, what goes where, exit codes, one-sentence errors."""

import warnings

import numpy as np
import pandas as pd
import pytest

from command_line import TINY, answer, fail, run, succeed
from tsgen.errors import DataWarning, SettingsError


@pytest.fixture
def bad_table(tmp_path, place):
    def write(change, name="bad.csv"):
        frame = change(pd.read_csv(place / "load.csv"))
        frame.to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write


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


def test_a_corrupt_model_is_told(place, tmp_path):
    (tmp_path / "model").mkdir()
    for file in (place / "model").iterdir():
        (tmp_path / "model" / file.name).write_bytes(file.read_bytes()[:-1])
    assert "damaged" in fail("sample", tmp_path / "model", "-o", tmp_path / "s.csv")
    assert "not a tsgen model" in fail("sample", place, "-o", tmp_path / "s.csv")
    assert "There is no model" in fail("sample", tmp_path / "none", "-o", tmp_path / "s.csv")


def test_a_warning_is_said_once_a_command(place, tmp_path, monkeypatch):
    def sample(self, *_, **__):
        for _ in range(3):
            warnings.warn("one and the same", DataWarning, stacklevel=1)
        raise SettingsError("enough")

    monkeypatch.setattr("tsgen.psagan.PSAGANSynthesizer.sample", sample)
    told = run("sample", place / "model", "-o", tmp_path / "s.csv").stderr
    assert told.count("one and the same") == 1
