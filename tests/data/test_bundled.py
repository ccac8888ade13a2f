"""The bundled data are what their docstring says."""

import runpy
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tsgen.data import (
    Interactions,
    load_sample,
    to_dataset,
)
from tsgen.errors import DataError


def test_an_unknown_name_gives_the_nearest_and_all():
    with pytest.raises(
        DataError, match=r"'online_retale'\. Did you mean 'online_retail'\? There is: electricity"
    ):
        load_sample("online_retale")


def test_the_bundled_sample_is_the_stated_one(shared_data):
    sample = load_sample()
    assert (len(sample), set(sample.lengths.tolist()), sample.freq) == (60, {1000}, "h")
    whole = pq.read_table(
        shared_data / "timeseries" / "electricity_hourly_first1000.parquet",
        filters=[("item_id", "in", list(sample.item_ids))],
    )
    expected = to_dataset(whole.to_pandas())
    assert expected.fingerprint() == sample.fingerprint()


def test_the_bundled_sample_never_stands_still_for_more_than_a_day():
    for values in load_sample().values.reshape(60, 1000):
        changes = np.flatnonzero(np.diff(values, prepend=np.nan, append=np.nan) != 0)
        assert np.diff(changes).max() <= 24


def test_the_bundled_events_are_the_stated_cut_of_the_source(shared_data):
    place = Path(__file__).parents[2] / "evaluation" / "cut_online_retail.py"
    statement = runpy.run_path(str(place))
    stated = statement["cut"](shared_data / "events")
    events = load_sample("online_retail")
    tables = {what: stated[f"online_retail.{what}"] for what in ("users", "items")}
    expected = Interactions.from_frame(stated["online_retail"], **tables)
    assert expected.fingerprint() == events.fingerprint()
    assert events.item_table.equals(expected.item_table)
    assert events.user_table.equals(expected.user_table)


def test_the_bundled_events_are_purchases_without_duplicates():
    events = load_sample("online_retail")
    assert (len(events), events.num_users, events.num_items) == (102505, 1475, 1000)
    assert events.value.min() >= 0
    assert not events.to_frame().duplicated().any()
    assert list(events.item_table) == ["description"]
    assert events.lengths.min() > 0
