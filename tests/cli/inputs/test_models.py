"""Models of the kind that a verb needs."""

import pytest

from command_line import Recorder, fail
from tsgen.cli.inputs import check_kind, load_model
from tsgen.errors import ModelFormatError


def test_a_corrupt_model_is_told(place, tmp_path):
    (tmp_path / "model").mkdir()
    for file in (place / "model").iterdir():
        (tmp_path / "model" / file.name).write_bytes(file.read_bytes()[:-1])
    assert "damaged" in fail("sample", tmp_path / "model", "-o", tmp_path / "s.csv")
    assert "not a tsgen model" in fail("sample", place, "-o", tmp_path / "s.csv")
    assert "There is no model" in fail("sample", tmp_path / "none", "-o", tmp_path / "s.csv")


def test_the_kind_is_checked_before_anything_is_loaded(place, monkeypatch):
    monkeypatch.setattr("tsgen.persistence.load", load := Recorder("the model"))
    with pytest.raises(ModelFormatError, match=r"holds a psa-gan model; .* `tsgen train rim`"):
        load_model(place / "model", "rim", "cpu")
    assert not load.calls
    assert load_model(place / "model", "psa-gan", "cuda") == "the model"
    assert load.calls == [((place / "model",), {"device": "cuda", "trust": False})]
    check_kind(place / "model", "psa-gan")
