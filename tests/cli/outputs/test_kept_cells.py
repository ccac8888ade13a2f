"""Cells that are kept beside an output until it is done."""

from pathlib import Path

import pytest

from tsgen.cli.outputs import beside_cells, check_kept, remove_cells
from tsgen.errors import OutputError, TrainingInterruptedError
from tsgen.interruption import Ended, exit_code_of


def test_cells_are_kept_in_a_folder_of_their_own(place, tmp_path):
    for nameless in (Path("."), Path("..")):
        with pytest.raises(OutputError, match="no name of its own"):
            check_kept(nameless)
    for other in (place / "model", place / "load.csv"):
        with pytest.raises(OutputError, match="holds something else"):
            check_kept(other)
    check_kept(tmp_path)
    check_kept(tmp_path / "new")


def test_what_ends_beside_cells_says_that_they_are_kept(tmp_path):
    for error in (OutputError("Full."), MemoryError("Small."), ImportError("No room.")):
        with pytest.raises(type(error)) as caught, beside_cells(tmp_path):
            raise error
        (note,) = caught.value.__notes__
        assert note.startswith(f"Finished cells are kept in {tmp_path};")
    with pytest.raises(TrainingInterruptedError) as ended, beside_cells(tmp_path):
        raise Ended
    assert "are kept in" in str(ended.value)
    assert exit_code_of(ended.value) == 128 + ended.value.signal == 143


def test_cells_go_and_what_is_of_somebody_else_stays(tmp_path):
    place = tmp_path / "cells"
    place.mkdir()
    (place / "real-naive-1-abc.json").write_text("{}")
    for name in ("0123456789abcdef.npy", "fedcba9876543210.json", "seed.txt"):  # of a choice
        (place / name).write_text("1")
    (place / "0123456789abcdef").mkdir()
    (place / "0123456789abcdef" / "facts.json").write_text("{}")
    (place / "notes.txt").write_text("mine")
    remove_cells(place)
    assert [path.name for path in place.iterdir()] == ["notes.txt"]
    (place / "notes.txt").unlink()
    remove_cells(place)
    assert not place.exists()
    remove_cells(place)
