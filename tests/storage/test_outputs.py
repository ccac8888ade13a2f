"""Writing whole or not at all: no moment without a result, and no rubbish of killed runs."""

import json
import os
import signal
import threading
import time

import pytest

from tsgen.errors import OutputError, TsgenWarning
from tsgen.storage import (
    claimed,
    exchange,
    older_content,
    sealed,
    sweep,
    write_atomically,
    write_text,
)  # fmt: skip


def make(path, text, **options):
    with write_atomically(path, **options) as fresh:
        fresh.mkdir()
        (fresh / "train").write_text(text)
        header = sealed({"format": 2}, fresh, "tsgen.json")
        (fresh / "tsgen.json").write_text(json.dumps(header))


@pytest.fixture
def old(tmp_path):
    make(tmp_path / "out", "old")
    return tmp_path / "out"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_is_at_its_path_at_every_moment_while_it_is_replaced(old):
    absent, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            if not (old / "train").exists():
                absent.append(time.monotonic())

    watcher = threading.Thread(target=look)
    watcher.start()
    for k in range(60):
        make(old, str(k), overwrite=True)
    stop.set()
    watcher.join()
    if exchange._renameat2() is None:
        pytest.skip("this system cannot exchange two folders in one step")
    assert absent == []
    assert (old / "train").read_text() == "59"
    assert names(old.parent) == ["out"]


def test_without_the_system_call_the_folder_is_replaced_too(old, monkeypatch):
    monkeypatch.setattr(exchange, "_renameat2", lambda: None)
    make(old, "new", overwrite=True)
    assert (old / "train").read_text() == "new"
    assert names(old.parent) == ["out"]


def killed_between_the_two_moves(old):
    """Leave what a run leaves that is killed while the old folder steps aside."""
    place = old.parent / ".out.tsgen-abcd1234"
    place.mkdir()
    old.rename(place / "previous")
    (place / "out").mkdir()
    return place


def test_the_next_run_puts_back_what_stepped_aside_and_says_so(old):
    place = killed_between_the_two_moves(old)
    assert older_content(old) == place / "previous"
    with pytest.warns(TsgenWarning, match="out is back: a run was killed while it replaced it"):
        sweep(old.parent)
    assert (old / "train").read_text() == "old"
    assert names(old.parent) == ["out"]


def test_the_run_that_replaces_it_puts_it_back_first(old):
    killed_between_the_two_moves(old)
    with pytest.warns(TsgenWarning, match="is back"), pytest.raises(OutputError, match="exists"):
        make(old, "new")
    with pytest.warns(TsgenWarning, match="is back"):  # noqa: PT031
        killed_between_the_two_moves(old)
        make(old, "new", overwrite=True)
    assert (old / "train").read_text() == "new"


def test_only_what_looks_as_ours_is_removed(old):
    ours = old.parent / ".out.tsgen-abcd1234"
    (ours / "out").mkdir(parents=True)
    for name in (".out.abcd1234", ".out.tsgen-ABCDEFGH", ".vimrc.d", ".out.tsgen-abcd123"):
        (old.parent / name).mkdir()
    foreign = old.parent / ".out.tsgen-zzzz9999"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("ten years of work")
    (old.parent / ".out.tsgen-linklink").symlink_to(foreign)
    sweep(old.parent)
    assert not ours.exists()
    assert len(names(old.parent)) == 1 + 4 + 2
    assert (foreign / "thesis.txt").exists()


def test_what_a_living_run_is_making_stays(old):
    with write_atomically(old.with_name("other")) as fresh:
        fresh.write_text("half")
        sweep(old.parent)
        assert fresh.read_text() == "half"


def test_leftovers_of_an_output_go_when_it_is_claimed(old):
    (old.parent / ".out.tsgen-abcd1234").mkdir()
    (old.parent / ".other.tsgen-abcd1234").mkdir()
    with claimed(old):
        assert not [name for name in names(old.parent) if name.endswith("abcd1234")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_end_of_the_last_move(old, monkeypatch, number):
    def interrupted(fresh, path, previous):
        os.kill(os.getpid(), number)
        for _ in range(1000):  # signals are handled between any two of these
            pass
        real(fresh, path, previous)

    real = exchange.replace_with
    monkeypatch.setattr("tsgen.storage.outputs.replace_with", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make(old, "new", overwrite=True)
    assert (old / "train").read_text() == "new"
    assert names(old.parent) == ["out"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_pipes_dead_links_and_a_dash_are_no_places_for_results(tmp_path, overwrite):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "file").write_text("x")
    for name, told in (
        ("pipe.csv", "is a pipe or a device, which tsgen does not replace"),
        ("link", "is a link to nowhere, where nothing is"),
        ("-", "would be a file of that name"),
        ("file/x.csv", "file is a file, no folder"),
    ):
        with (
            pytest.raises(OutputError, match=told),
            write_atomically(tmp_path / name, overwrite=overwrite),
        ):
            raise AssertionError("nothing is written there")
    assert names(tmp_path) == ["file", "link", "pipe.csv"]


def test_a_text_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    write_text(tmp_path / "a.csv", "grün\n")
    assert (tmp_path / "a.csv").read_bytes() == "grün\n".encode()
    with pytest.raises(OutputError, match="exists already"):
        write_text(tmp_path / "a.csv", "new")
    write_text(tmp_path / "a.csv", "newer", overwrite=True)

    def half(path, text, **options):
        path.write_bytes(b"ha")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", half)
    with pytest.raises(OutputError, match="No space left on device"):
        write_text(tmp_path / "a.csv", "half a text", overwrite=True)
    assert (tmp_path / "a.csv").read_bytes() == b"newer"
    assert names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("s3://shop/x.csv", "s3://shop/x.csv is an address elsewhere"),
        ("~/x.csv", "would lie in a folder called '~'"),
        ("~ann/x", "would lie in a folder called '~ann'"),
    ],
)
def test_addresses_and_home_directories_are_no_folders_here(tmp_path, monkeypatch, place, told):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match=told), write_atomically(place) as file:
        file.write_text("x")
    with pytest.raises(OutputError, match=told), claimed(place):
        pass
    assert not any(tmp_path.iterdir())
    for usual in ("~x.csv", "a:b.csv", "d/s3:/x.csv"):
        with write_atomically(usual) as file:
            file.write_text("x")
    (tmp_path / "s3:").mkdir()
    write_text("s3:/x", "y")
