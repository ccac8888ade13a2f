"""Outputs that a running verb has claimed."""

import contextlib
import shutil
from pathlib import Path

import pytest

from command_line import fail, held_elsewhere, succeed
from tsgen.cli.outputs import claim, free_output
from tsgen.cli.outputs.claims import Command, paths_given, running
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
    message = fail(
        "train", "psa-gan", place / "load.csv", "-o", tmp_path / "taken.csv", "--overwrite"
    )
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


def test_an_output_that_is_an_input_is_refused_even_with_overwrite(place, tmp_path):
    """A path's other spelling, the other output of a command, a file of --read: all the same."""
    model, table = shutil.copytree(place / "model", tmp_path / "m"), tmp_path / "load.csv"
    shutil.copy(place / "load.csv", table)
    before = contents(tmp_path)
    spelt = tmp_path / "m" / ".." / "m"
    assert f"{spelt} is given as MODEL and as --output" in fail(
        "sample", model, "-o", spelt, "--overwrite"
    )
    for words in (
        ["sample", model, "--like", table, "-o", table],
        ["augment", table, "--by", "mixing", "-o", table],
        ["train", "psa-gan", table, "--from", model, "-o", model],
        ["batch", "forecast", model, str(table), "-n", "1", "-o", str(table)],
        ["train", "rim", place / "load.csv", "--read", f"users={table}", "-o", table],
    ):
        assert "give the output a name of its own" in fail(*words, "--overwrite")
    assert contents(tmp_path) == before


def test_an_output_in_a_folder_that_tsgen_wrote_or_around_an_input_is_refused(place, tmp_path):
    model = shutil.copytree(place / "model", tmp_path / "m")
    before = contents(tmp_path)
    for output in (model / "s.csv", model / "deep" / "s.csv"):
        assert "would no longer be as tsgen wrote it" in fail("sample", model, "-o", output)
    listed = ["--like", model / "series.parquet"]
    words = ["sample", place / "model", *listed, "-o", model, "--overwrite"]
    assert "series.parquet (--like) lies in" in fail(*words)
    assert contents(tmp_path) == before
    succeed("sample", model, "-o", tmp_path / "s.csv")  # beside it is fine


def test_a_model_that_is_renewed_may_take_its_own_place_alone(place, tmp_path):
    model = shutil.copytree(place / "model", tmp_path / "m")
    words = ["forget", model, "-o", model, "--overwrite"]
    assert "--ids" in fail(*words, "--ids", model)
    succeed(*words, "--id", "series-1")


def test_paths_are_those_of_path_parameters_and_of_words_that_must_be_given():
    values = {
        "model": Path("m"),
        "runs": [Path("a"), Path("b")],
        "log": "l.csv",
        "title": "t",
        "read_as": ["users=u.csv", "timestamp=when"],
        "absent": None,
    }
    assert paths_given(values, {"read_as": "--read"}, ("log",)) == [
        ("MODEL", Path("m")),
        ("RUNS", Path("a")),
        ("RUNS", Path("b")),
        ("LOG", Path("l.csv")),
        ("--read", Path("u.csv")),
    ]


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_links_that_go_in_a_circle_are_for_the_reader_to_refuse(tmp_path):
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    words = ["train", "rim", tmp_path / "loop.csv", "--set", "horizon=7D", "-o", tmp_path / "out"]
    said = fail(*words)
    assert "loop.csv" in said
    assert "no sentence" not in said
