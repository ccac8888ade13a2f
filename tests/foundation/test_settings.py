"""Settings: one sentence a mistake, texts of the command line, groups, and files."""

import json
import os

import pytest
from pydantic import Field, field_validator, model_validator

from tsgen.errors import DataWarning, SettingsError
from tsgen.settings import HyperparameterSettings, Settings, read_settings_file


class Inner(Settings):
    """A group."""

    rate: float = Field(0.5, gt=0)


class Outer(Settings):
    """Settings of every kind."""

    length: int
    """How long."""

    names: tuple[str, ...] = ()
    inner: Inner = Inner()
    group: dict[str, int] = Field(default_factory=dict)

    @field_validator("names")
    @classmethod
    def _short(cls, names):
        if len(names) > 2:
            raise ValueError("give at most 2")
        return names

    @model_validator(mode="after")
    def _together(self):
        if self.length == 13:
            raise ValueError("13 is unlucky; did you mean 12?")
        return self


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Outer needs the setting 'length'."),
        ({"length": 1, "lenght": 2}, "Outer has no setting 'lenght'. Did you mean 'length'?"),
        ({"length": 1, "colour": 2},
         "Outer has no setting 'colour'. It has length, names, inner, group."),
        ({"length": 1, "names": 5}, "names=5 is not possible: Input should be a valid tuple."),
        ({"length": 1, "names": ["a", "b", "c"]}, "names: give at most 2."),
        ({"length": 13}, "13 is unlucky; did you mean 12?"),
        ({"length": 1, "inner": {"rate": 0}},
         "inner: rate=0 is not possible: Input should be greater than 0."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(fields, sentence):
    with pytest.raises(SettingsError) as caught:
        Outer(**fields)
    assert str(caught.value) == sentence
    assert caught.value.__cause__ is None


def test_two_mistakes_are_two_sentences():
    with pytest.raises(SettingsError) as caught:
        Outer(names=["a", "b", "c"], colour=1)
    told = str(caught.value)
    assert all(
        sentence in told
        for sentence in ("needs the setting 'length'.", "give at most 2.", "no setting 'colour'.")
    )


def test_settings_are_frozen_and_survive_json():
    settings = Outer(length=3, names=("a",), inner=Inner(rate=2), group={"x": 1})
    with pytest.raises(Exception, match="frozen"):
        settings.length = 4
    assert Outer(**json.loads(json.dumps(settings.to_json()))) == settings


def test_the_sentence_under_a_field_is_its_help():
    assert Outer.model_fields["length"].description == "How long."


def test_files_of_toml_and_json_say_the_same(tmp_path):
    (tmp_path / "s.toml").write_text("length = 3\n[inner]\nrate = 0.5\n")
    (tmp_path / "s.json").write_text('{"length": 3, "inner": {"rate": 0.5}}')
    expected = {"length": 3, "inner": {"rate": 0.5}}
    assert read_settings_file(tmp_path / "s.toml") == expected
    assert read_settings_file(tmp_path / "s.json") == expected


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("s.toml", "length = ", "is not valid"),
        ("s.json", "{", "is not valid"),
        ("s.json", "[1]", "must hold key = value pairs"),
        ("s.toml", b"\xff\xfe", "is not UTF-8 text"),
        ("absent.toml", None, "cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_holds_no_settings_is_told(tmp_path, name, content, told):
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingsError, match=f"The settings file .*{name} {told}"):
        read_settings_file(tmp_path / name)


class Numbers(Settings):
    """Settings that pydantic alone would take too much for."""

    count: int = 1
    counts: tuple[int, ...] = ()
    rate: float = 0.5
    wide: bool | int = False
    free: dict[str, object] = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"count": True}, "count=True is not possible: give a number"),
        ({"counts": [2, True]}, r"counts=\[2, True\] is not possible: give a number"),
        ({"rate": False}, "rate=False is not possible"),
        ({"rate": float("inf")}, "rate=inf is not possible"),
        ({"rate": float("nan")}, "rate=nan is not possible"),
    ],
)
def test_truths_and_infinities_are_no_numbers(fields, told):
    with pytest.raises(SettingsError, match=told):
        Numbers(**fields)
    assert Numbers(wide=True, free={"a": True}).wide is True


def test_files_of_windows_are_read_and_pipes_are_not_waited_for(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbfcount = 2\r\n")
    assert read_settings_file(tmp_path / "a.toml") == {"count": 2}
    os.mkfifo(tmp_path / "b.toml")
    with pytest.raises(SettingsError, match="is a pipe or a device"):
        read_settings_file(tmp_path / "b.toml")
    (tmp_path / "c.toml").write_text(f"count = {'9' * 5000}")
    with pytest.raises(SettingsError, match=r"not valid: Exceeds the limit .* 5000 digits\.$"):
        read_settings_file(tmp_path / "c.toml")


def test_hyperparameters_that_are_no_settings_are_left_out_and_named():
    class Estimator(HyperparameterSettings):
        length: int
        rate: float = 1.0

    with pytest.warns(DataWarning, match="no setting epochs, lenght; left out. Did you mean 'len"):
        made = Estimator.from_hyperparameters(length="7", epochs=3, lenght="0")
    assert (made.length, made.rate) == (7, 1.0)
    with pytest.raises(SettingsError, match="needs the setting 'length'"):
        Estimator.from_hyperparameters(rate=2)


@pytest.mark.parametrize("text", ["", " \n", "\ufeff"])
def test_an_empty_settings_file_is_refused(tmp_path, text):
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"s\.toml is empty"):
        read_settings_file(tmp_path / "s.toml")
    (tmp_path / "s.toml").write_text("# all as it is\n")
    assert read_settings_file(tmp_path / "s.toml") == {}
