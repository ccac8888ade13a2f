"""Putting a result where an older one may be: in one step, or by stepping aside and back."""

import pytest

from tsgen.errors import OutputError
from tsgen.storage import exchange
from tsgen.storage.exchange import replace_with


@pytest.fixture(params=["one step", "two moves"])
def way(request, monkeypatch):
    if request.param == "two moves":
        monkeypatch.setattr(exchange, "_renameat2", lambda: None)
    return request.param


def make_folder(path, text):
    path.mkdir()
    (path / "file").write_text(text)
    return path


def test_the_new_folder_stands_at_the_path_and_the_old_one_survives_beside(tmp_path, way):
    fresh, path = make_folder(tmp_path / "fresh", "new"), make_folder(tmp_path / "out", "old")
    previous = tmp_path / "previous"
    replace_with(fresh, path, previous)
    assert (path / "file").read_text() == "new"
    left = previous if previous.exists() else fresh
    assert (left / "file").read_text() == "old"
    assert (fresh.exists(), previous.exists()) != (True, True)


def test_where_nothing_was_the_new_one_is_moved(tmp_path, way):
    replace_with(make_folder(tmp_path / "fresh", "new"), tmp_path / "out", tmp_path / "previous")
    assert (tmp_path / "out" / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_is_replaced(tmp_path):
    (tmp_path / "fresh").write_text("new")
    (tmp_path / "out").write_text("old")
    replace_with(tmp_path / "fresh", tmp_path / "out", tmp_path / "previous")
    assert (tmp_path / "out").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_and_a_folder_do_not_replace_each_other(tmp_path):
    folder, file = make_folder(tmp_path / "folder", "f"), tmp_path / "file"
    file.write_text("text")
    with pytest.raises(OutputError, match="folder is a folder, the result a file"):
        replace_with(file, folder, tmp_path / "previous")
    with pytest.raises(OutputError, match="file is a file, the result a folder"):
        replace_with(folder, file, tmp_path / "previous")
    assert (folder / "file").read_text() == "f"
    assert file.read_text() == "text"


def test_a_new_folder_that_cannot_be_moved_leaves_the_old_one_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "_renameat2", lambda: None)
    path, rename = make_folder(tmp_path / "out", "old"), type(tmp_path).rename

    def refused(self, target):
        if self.name == "fresh":
            raise OSError("no space")
        return rename(self, target)

    monkeypatch.setattr(type(tmp_path), "rename", refused)
    fresh = make_folder(tmp_path / "fresh", "new")
    with pytest.raises(OSError, match="no space"):
        replace_with(fresh, path, tmp_path / "previous")
    assert (path / "file").read_text() == "old"


def test_a_file_system_that_refuses_the_exchange_gets_the_two_moves(tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "_renameat2", lambda: lambda *_: -1)
    fresh, path = make_folder(tmp_path / "fresh", "new"), make_folder(tmp_path / "out", "old")
    replace_with(fresh, path, tmp_path / "previous")
    assert (path / "file").read_text() == "new"
    assert (tmp_path / "previous" / "file").read_text() == "old"
