"""From a dataset to training data: which series are trained on, and as what."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.data import MultivariateDataset, simulate_series, to_dataset
from tsgen.errors import DataError, DataWarning
from tsgen.psagan import PSAGANSettings
from tsgen.psagan.learning.preparation import NewTraining, usable_series


def settings_of(**changes):
    return PSAGANSettings(**{"target_length": 8, "num_steps": 5} | changes)


def panel_of(*rows, **options):
    import pandas as pd

    entries = [
        {"item_id": f"s{k}", "start": pd.Period("2024-01-01 00:00", "h") + 5 * k,
         "target": np.asarray(row, np.float64)}
        for k, row in enumerate(rows)
    ]  # fmt: skip
    return to_dataset(entries, **options)


RAMP = np.arange(30.0)


def test_values_are_scaled_series_by_series_and_stay_in_their_order():
    panel = panel_of(RAMP, 100 + 3 * RAMP[:20])
    made = NewTraining.on(panel, settings_of())
    data = made.data
    assert data.values.dtype == np.float32
    assert data.offsets.tolist() == [0, 30, 50]
    for k in range(2):
        part, row = data.values[data.offsets[k] : data.offsets[k + 1]], panel.series(k)
        np.testing.assert_allclose(part, (row - row.mean()) / row.std(), rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(data.starts, panel.starts)
    assert data.series.tolist() == [1, 2]  # 0 stands for a series that is not known
    assert data.sizes.num_series == 2
    assert data.sizes.num_channels == 1


def test_min_max_scales_to_the_unit_interval():
    data = NewTraining.on(panel_of(RAMP, 7 * RAMP), settings_of(scaling="min-max")).data
    for k in range(2):
        part = data.values[data.offsets[k] : data.offsets[k + 1]]
        assert (part.min(), part.max()) == pytest.approx((0.0, 1.0))


def test_what_is_missing_stays_missing():
    row = RAMP.copy()
    row[[3, 17]] = np.nan
    data = NewTraining.on(panel_of(row), settings_of()).data
    assert np.flatnonzero(np.isnan(data.values)).tolist() == [3, 17]


def test_series_that_teach_nothing_are_left_out_and_the_others_keep_their_identity():
    short, flat = RAMP[:3], np.full(30, 2.0)
    gappy = np.where(np.arange(30) % 3 == 0, RAMP, np.nan)
    panel = panel_of(short, RAMP, flat, 2 * RAMP, gappy)
    settings = settings_of(min_observed=0.5)
    with pytest.warns(DataWarning, match="Of 5 series"):
        usable = usable_series(panel, settings)
    assert usable.tolist() == [False, True, False, True, False]
    with pytest.warns(DataWarning):
        made = NewTraining.on(panel, settings)
    assert made.table.index.tolist() == [0, 1, 0, 2, 0]
    assert made.data.series.tolist() == [1, 2]
    assert made.data.offsets.tolist() == [0, 30, 60]
    assert made.data.starts.tolist() == panel.starts[[1, 3]].tolist()
    assert len(made.table) == 5  # all are remembered


def test_conditions_range_over_the_longest_series_of_the_calendar():
    made = NewTraining.on(panel_of(RAMP, RAMP[:12]), settings_of())
    conditions = made.data.conditions
    assert conditions is made.conditions
    assert conditions.longest == 30
    assert conditions.lengths == settings_of().lengths
    assert conditions.age == "centred"
    assert made.data.sizes.num_features == conditions.num_features


def test_a_calendar_of_peaks_that_adds_nothing_is_told():
    steps = 366 * 2
    long = simulate_series(2, steps, freq="D", seed=1)
    asked = settings_of(calendar="peaks")
    more = NewTraining.on(long, asked).conditions.num_features
    assert more == NewTraining.on(long, settings_of()).conditions.num_features + 14
    for short in (simulate_series(2, steps // 2, freq="D", seed=1), simulate_series(2, 96, seed=1)):
        with pytest.warns(DataWarning, match="calendar='peaks' is for .* and adds nothing here"):
            NewTraining.on(short, asked)


def test_categories_have_an_embedding_each():
    table = simulate_series(3, 30, seed=1).to_frame()
    table["kind"] = np.where(table["item_id"] == "series-1", "b", "a")
    made = NewTraining.on(to_dataset(table, static=["kind"]), settings_of())
    assert made.data.static[:, 0].tolist() == [1, 2, 1]  # 0 stands for one that is not known
    assert made.data.sizes.cardinalities == (2,)


def test_another_frequency_than_asked_for_is_refused():
    with pytest.raises(DataError, match="The data have freq 'h', the settings say 'D'"):
        NewTraining.on(panel_of(RAMP), settings_of(freq="D"))
    NewTraining.on(panel_of(RAMP), settings_of(freq="H"))


def test_a_channel_without_any_value_in_an_entry_is_refused():
    panel = panel_of(RAMP, RAMP)
    values = panel.values.copy()
    values[30:] = np.nan
    channels = MultivariateDataset((panel, replace(panel, values=values)), ("load", "price"))
    with pytest.raises(DataError, match="Channel 'price' of entry 's1' has no observed") as error:
        NewTraining.on(channels, settings_of())
    assert (error.value.item_id, error.value.field) == ("s1", "price")


def test_channels_are_scaled_apart_and_stand_side_by_side():
    panel = panel_of(RAMP, 2 * RAMP)
    channels = MultivariateDataset((panel, replace(panel, values=9 - panel.values)), ("a", "b"))
    made = NewTraining.on(channels, settings_of())
    assert made.data.values.shape == (2, 60)
    np.testing.assert_allclose(made.data.values[1], -made.data.values[0], atol=1e-5)
    assert len(made.tables) == made.data.sizes.num_channels == 2
    assert made.table is made.tables[0]


def test_a_series_shorter_than_a_window_teaches_one_that_goes_on_missing():
    panel = panel_of(RAMP, RAMP[:5])
    with pytest.warns(DataWarning, match=r"1 of 2 series are shorter than target_length=8: each"):
        made = NewTraining.on(panel, settings_of(min_observed=0.5))
    assert made.table.index.tolist() == [1, 2]
    assert made.data.offsets.tolist() == [0, 30, 38]
    last = made.data.values[30:]
    assert np.isfinite(last).tolist() == [True] * 5 + [False] * 3
    assert last[:5].mean() == pytest.approx(0.0, abs=1e-6)  # in units of what is observed
    with pytest.raises(DataError, match="5 steps; target_length=8 needs"):
        NewTraining.on(panel_of(RAMP[:5], RAMP[:4]), settings_of(min_observed=0.5))


def test_gaps_in_every_window_are_said_with_what_the_fullest_has():
    open_hours = np.where(np.arange(48) % 12 < 4, np.arange(48.0), np.nan)
    with pytest.raises(DataError, match=r"fullest has 33 %\. Closed hours .* min_observed=0\.33 "):
        usable_series(panel_of(open_hours, RAMP[:3]), settings_of(target_length=12))
    usable = usable_series(panel_of(open_hours), settings_of(target_length=12, min_observed=0.33))
    assert usable.tolist() == [True]
    seldom = np.where(np.arange(48) % 24 == 0, np.arange(48.0), np.nan)
    with pytest.raises(DataError, match=r"fullest has 8 %\. Lower target_length, or give"):
        usable_series(panel_of(seldom), settings_of(target_length=12))
