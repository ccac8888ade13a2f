"""Whose code may be imported because a file names it: GluonTS's, ours, and what was installed."""

import json
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from tsgen import trust
from tsgen.errors import ModelFormatError, UntrustedCodeError
from tsgen.trust import check_trust, imports_of, is_trusted

SAVED = Path(__file__).parent.parent / "fixtures" / "saved"


def test_what_our_folders_name_is_trusted():
    names = imports_of(SAVED / "rim-forecaster" / "saved" / "forecaster")
    assert names
    assert all(is_trusted(name) for name in names)


@pytest.mark.parametrize(
    ("name", "trusted"),
    [
        ("gluonts.model.predictor.RepresentablePredictor", True),
        ("tsgen.psagan.synthesizer:PSAGANSynthesizer", True),
        ("gluonts.no.such.Thing", True),  # nothing there that could run
        ("gluonts.itertools.pickle.loads", False),  # only imported there
        ("tsgen.storage.locks.os.system", False),
        ("gluontsx.Evil", False),
        ("os.system", False),
        ("numpy.load", False),
    ],
)
def test_a_package_is_trusted_with_what_it_defines_and_not_with_what_it_imports(name, trusted):
    assert is_trusted(name) == trusted


def test_what_entry_points_of_tsgen_registered_is_trusted(monkeypatch):
    points = EntryPoints([
        EntryPoint("mine", "my_package.models:Mine", "tsgen.forecasters"),
        EntryPoint("other", "my_package.models:Other", "console_scripts"),
    ])  # fmt: skip
    monkeypatch.setattr(trust, "entry_points", lambda: points)
    trust._registered.cache_clear()
    try:
        assert is_trusted("my_package.models.Mine")
        assert is_trusted("my_package.models:Mine")
        assert not is_trusted("my_package.models.Other")
    finally:
        trust._registered.cache_clear()


def test_foreign_classes_are_refused_by_name_once_each_unless_the_user_consents():
    names = ["z.Last", "a.First", "a.First", "tsgen.errors.DataError"]
    with pytest.raises(
        UntrustedCodeError, match=r"^folder asks to import a\.First, z\.Last, which"
    ):
        check_trust(names, "folder", trust=False)
    check_trust(names, "folder", trust=True)
    check_trust(names[-1:], "folder", trust=False)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"__kind__": "instance", "class": "os.system", "args": ["touch ran"]}, ["os.system"]),
        ({"deep": [{"__kind__": "type", "class": "subprocess.Popen"}]}, ["subprocess.Popen"]),
        ({"__kind__": "instance", "class": "builtins.getattr"}, ["builtins.getattr"]),
        ({"__kind__": "instance", "class": "builtins.list"}, []),  # a plain value
        ({"type": "package.Class"}, ["package.Class"]),
        ({"class": "a word of the settings"}, []),
        ({"__kind__": "instance", "class": "z.Z", "args": [{"type": "a.A"}]}, ["a.A", "z.Z"]),
    ],
)
def test_classes_are_seen_however_deep_they_stand(tmp_path, value, names):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "predictor.json").write_text(json.dumps(value))
    assert imports_of(tmp_path) == names


def test_an_old_type_file_and_a_pickle_are_seen(tmp_path):
    (tmp_path / "type.txt").write_text("os.system\nmore\n")
    (tmp_path / "weights.bin").write_bytes(b"\x80\x04N.")
    (tmp_path / "notes.txt").write_text("os.popen")
    (tmp_path / "empty").write_bytes(b"")
    assert imports_of(tmp_path) == ["os.system", "pickle"]


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "\xff"])
def test_a_file_of_json_that_is_none_is_told(tmp_path, text):
    (tmp_path / "a.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelFormatError, match=r"a\.json is no JSON, as a GluonTS folder has it"):
        imports_of(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_type_file_without_a_name_names_nothing_and_noise_is_told(tmp_path, content):
    (tmp_path / "type.txt").write_bytes(content)
    if content.startswith(b"\xff"):
        with pytest.raises(ModelFormatError, match=r"type\.txt is no text"):
            imports_of(tmp_path)
    else:
        assert imports_of(tmp_path) == []
