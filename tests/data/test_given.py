"""Messages of reading in calls that take none of its arguments."""

import warnings

import pandas as pd
import pytest

from tsgen import Interactions
from tsgen.data import as_dataset, as_interactions, as_series, simulate_series, to_dataset
from tsgen.errors import DataError, DataWarning


@pytest.mark.parametrize("read", [as_dataset, as_series])
def test_calls_without_arguments_of_reading_say_whose_the_named_ones_are(read):
    table = simulate_series(2, 9, seed=1).to_frame()
    assert read(table).item_ids == to_dataset(table).item_ids
    twice = pd.concat([table[:1], table])
    with pytest.raises(DataError, match="on_duplicate=") as plain:
        to_dataset(twice)
    with pytest.raises(DataError) as given:
        read(twice)
    assert str(given.value).startswith(str(plain.value))
    assert "tsgen.to_dataset" in str(given.value)
    assert given.value.row == plain.value.row
    untimed = table.assign(timestamp=table["timestamp"].where(table.index != 3))
    with pytest.raises(DataError) as nameless:  # a message without arguments stays
        read(untimed)
    assert "to_dataset" not in str(nameless.value)


def test_warnings_say_whose_their_arguments_are_too():
    table = simulate_series(2, 9, seed=1).to_frame()
    wide = table.pivot(index="timestamp", columns="item_id", values="target").reset_index()
    with pytest.warns(
        DataWarning, match=r"layout='wide' says so\. Such .* tsgen\.to_dataset: read"
    ):
        as_dataset(wide)
    warnings.simplefilter("error")
    with pytest.raises(DataWarning, match="taken as wide"):
        as_dataset(wide)


def test_logs_are_read_likewise():
    events = pd.DataFrame(
        {"user_id": ["a", "b"], "item_id": ["x", "y"], "timestamp": ["soon", "now"]}
    )
    with pytest.raises(DataError) as plain:
        Interactions.from_frame(events)
    with pytest.raises(DataError) as given:
        as_interactions(events)
    whose = (
        "Such arguments are those of tsgen.Interactions.from_frame: read the data with it first."
    )
    assert "on_bad_time=" in str(plain.value)
    assert str(given.value) == f"{plain.value} {whose}"
    log = Interactions.from_frame(events.assign(timestamp="2024-01-01"))
    assert as_interactions(log) is log


def test_a_log_of_other_names_is_read_by_those_of_an_earlier_one():
    names = {"user_id": "who", "item_id": "what", "timestamp": "when"}
    events = pd.DataFrame({"who": ["a", "b"], "what": ["x", "y"], "when": "2024-01-01"})
    log = Interactions.from_frame(events, **names)
    assert as_interactions(events, log.read_options).fingerprint() == log.fingerprint()
    with pytest.raises(DataError, match=r"Interactions\.from_frame: read the data"):
        as_interactions(events)
