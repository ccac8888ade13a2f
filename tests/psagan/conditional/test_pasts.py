"""Entries as the pasts of forecasts, against what one reads off them by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.data.series import SeriesScaler
from tsgen.errors import DataError, DataWarning
from tsgen.psagan.conditional.pasts import Pasts
from tsgen.psagan.memory import DataFacts, SeriesTable

START = pd.Period("2024-01-01", "2h")
WAVE = 10 + np.sin(np.arange(30.0))


def known():
    frame = pd.concat([
        pd.DataFrame({"item_id": name, "timestamp": pd.date_range("2024-01-01", periods=30,
                      freq="2h"), "target": values, "shop": shop})
        for name, values, shop in (("wave", WAVE, "x"), ("counts", np.arange(30.0), "y"))
    ])  # fmt: skip
    dataset = to_dataset(frame, static=["shop"])
    table = SeriesTable.of(dataset, "standard", np.array([1, 2]))
    return DataFacts.of(dataset), table


FACTS, TABLE = known()


def read(*entries, length=4, table=TABLE):
    return Pasts.of(list(entries), length, FACTS, table, "standard")


def entry(target, item_id="new", start=START, **fields):
    given = {"item_id": item_id, "start": start, "target": np.asarray(target, float)}
    return given | {"feat_static_cat": [0]} | fields


def test_a_known_series_is_scaled_as_it_is_remembered_and_has_its_place():
    pasts = read(entry(WAVE[10:20], "wave", START + 10))
    row = TABLE.item_ids.index("wave")
    scaler = TABLE.scaler
    expected = (WAVE[16:20] - scaler.location[row]) / scaler.scale[row]
    np.testing.assert_allclose(pasts.values[0], expected)
    assert pasts.rows.index.tolist() == [TABLE.index[row]]
    assert pasts.rows.starts.tolist() == [(START + 20).ordinal]
    assert pasts.rows.positions.tolist() == [20]
    np.testing.assert_array_equal(pasts.rows.static, TABLE.static[[row]])


def test_a_new_series_is_scaled_by_itself_and_begins_at_its_own_first_step():
    target = np.r_[np.nan, 100 * WAVE[:9]]
    pasts = read(entry(target, feat_static_cat=[1]), entry(WAVE, "wave"))
    own = SeriesScaler.fit(target, np.array([0, 10]), "standard")
    np.testing.assert_allclose(pasts.values[0], (target[-4:] - own.location[0]) / own.scale[0])
    assert pasts.rows.index[0] == 0
    assert pasts.rows.positions.tolist() == [10, 30]
    assert pasts.rows.static.tolist()[0] == [2]


@pytest.mark.parametrize("given", [[5], [], [0, 0]])
def test_categories_that_no_training_series_had_are_unknown_and_counted(given):
    assert read(entry(WAVE, feat_static_cat=[0])).rows.static.tolist() == [[1]]
    with pytest.warns(DataWarning, match="^1 of 2 entries .* of shop; these count as unknown"):
        pasts = read(entry(WAVE, feat_static_cat=given), entry(WAVE, "wave", feat_static_cat=given))
    assert pasts.rows.static.tolist()[0] == [0]


def test_short_pasts_are_missing_at_their_beginning():
    pasts = read(entry([5.0, np.nan, 7.0], "wave"), length=6)
    assert np.isnan(pasts.values[0]).tolist() == [True, True, True, False, True, False]


@pytest.mark.parametrize(
    ("item_id", "target", "non_negative", "counts"),
    [
        ("new", [1.0, 2.0, np.nan], True, True),
        ("new", [1.0, 2.5], True, False),
        ("new", [-1.0, 2.0], False, False),
        ("counts", [1.0, 2.0], True, True),
        ("wave", [1.0, 2.0], True, False),
        ("counts", [-1.0, 2.0], False, False),
        ("counts", [np.nan, np.nan], True, True),
    ],
)
def test_bounds_hold_where_memory_and_entry_agree(item_id, target, non_negative, counts):
    pasts = read(entry(target, item_id))
    assert pasts.non_negative.tolist() == [non_negative]
    assert pasts.counts.tolist() == [counts]


def test_a_known_series_may_have_nothing_observed_and_a_new_one_not():
    assert np.isnan(read(entry([np.nan] * 5, "wave")).values).all()
    with pytest.raises(DataError, match=r"Entry 1 \(item_id 'new'\) has no observed value"):
        read(entry(WAVE), entry([np.nan] * 5))
    flat = replace(TABLE, scaler=SeriesScaler(TABLE.scaler.location, np.zeros(2)))
    with pytest.raises(DataError, match="Entry 0"):
        read(entry([np.nan] * 5, "wave"), table=flat)


def test_a_constant_stranger_is_told_and_a_known_series_never():
    with pytest.warns(DataWarning, match=r"^1 series .* \(the first is 'flat'\)"):
        read(entry(WAVE, "other"), entry([3.0, 3.0], "flat"))
    read(entry([3.0, 3.0], "wave"))


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"target": WAVE}, "Entry 1 has no 'start'"),
        ({"start": START}, "Entry 1 has no 'target'"),
        (entry([WAVE, WAVE]), "Entry 1 has a target of 2 dimensions"),
        (entry([1.0, -np.inf]), "Entry 1 has an infinite value"),
        (entry(WAVE, start="2024-01-01"), "Entry 1 has the start '2024-01-01'; a pandas Period"),
        (entry(WAVE, start=pd.Period("2024-01-01", "h")), "Entry 1 has freq 'h', .* on '2h'"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named_by_its_row(broken, message):
    with pytest.raises(DataError, match=message) as refused:
        read(entry(WAVE), broken)
    assert refused.value.row == 1


def test_keys_tell_entries_apart():
    pasts = read(entry(WAVE, "a"), entry(WAVE, "b"), entry(WAVE, "a", START + 1), entry(WAVE, "a"))
    assert pasts.keys[0] == pasts.keys[3]
    assert len(set(pasts.keys)) == 3
