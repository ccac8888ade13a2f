"""Outputs that a running verb has claimed."""

import contextlib

import pytest

from command_line import fail, held_elsewhere
from tsgen.cli.outputs import claim, free_output
from tsgen.cli.outputs.claims import Command, running
from tsgen.errors import OutputError


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


@pytest.fixture
def command():
    with contextlib.ExitStack() as claims:
        token = running.set(Command(claims))
        yield running.get()
        running.reset(token)


def test_what_was_put_at_an_output_is_named(command, tmp_path):
    (tmp_path / "old.csv").write_text("old")
    for name in ("a.csv", "b", "old.csv"):
        claim(tmp_path / name)
    assert command.written() == "nothing was written."
    (tmp_path / "a.csv").write_text("new")
    (tmp_path / "b").mkdir()
    assert command.written() == f"{tmp_path / 'a.csv'}, {tmp_path / 'b'} was written before."


def test_an_output_of_the_other_kind_is_refused_even_with_overwrite(command, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    free_output(tmp_path / "file", True, folder=False)
    free_output(tmp_path / "new", False, folder=True)
    with pytest.raises(OutputError, match="file is a file, the result a folder"):
        free_output(tmp_path / "file", True, folder=True)
    with pytest.raises(OutputError):
        free_output(tmp_path / "folder", True, folder=False)
    with pytest.raises(OutputError, match="exists already"):
        free_output(tmp_path / "file", False, folder=False)
    assert (tmp_path / "file").read_text() == "mine"


def test_places_without_a_name_are_left_to_those_who_refuse_them(command, tmp_path):
    from pathlib import Path

    for nameless in (Path("."), Path("..")):
        claim(nameless)
    assert command.before == {}


def test_an_output_that_another_run_writes_is_refused(command, tmp_path):
    with (
        held_elsewhere(tmp_path / "m"),
        pytest.raises(OutputError, match="is being written by another run"),
    ):
        free_output(tmp_path / "m", True, folder=True)


def test_an_error_names_the_outputs_that_were_written_before_it(command, tmp_path):
    for name in ("a.csv", "b.csv"):
        free_output(tmp_path / name, False, folder=False)
    assert command.beside() == ""
    (tmp_path / "a.csv").write_text("x")
    assert command.beside() == f" Written before, and whole: {tmp_path / 'a.csv'}."
