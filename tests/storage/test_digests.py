"""Sealed folders: every change of a file or of the header is told, and nothing outside is read."""

import hashlib
import json
import os

import pytest

from tsgen.errors import ModelFormatError, TsgenWarning
from tsgen.storage import check_digests, check_files, check_own_sum, files_in, sealed, with_own_sum
from tsgen.storage.digests import check_readable, unlisted, warn_of_unlisted

HEADER = "model.json"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "model"
    (place / "deep").mkdir(parents=True)
    (place / "weights").write_bytes(b"\x00\x01")
    (place / "deep" / "table").write_text("a,b")
    return place


@pytest.fixture
def header(folder):
    return sealed({"format": 2, "names": ["ä"]}, folder, HEADER)


def test_the_sums_are_those_of_the_files_with_slashes_in_their_names(folder, header):
    sums = header["sha256"]
    assert sorted(sums) == ["deep/table", HEADER, "weights"]
    assert sums["weights"] == hashlib.sha256(b"\x00\x01").hexdigest()
    assert sums["deep/table"] == hashlib.sha256(b"a,b").hexdigest()
    assert (header["format"], header["names"]) == (2, ["ä"])


def test_a_header_that_is_there_already_is_not_summed_as_a_file(folder, header):
    (folder / HEADER).write_text("old")
    assert sealed({"format": 2, "names": ["ä"]}, folder, HEADER) == header


def test_what_was_sealed_is_accepted_after_a_round_through_json(folder, header):
    text = json.dumps(header, indent=1)
    (folder / HEADER).write_text(text)
    content = json.loads(text)
    check_digests(folder, HEADER, content)
    check_digests(folder, HEADER, dict(reversed(content.items())))  # order is not content


@pytest.mark.parametrize("change", [{"format": 3}, {"more": 1}, {"names": ["a"]}])
def test_an_edited_header_is_told(folder, header, change):
    with pytest.raises(ModelFormatError, match=r"model\.json is damaged or was edited"):
        check_digests(folder, HEADER, header | change)


@pytest.mark.parametrize("sums", [{}, {HEADER: "0" * 64}])
def test_a_header_without_its_own_sum_is_told(folder, header, sums):
    with pytest.raises(ModelFormatError, match=r"model\.json is damaged or was edited"):
        check_digests(folder, HEADER, header | {"sha256": sums})


@pytest.mark.parametrize("name", ["weights", "deep/table"])
@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_changed_or_absent_file_is_named(folder, header, name, damage):
    if damage == "gone":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    with pytest.raises(ModelFormatError, match=f"{name} is missing or damaged"):
        check_digests(folder, HEADER, header)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret", "./weights"])
def test_a_path_that_leads_outside_is_not_followed(folder, name):
    (folder.parent / "secret").write_text("s")
    digest = hashlib.sha256(b"s").hexdigest()
    with pytest.raises(ModelFormatError, match="outside itself"):
        check_files(folder, {name: digest})


def test_links_and_devices_are_refused_wherever_they_lie(folder):
    (folder / "deep" / "link").symlink_to(folder / "weights")
    with pytest.raises(ModelFormatError, match=r"link is a link or a device"):
        files_in(folder)
    (folder / "deep" / "link").unlink()
    os.mkfifo(folder / "pipe")
    with pytest.raises(ModelFormatError, match="pipe is a link or a device"):
        files_in(folder)


def test_files_are_listed_in_order_and_the_unlisted_among_them(folder):
    assert files_in(folder) == ["deep/table", "weights"]
    assert unlisted(folder, {"weights": ""}) == ["deep/table"]
    assert unlisted(folder, {"weights": "", "deep/table": "", "gone": ""}) == []


def test_numbers_that_json_has_not_are_refused_before_they_are_written(folder):
    with pytest.raises(ValueError, match="JSON"):
        sealed({"loss": float("nan")}, folder, HEADER)


def test_a_file_of_its_own_says_when_it_was_edited(tmp_path):
    content = with_own_sum({"prices": [1.5, 2.0], "name": "é"})
    check_own_sum(tmp_path, content)
    with pytest.raises(ModelFormatError, match="damaged or was edited"):
        check_own_sum(tmp_path, {**content, "prices": [1.5, 2.1]})
    with pytest.warns(TsgenWarning, match="has no digest and is unverified"):
        check_own_sum(tmp_path, {"prices": [1.5, 2.0]})


def test_a_header_that_may_not_be_read_is_told_so_and_one_that_is_absent_is_not(
    tmp_path, monkeypatch
):
    check_readable(tmp_path / "absent")
    (tmp_path / "model.json").write_text("{}")
    check_readable(tmp_path / "model.json")
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may read everything
    with pytest.raises(ModelFormatError, match="cannot be opened: you have no permis"):
        check_readable(tmp_path / "model.json")


def test_files_that_a_header_does_not_list_are_told(folder):
    sums = {"weights": "", "deep/table": ""}
    warn_of_unlisted(folder, sums, HEADER)
    (folder / HEADER).write_text("{}")
    warn_of_unlisted(folder, sums, HEADER)
    with pytest.warns(TsgenWarning, match="holds deep/table, which tsgen did not write there"):
        warn_of_unlisted(folder, {"weights": ""}, HEADER)
    with pytest.warns(TsgenWarning, match="holds deep/table and 1 more"):
        warn_of_unlisted(folder, {}, HEADER)


def test_a_header_that_is_a_pipe_is_refused_before_it_is_waited_for(tmp_path):
    os.mkfifo(tmp_path / "model.json")
    with pytest.raises(ModelFormatError, match=r"model.json is a pipe or a device"):
        check_readable(tmp_path / "model.json")
