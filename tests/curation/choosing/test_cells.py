"""Finished parts of a choice: kept by what they depend on, computed once."""

import numpy as np
import pytest

from tsgen.curation import Draws, FunctionOperation
from tsgen.curation.choosing.cells import Cells, identity_of, kept_seed


class Model:
    """A model that says where it was saved."""

    def __init__(self):
        self.saved = []

    def save(self, place):
        self.saved.append(place)


def counting(value):
    calls = []

    def compute():
        calls.append(value)
        return value

    return compute, calls


@pytest.mark.parametrize(
    ("method", "value"), [("losses", np.array([[1.5, np.nan]])), ("facts_of", {"seconds": 1.5})]
)
def test_a_part_is_computed_once_and_read_by_the_next_call(tmp_path, method, value):
    compute, calls = counting(value)
    first = getattr(Cells(tmp_path, ["facts", 1]), method)("about", compute)
    again = getattr(Cells(tmp_path, ["facts", 1]), method)("about", compute)
    assert len(calls) == 1
    np.testing.assert_equal(first, value)
    np.testing.assert_equal(again, value)
    getattr(Cells(tmp_path, ["facts", 2]), method)("about", compute)
    getattr(Cells(tmp_path, ["facts", 1]), method)("other", compute)
    assert len(calls) == 3


@pytest.mark.parametrize("method", ["losses", "facts_of", "model"])
def test_without_a_folder_nothing_is_kept(method):
    compute, calls = counting({"a": 1})
    for _ in range(2):
        getattr(Cells(None, "facts"), method)("about", compute)
    assert len(calls) == 2


def test_a_model_is_saved_and_loaded_on_the_processor(tmp_path, monkeypatch):
    from tsgen.curation.choosing import cells

    model = Model()
    train, calls = counting(model)
    kept = Cells(tmp_path, "facts")
    assert kept.model("gan", train) is model
    place = model.saved[0]
    assert place.parent == tmp_path
    place.mkdir()
    monkeypatch.setattr(cells, "load", lambda path, device: (path, device))
    assert kept.model("gan", train) == (place, "cpu")
    assert len(calls) == 1


def test_a_model_that_cannot_be_saved_is_trained_anew(tmp_path):
    train, calls = counting(object())
    for _ in range(2):
        Cells(tmp_path, "facts").model("plain", train)
    assert len(calls) == 2


class Trained:
    """A trained model with one weight."""

    def __init__(self, weight):
        self.weights = {"w": np.array([weight])}

    def __repr__(self):
        return "Trained()"


def test_ways_are_told_apart_by_settings_text_and_weights():
    def doubled(table):
        return 2 * table

    def tripled(table):
        return 3 * table

    ways = [FunctionOperation(f, "mine") for f in (doubled, tripled)]
    ways += [Draws(Trained(1.0)), Draws(Trained(2.0)), Draws(Trained(1.0), constraints=None)]
    assert len({identity_of(way) for way in ways}) == len(ways)
    assert identity_of(Draws(Trained(1.0))) == identity_of(Draws(Trained(1.0)))


def test_the_seed_of_an_interrupted_call_is_kept_unless_another_is_given(tmp_path):
    first = kept_seed(tmp_path, None)
    assert kept_seed(tmp_path, None) == first
    assert kept_seed(tmp_path, 5) == 5
    assert kept_seed(tmp_path, None) == 5
    assert kept_seed(None, 7) == 7
