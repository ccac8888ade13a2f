"""Models of the kind that a verb needs."""

import pytest

from command_line import Recorder, fail, run
from small_shop import ITEMS, QUIET, log, read
from tsgen import RIMEstimator
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


def test_new_items_of_a_file_are_in_lists_and_faults_are_told_with_its_name(tmp_path):
    estimator = RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
    estimator.train(read(log(), items=ITEMS), options=QUIET).save(tmp_path / "shop")
    new = tmp_path / "new.csv"
    new.write_text("item_id,kind,brand\n777,tea,x\n")
    asked = ("audience", tmp_path / "shop", "--item", "777", "--size", "3", "--new-items", new)
    found = run(*asked)
    assert found.exit_code == 0, found.output
    assert found.stdout.count(",attributes") == 3
    for text, says in (
        ("item_id,kind\n777,tea\n", "no column 'brand'"),
        ("item_id,kind,brand\n100,tea,x\n", "1 of 1 new items have events already"),
    ):
        new.write_text(text)
        refused = run(*asked)
        assert refused.exit_code == 1
        assert f"{new}: " in refused.output
        assert says in refused.output
