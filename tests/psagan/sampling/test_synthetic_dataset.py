"""Drawn series say where they come from, under ids of their own."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.data import simulate_series, to_dataset
from tsgen.psagan import PSAGANSettings
from tsgen.psagan.learning.preparation import NewTraining
from tsgen.psagan.sampling.requests import Requests, series_facts
from tsgen.psagan.sampling.synthetic_dataset import first_numbers, synthetic_dataset

STRIDE = 2
"""Period ordinals of a step of two hours."""


@pytest.fixture(scope="module")
def panel():
    table = simulate_series(4, 40, freq="2h", seed=1).to_frame()
    table["kind"] = np.where(table["item_id"] == "series-2", "b", "a")
    return to_dataset(table, static=["kind"])


@pytest.fixture(scope="module")
def made(panel):
    return NewTraining.on(panel, PSAGANSettings(target_length=8, num_steps=5))


def test_drawn_series_say_where_they_come_from(made, panel):
    (found,) = Requests.of_training_series(
        [made.table], ["series-2", "series-0"], 2, None, 10, STRIDE, 1
    )
    values = np.arange(40.0)
    drawn = synthetic_dataset(found, values, made.facts, seed=17)
    assert list(drawn.item_ids) == [
        "synthetic/series-2/0", "synthetic/series-2/1",
        "synthetic/series-0/0", "synthetic/series-0/1",
    ]  # fmt: skip
    assert drawn.synthetic.all()
    assert [i["source_item_id"] for i in drawn.info] == ["series-2"] * 2 + ["series-0"] * 2
    assert {(i["seed"], i["model"]) for i in drawn.info} == {(17, "psa-gan")}
    np.testing.assert_array_equal(drawn.values, values)
    np.testing.assert_array_equal(drawn.starts, found.starts)
    assert drawn.freq == panel.freq
    assert drawn.static_cat[:, 0].tolist() == [1, 1, 0, 0]  # kinds b and a
    assert drawn.static_categories == panel.static_categories


def test_series_drawn_after_a_dataset_have_its_attributes_and_ids_that_are_free(made, panel):
    taken = replace(panel, item_ids=("series-0", "synthetic/series-0/0", "x", "y"))
    rows = np.array([0, 0, 2])
    facts = series_facts(taken, made.table, made.facts, "standard").rows(rows)
    found = Requests.after(facts, taken.starts[rows], np.array([2, 2, 2]), STRIDE, taken, rows)
    drawn = synthetic_dataset(found, np.arange(6.0), made.facts, seed=1)
    assert list(drawn.item_ids) == [
        "synthetic/series-0/1", "synthetic/series-0/2", "synthetic/x/0",
    ]  # fmt: skip
    np.testing.assert_array_equal(drawn.static_cat, taken.static_cat[rows])


def test_ids_that_read_alike_are_told_apart(made):
    table = replace(made.table.rows(np.array([0, 1])), item_ids=(1, "1"))
    found = Requests.after(table, table.starts, np.array([1, 1]), STRIDE)
    drawn = synthetic_dataset(found, np.zeros(2), made.facts, seed=1)
    assert list(drawn.item_ids) == ["synthetic/1/0", "synthetic/1/1"]
    assert [i["source_item_id"] for i in drawn.info] == [1, "1"]


def test_numbers_go_on_after_the_greatest_that_is_taken():
    taken = ("synthetic/a/0", "synthetic/a/7", "synthetic/b/x", "a", 3, "synthetic/c/1/2")
    assert first_numbers(["a", "b", "c/1", 3], taken).tolist() == [8, 0, 3, 0]
