"""What is asked of a fitted PSA-GAN: after whom, from when, how long."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.data import simulate_series, to_dataset
from tsgen.errors import SettingsError, UnknownIdError
from tsgen.psagan import PSAGANSettings
from tsgen.psagan.learning.preparation import NewTraining
from tsgen.psagan.sampling.requests import Requests, check_request, series_facts

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


def known(made, items=None, num=3, start=None, length=10, seed=1):
    (found,) = Requests.of_training_series([made.table], items, num, start, length, STRIDE, seed)
    return found


def test_a_request_after_an_entry_has_its_place_in_the_series(made, panel):
    starts = panel.starts + STRIDE * np.array([0, 5, 39, 100])
    found = Requests.after(made.table, starts, np.array([3, 4, 5, 6]), STRIDE)
    assert found.positions.tolist() == [0, 5, 39, 100]
    assert found.offsets.tolist() == [0, 3, 7, 12, 18]
    assert found.rows.tolist() == [0, 1, 2, 3]


def test_each_item_is_asked_for_as_often_as_said(made):
    found = known(made, ["series-2", "series-0"], num=3)
    assert list(found.table.item_ids) == ["series-2"] * 3 + ["series-0"] * 3
    assert found.lengths.tolist() == [10] * 6
    with pytest.raises(UnknownIdError):
        known(made, ["series-9"])


def test_times_are_drawn_within_the_training_part(made, panel):
    found = known(made, ["series-1"], num=2000)
    steps = (found.starts - panel.starts[1]) / STRIDE
    assert found.positions.tolist() == steps.tolist()
    assert set(steps) == set(range(31))  # 40 steps have room for ten from 0 to 30
    counts = np.bincount(steps.astype(int))
    assert counts.min() > 0.5 * counts.mean()
    longer = known(made, ["series-1"], num=9, length=500)
    assert set(longer.positions) == {0}


def test_a_time_that_is_given_is_that_of_all(made, panel):
    found = known(made, None, num=5, start=int(panel.starts[0]) + 6)
    assert set(found.starts) == {panel.starts[0] + 6}
    assert set(found.positions) == {3}


def test_without_items_series_that_were_learnt_are_drawn(made):
    table = replace(made.table, index=np.array([1, 0, 2, 0]))
    (found,) = Requests.of_training_series([table], None, 400, None, 8, STRIDE, 1)
    counts = {name: list(found.table.item_ids).count(name) for name in set(found.table.item_ids)}
    assert set(counts) == {"series-0", "series-2"}
    assert min(counts.values()) > 150


def test_the_seed_draws_series_and_times(made):
    first, again, other = (known(made, num=9, seed=seed) for seed in (1, 1, 2))
    assert first.starts.tolist() == again.starts.tolist() != other.starts.tolist()
    assert list(first.table.item_ids) == list(again.table.item_ids)


def test_channels_are_asked_alike(made):
    scale = replace(made.table.scaler, scale=2 * made.table.scaler.scale)
    tables = [made.table, replace(made.table, scaler=scale)]
    both = Requests.of_training_series(tables, None, 6, None, 8, STRIDE, 1)
    one, other = both
    assert one.starts.tolist() == other.starts.tolist()
    assert list(one.table.item_ids) == list(other.table.item_ids)
    np.testing.assert_allclose(other.table.scaler.scale, 2 * one.table.scaler.scale)


def test_an_entry_that_is_remembered_is_as_it_was_learnt_and_a_new_one_as_it_is(made, panel):
    values = np.where(np.arange(160) < 40, 5 * panel.values, panel.values)
    other = replace(panel, values=values, item_ids=("series-0", "new", "series-2", "newer"))
    found = series_facts(other, made.table, made.facts, "standard")
    assert found.index.tolist() == [1, 0, 3, 0]
    scale, learnt = found.scaler.scale, made.table.scaler.scale
    np.testing.assert_allclose(scale[[0, 2]], learnt[[0, 2]])  # not of the values given
    own = [values[40 * i : 40 * i + 40].std() for i in (1, 3)]
    np.testing.assert_allclose(scale[[1, 3]], own, rtol=1e-3)


# ---- what cannot be asked ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"num_samples": 0}, "num_samples=0 is not possible"),
        ({"num_samples": 1.5}, "num_samples=1.5"),
        ({"num_samples": True}, "num_samples=True"),
        ({"like": "data", "items": ["a"]}, "either like or items"),
        ({"items": "a"}, r"items='a' is one id; give a list, items=\['a'\]"),
        ({"items": 5}, r"items=5 is one id; give a list, items=\[5\]"),
        ({"items": []}, "items is empty"),
        ({"length": 0}, "length=0"),
        ({"length": "long"}, "length='long'"),
        ({"length": "like"}, "length='like' needs a dataset"),
    ],
)
def test_what_cannot_be_asked_is_refused(request_, message):
    asked = {"num_samples": 1, "like": None, "items": None, "length": None}
    with pytest.raises(SettingsError, match=message):
        check_request(**asked | request_)


def test_what_can_be_asked_is_taken():
    check_request(np.int64(3), None, ["a"], 7)
    check_request(1, "data", None, "like")
    check_request(1, "data", None, None)
