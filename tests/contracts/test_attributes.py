"""What describes tables and likens items, by name."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tsgen.contracts import ITEM_RULES, TABLE_DESCRIBERS, digest_of, item_rule, table_describer
from tsgen.errors import SettingsError
from tsgen.features import ContentNeighbours, PlainColumns, TabularEncoderEstimator


def test_the_names_lead_to_the_classes_of_the_room_of_features():
    assert isinstance(item_rule("neighbours"), ContentNeighbours)
    assert table_describer("columns") is PlainColumns
    assert table_describer("encoder") is TabularEncoderEstimator


@pytest.mark.parametrize("asked", [item_rule, table_describer])
def test_an_unknown_name_is_refused_with_all_there_are(asked):
    names = ITEM_RULES if asked is item_rule else TABLE_DESCRIBERS
    with pytest.raises(SettingsError, match=", ".join(names)):
        asked("nobody")


@pytest.mark.parametrize("name", ["columns", "encoder"])
def test_a_description_comes_back_from_its_facts_and_arrays(name, monkeypatch):
    monkeypatch.setattr(TabularEncoderEstimator, "__init__", _small)
    table = pd.DataFrame({
        "kind": ["tea", "mug", None] * 20,
        "price": np.arange(60.0),
        "about": ["a b", "c d", ""] * 20,
    })  # fmt: skip
    description = table_describer(name).learnt(table, seed=3)
    again = table_describer(name).restored(description.to_json(), description.arrays())
    new = table.assign(kind="pot")
    np.testing.assert_array_equal(again.transform(new), description.transform(new))


_MADE = TabularEncoderEstimator.__init__


def _small(self, **settings):
    _MADE(self, **({"num_steps": 3, "width": 8, "num_layers": 1} | settings))


def test_a_digest_is_of_facts_and_of_every_number():
    def described(facts, **arrays):
        arrays = {name: np.asarray(array) for name, array in arrays.items()}
        return SimpleNamespace(to_json=lambda: facts, arrays=lambda: arrays)

    same = digest_of(described({"seed": 1}, a=[1.0, 2.0], b=[3]))
    assert digest_of(described({"seed": 1}, b=[3], a=[1.0, 2.0])) == same
    for other in (
        described({"seed": 2}, a=[1.0, 2.0], b=[3]),
        described({"seed": 1}, a=[1.0, 2.5], b=[3]),
        described({"seed": 1}, a=[[1.0, 2.0]], b=[3]),
        described({"seed": 1}, a=[1.0, 2.0], c=[3]),
    ):
        assert digest_of(other) != same
