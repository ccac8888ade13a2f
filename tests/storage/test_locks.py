"""One run to one output: the second is told so, and a lock dies with its owner."""

import os
import signal
import subprocess
import sys
import warnings

import pytest

from tsgen.errors import OutputError, TsgenWarning
from tsgen.storage import locked, write_atomically

HOLDER = """
import sys, time
from tsgen.storage import locked
with locked(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other_run(tmp_path):
    """Another process that holds the lock of `out`."""
    words = [sys.executable, "-c", HOLDER, str(tmp_path / "out")]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_run_is_refused_with_the_process_that_is_first(other_run, tmp_path):
    with (
        pytest.raises(OutputError, match=f"out is being written by another run.*{other_run.pid} "),
        locked(tmp_path / "out"),
    ):
        pass


def test_another_output_beside_it_is_free(other_run, tmp_path):
    with write_atomically(tmp_path / "other") as fresh:
        fresh.write_text("mine")
    assert (tmp_path / "other").read_text() == "mine"


def test_a_lock_dies_with_its_owner_and_leaves_nothing(other_run, tmp_path):
    os.kill(other_run.pid, signal.SIGKILL)
    other_run.wait()
    left = [path.name for path in tmp_path.iterdir()]
    with locked(tmp_path / "out") as new:
        assert new
    assert left == [".tsgen-lock-out"]
    assert list(tmp_path.iterdir()) == []


def test_a_short_write_waits_for_another_short_write(tmp_path):
    words = [sys.executable, "-c", HOLDER.replace("60", "0.3"), str(tmp_path / "out")]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    with locked(tmp_path / "out", wait=20.0) as new:
        assert new
    process.communicate()


def test_one_process_may_lock_twice_and_the_lock_lasts_to_the_end_of_the_last(tmp_path):
    with locked(tmp_path / "out") as outer:
        with locked(tmp_path / "out") as inner:
            assert (outer, inner) == (True, False)
        assert (tmp_path / ".tsgen-lock-out").exists()
    assert list(tmp_path.iterdir()) == []


def test_folders_on_the_way_are_made_and_removed_if_nothing_came_of_it(tmp_path):
    with locked(tmp_path / "a" / "b" / "out"):
        assert (tmp_path / "a" / "b").is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("kept")
    (tmp_path / ".tsgen-lock-out").symlink_to(tmp_path / "precious")
    with pytest.raises(OutputError, match="cannot be written"), locked(tmp_path / "out"):
        pass
    assert (tmp_path / "precious").read_text() == "kept"


def test_a_file_system_without_locks_is_told(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("tsgen.storage.locks.fcntl.flock", unsupported)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        with locked(tmp_path / "out"):
            pass
    assert [warning.category for warning in heard] == [TsgenWarning]
    assert "has no locks" in str(heard[0].message)
    assert list(tmp_path.iterdir()) == []
