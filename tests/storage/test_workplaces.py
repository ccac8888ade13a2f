"""Hidden folders in which results are made: removed at the end, and swept after killed runs."""

import os
import signal
import tempfile

import pytest

from tsgen.errors import TsgenWarning
from tsgen.storage import locked, older_content, sweep
from tsgen.storage.workplaces import PREVIOUS, workplace


def left_behind(folder, output="out", *content):
    """Leave what a killed run leaves."""
    place = folder / f".{output}.tsgen-abcd1234"
    place.mkdir()
    for name in content:
        (place / name).mkdir()
        (place / name / "file").write_text(name)
    return place


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_workplace_lies_hidden_beside_the_output_and_goes_even_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), workplace(tmp_path / "out") as place:  # noqa: PT012
        assert place.parent == tmp_path
        assert place.name.startswith(".out.tsgen-")
        (place / "deep").mkdir()
        _ = 1 / 0
    assert names(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_a_workplace_is_made_leaves_none(tmp_path, monkeypatch, number):
    make = tempfile.mkdtemp

    def interrupted(**options):
        place = make(**options)
        os.kill(os.getpid(), number)
        for _ in range(1000):  # signals are handled between any two of these
            pass
        return place

    monkeypatch.setattr(tempfile, "mkdtemp", interrupted)
    with pytest.raises(KeyboardInterrupt), workplace(tmp_path / "out"):
        pass
    assert names(tmp_path) == []


def test_a_workplace_of_a_killed_run_is_recognised_by_its_own_name(tmp_path):
    with workplace(tmp_path / "out") as place:
        (place / PREVIOUS).mkdir()
        assert older_content(tmp_path / "out") == place / PREVIOUS
        assert older_content(tmp_path / "other") is None


def test_what_is_half_made_is_removed_and_what_is_there_stays(tmp_path):
    left_behind(tmp_path, "out", "out")
    (tmp_path / "out").mkdir()
    sweep(tmp_path)
    assert names(tmp_path) == ["out"]


def test_what_stepped_aside_comes_back_and_is_told(tmp_path):
    left_behind(tmp_path, "out", "out", PREVIOUS)
    with pytest.warns(TsgenWarning, match="out is back: a run was killed while it replaced it"):
        sweep(tmp_path)
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "file").read_text() == PREVIOUS


def test_an_older_folder_does_not_replace_one_that_is_there(tmp_path):
    left_behind(tmp_path, "out", PREVIOUS)
    (tmp_path / "out").mkdir()
    sweep(tmp_path)
    assert names(tmp_path / "out") == []


def test_a_folder_with_anything_else_in_it_is_not_ours(tmp_path):
    left_behind(tmp_path, "out", "out", "thesis")
    sweep(tmp_path)
    assert names(tmp_path) == [".out.tsgen-abcd1234"]
    assert older_content(tmp_path / "out") is None


def test_an_output_that_is_being_made_in_this_process_keeps_its_workplace(tmp_path):
    place = left_behind(tmp_path)
    with locked(tmp_path / "out"):
        sweep(tmp_path)
        assert place.exists()
        sweep(tmp_path, mine=tmp_path / "other")
        assert place.exists()
        sweep(tmp_path, mine=tmp_path / "out")
        assert not place.exists()


def test_a_folder_that_is_absent_has_nothing_to_sweep(tmp_path):
    sweep(tmp_path / "nowhere")
    assert older_content(tmp_path / "nowhere" / "out") is None
