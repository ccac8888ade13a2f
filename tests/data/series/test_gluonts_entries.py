"""Level 1e9 with variation 1: float32 entries lose it, and say so; float64 entries keep it."""

import warnings

import numpy as np
import pandas as pd
import pytest

from tsgen.data import MultivariateDataset, simulate_series, to_dataset
from tsgen.data.series.gluonts_entries import check_dtype, loses_variation, place_in
from tsgen.errors import DataWarning, SettingsError


def _series(levels, deviation=1.0, num_steps=50):
    days = pd.date_range("2024-01-01", periods=num_steps, freq="D")
    shape = deviation * np.sin(np.arange(num_steps))
    rows = [
        pd.DataFrame({"item_id": f"s{i}", "timestamp": days, "target": level + shape})
        for i, level in enumerate(levels)
    ]
    return to_dataset(pd.concat(rows))


def test_entries_without_digits_for_the_variation_are_said_and_float64_keeps_them():
    dataset = _series([5.0, 1e9])
    with pytest.warns(DataWarning, match="1 of 2 series .*'s1'.*with_dtype"):
        entries = list(dataset)
    assert np.std(entries[1]["target"].astype(np.float64)) != pytest.approx(
        np.std(dataset.series(1)), rel=0.05
    )
    precise = dataset.with_dtype("float64")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        targets = [entry["target"] for entry in precise]
    assert targets[1].dtype == np.float64
    np.testing.assert_array_equal(targets[1], dataset.series(1))
    assert precise.subset([1]).dtype == precise.split(last=5)[0].dtype == "float64"


def test_one_entry_is_judged_alone():
    dataset = _series([5.0, 1e9])
    assert dataset[0]["target"].dtype == np.float32
    with pytest.warns(DataWarning, match="1 of 1 series"):
        dataset[1]


def test_the_share_that_rounding_takes_is_that_of_the_values_themselves():
    random = np.random.default_rng(0)
    levels = 10.0 ** random.uniform(0, 10, 40)
    deviations = 10.0 ** random.uniform(-2, 2, 40)
    values = levels[:, None] + deviations[:, None] * random.normal(size=(40, 300))
    errors = np.sqrt(((values.astype(np.float32) - values) ** 2).mean(axis=1)) / values.std(axis=1)
    lost = loses_variation(values.ravel(), np.arange(41) * 300)
    assert lost[errors > 0.1].all()
    assert not lost[errors < 0.02].any()
    assert 0 < lost.sum() < 40


def test_constant_and_missing_series_lose_nothing():
    values = np.array([1e9, 1e9, np.nan, np.nan, 1e9, 0.0])
    assert not loses_variation(values, np.array([0, 2, 4, 6])).any()


def test_channels_are_judged_each_and_typed_together():
    panel = MultivariateDataset.of_panel(_series([5.0, 1e9]))
    with pytest.warns(DataWarning, match="round their variation away"):
        list(panel)
    target = next(iter(panel.with_dtype("float64")))["target"]
    np.testing.assert_array_equal(target, panel.values)


def test_other_types_are_refused():
    with pytest.raises(SettingsError, match="dtype=int64 is not possible"):
        check_dtype("int64")
    with pytest.raises(SettingsError, match="no such type"):
        check_dtype("no such type")


def test_what_is_no_place_of_a_dataset_is_told():
    data = simulate_series(num_series=3, length=10, seed=1)
    for place in ("series-1", [0, 2], 1.5, None):
        with pytest.raises(TypeError, match=r"is no place: dataset\[0\] is an entry"):
            data[place]
    with pytest.raises(IndexError, match=r"There is no series 3: the dataset has 3"):
        data[3]
    assert place_in(3, -1) == 2
