"""The bundled data are what their docstring says."""

import pytest

from tsgen.data import load_sample
from tsgen.errors import DataError


def test_the_electricity_of_60_clients_over_1000_hours():
    series = load_sample()
    assert (len(series), series.freq) == (60, "h")
    assert {len(series.series(k)) for k in range(60)} == {1000}
    assert {str(entry["start"]) for entry in series} == {"2012-01-01 00:00"}


def test_the_purchases_come_with_their_countries_descriptions_and_values():
    log = load_sample("online_retail")
    assert (len(log), log.num_users, log.num_items) == (102_505, 1_475, 1_000)
    assert log.value is not None
    assert list(log.user_table.columns) == ["country"]
    assert list(log.item_table.columns) == ["description"]
    assert log.user_table.notna().all(axis=None)


def test_an_unknown_name_gives_the_nearest_and_all():
    with pytest.raises(
        DataError, match=r"'online_retale'\. Did you mean 'online_retail'\? There is: electricity"
    ):
        load_sample("online_retale")
