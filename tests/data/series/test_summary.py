"""What there is at a glance, and the digest of the content."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given

from strategies import panels
from tsgen.data import simulate_series, to_dataset
from tsgen.data.series.summary import facts_of, fingerprint_of


def read(panel):
    return to_dataset(panel.table, freq=panel.grid.freq, static=["shop", "size"])


def test_facts_say_what_there_is():
    hours = pd.date_range("2024-01-01 00:30", periods=4, freq="h", tz="UTC")
    table = pd.DataFrame({"item_id": "a", "timestamp": hours, "target": [1.0, 2.0, np.nan, 4.0]})
    facts = to_dataset(table).facts()
    expected = {"num_series": 1, "rows": 4, "freq": "h", "timezone": "UTC", "missing_share": 0.25}
    assert expected.items() <= facts.items()
    assert (facts["first"], facts["last"]) == ("2024-01-01 00:30:00", "2024-01-01 03:30:00")


@given(panels())
def test_the_fingerprint_sees_every_part(panel):
    dataset = read(panel)
    assert read(panel).fingerprint() == dataset.fingerprint()
    values = dataset.values.copy()
    values[-1] = 17.5 if values[-1] != 17.5 else 18.5
    changes = [
        {"values": values},
        {"starts": dataset.starts + 1},
        {"timezone": "UTC"},
        {"item_ids": tuple(f"x{i}" for i in range(len(dataset)))},
        {"static_names": ("shop", "SIZE")},
        {"info": ({"synthetic": True},) * len(dataset)},
    ]
    prints = {replace(dataset, **change).fingerprint() for change in changes}
    assert len(prints | {dataset.fingerprint()}) == 7


def test_the_fingerprint_takes_both_zeros_and_all_ways_to_be_missing_as_one():
    one = simulate_series(1, 4)
    values = np.array([0.0, 1.0, np.nan, 2.0])
    other = np.array([-0.0, 1.0, -np.float64(np.nan), 2.0])
    assert fingerprint_of(replace(one, values=values)) == fingerprint_of(replace(one, values=other))


def test_the_fingerprint_sees_where_one_series_ends_and_the_next_begins():
    values = np.arange(6.0)
    ends = [
        replace(simulate_series(2, 3), values=values, offsets=np.array([0, cut, 6]))
        for cut in (2, 3, 4)
    ]
    assert len({fingerprint_of(one) for one in ends}) == 3


def test_the_first_and_the_last_stamp_are_of_all_series():
    made = simulate_series(3, 40).cut(np.arange(3), np.array([5, 0, 9]), np.array([20, 30, 39]))
    facts = facts_of(made)
    assert (facts["first"], facts["last"]) == ("2024-01-01 00:00:00", "2024-01-02 14:00:00")
    assert (facts["shortest"], facts["longest"]) == (15, 30)
    assert (facts["num_series"], facts["rows"], facts["num_synthetic"]) == (3, 75, 0)
    assert facts["missing_share"] == 0
