"""What goes through files and comes back spelt otherwise; seconds; times between steps; devices."""

import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen.data import read_series, simulate_series, write_series
from tsgen.errors import DataError, SettingsError
from tsgen.psagan import PSAGANEstimator, augment
from tsgen.psagan.memory import SeriesTable
from tsgen.training import TrainingOptions

OPTIONS = TrainingOptions(seed=1, progress=False)
TINY = {"target_length": 8, "num_steps": 4, "batch_size": 4}


@pytest.fixture(scope="module")
def numbered():
    """Hourly series called 100, 101, 102."""
    frame = simulate_series(3, 60, seed=1).to_frame()
    return tsgen.to_dataset(frame.assign(item_id=100 + frame["item_id"].str[-1].astype(int)))


@pytest.fixture(scope="module")
def fitted(numbered):
    return PSAGANEstimator(**TINY).train(numbered, options=OPTIONS)


@pytest.mark.parametrize("name", ["more.csv", "more.parquet", "more"])
def test_numbers_as_ids_stay_known_after_a_file(fitted, numbered, tmp_path, name):
    more = augment(numbered, fitted, 1.0, seed=1)
    write_series(more, tmp_path / name)
    again = read_series(tmp_path / name)
    assert [str(i) for i in again.item_ids] == [str(i) for i in more.item_ids]
    real = again.subset(~again.synthetic)
    drawn, same = (fitted.sample(2, like=d, seed=1) for d in (real, numbered))
    np.testing.assert_array_equal(drawn.values, same.values)
    assert fitted.sample(items=["100"], seed=1).info[0]["source_item_id"] == 100


def test_where_both_spellings_are_series_each_is_itself(numbered):
    table = SeriesTable.of(numbered, "standard", np.arange(3))
    both = table.stacked(SeriesTable.of(
        tsgen.to_dataset(numbered.to_frame().assign(item_id=lambda t: t["item_id"].astype(str))),
        "standard", np.arange(3),
    ))  # fmt: skip
    assert both.places([101, "101", 7, True, ["100"]]).tolist() == [1, 4, -1, -1, -1]


@pytest.mark.parametrize("freq", ["s", "10s"])
def test_seconds_train(freq):
    real = simulate_series(2, 400, freq, seed=1)
    made = PSAGANEstimator(**TINY).train(real, options=OPTIONS)
    cycles = made.conditions.calendar.cycles
    assert cycles[0] == (60 if freq == "s" else 6)
    assert made.sample(1, length=20, seed=1).freq == freq


def test_a_start_between_two_steps_is_refused(fitted):
    with pytest.raises(SettingsError, match="lies between two steps of freq='h': 2030-01-01 00:00"):
        fitted.sample(1, items=[100], start="2030-01-01 00:30")
    quarters = simulate_series(2, 60, "15min", seed=1)
    made = PSAGANEstimator(**TINY).train(quarters, options=OPTIONS)
    with pytest.raises(SettingsError, match="00:00:00 and 2030-01-01 00:15:00"):
        made.sample(1, start="2030-01-01 00:07")
    assert made.sample(1, start="2030-01-01 00:45", seed=1).timestamps(0)[0].minute == 45


def test_an_absent_device_is_not_a_damaged_folder(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    with pytest.raises(SettingsError, match=r"not a device|absent"):
        tsgen.load(tmp_path / "model", device="nodevice")


@pytest.mark.parametrize(("power", "unit"), [(9, "s"), (6, "ms"), (3, "us"), (0, "ns")])
def test_numbers_as_times_are_told_their_unit(numbered, power, unit):
    frame = numbered.to_frame()
    frame["timestamp"] = frame["timestamp"].astype("int64") // 10**power
    with pytest.raises(DataError, match=f"unit='{unit}'"):
        tsgen.to_dataset(pd.DataFrame(frame))
