"""Settings from files of strangers: keys of Python's own, vast numbers, unions."""

from typing import Literal

import pytest
from pydantic import Field

from tsgen import PSAGANEstimator
from tsgen.errors import SettingsError
from tsgen.settings import Settings, read_settings_file


class Bags(Settings):
    size: int | Literal["auto"] = "auto"
    sizes: tuple[int, ...] = ()
    groups: dict[str, int] = Field(default_factory=dict)


@pytest.mark.parametrize("key", ["self", "cls", "class", "assignments", "fields", "__class__"])
def test_keys_that_are_words_of_python_are_unknown_settings(key):
    for kind in (Bags, PSAGANEstimator):
        with pytest.raises(SettingsError, match=f"{kind.__name__} has no setting '{key}'"):
            kind(**{key: 3})


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"size": 10**30}, r"size=1e\+30 is not possible"),
        ({"sizes": [1, -(2**70)]}, r"sizes=-1\.18e\+21"),
        ({"groups": {"a": 2**63}}, r"groups\.a=9\.22e\+18"),
    ],
)
def test_whole_numbers_beyond_64_bits_are_refused_wherever_they_stand(fields, told):
    with pytest.raises(SettingsError, match=told):
        Bags(**fields)
    Bags(size=2**63 - 1)


def test_a_union_is_one_sentence_in_plain_words():
    with pytest.raises(SettingsError) as caught:
        Bags(size={})
    told = str(caught.value)
    assert told.count("is not possible") == 1
    assert told.startswith("size={} is not possible: Input should be a valid integer, or ")
    assert "[" not in told


def test_files_that_are_no_settings_are_told(tmp_path):
    for content, told in (
        (b"\xff\xfe", "not UTF-8 text"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "nested too deeply"),
        (b"[1]", "must hold key = value pairs"),
    ):
        (tmp_path / "x.json").write_bytes(content)
        with pytest.raises(SettingsError, match=told):
            read_settings_file(tmp_path / "x.json")


def test_a_key_that_stands_twice_in_json_is_told_as_in_toml(tmp_path):
    for name, content in (("x.json", '{"a": 1, "b": {"c": 1, "c": 2}}'), ("x.toml", "a=1\na=2")):
        (tmp_path / name).write_text(content)
        with pytest.raises(SettingsError, match=r"is not valid: .*(twice|overwrite)"):
            read_settings_file(tmp_path / name)
