"""The starts of GluonTS entries, and their one frequency."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.data.series.reading.entry_starts import starts_of
from tsgen.errors import DataError, DataWarning


def entry(**fields):
    return {"start": pd.Period("2024-01-01", "h"), "target": np.arange(5.0), **fields}


def test_texts_as_start_need_a_frequency():
    raw = [{"start": "2024-01-01", "target": [1.0, 2.0]}]
    assert to_dataset(raw, freq="ME").freq == "M"
    with pytest.raises(DataError, match="pass freq="):
        to_dataset(raw)
    with pytest.raises(DataError, match=r"is array\(\[\[0., 0.\], \[0., 0.\]\]\), not a pandas"):
        to_dataset([{"start": np.zeros((2, 2)), "target": [1.0, 2.0]}])


def test_another_frequency_than_asked_for_is_refused():
    with pytest.raises(DataError, match="freq='D' was asked for"):
        to_dataset([entry()], freq="D")


def test_entries_without_a_start_or_with_features_that_are_no_numbers_are_told():
    entry = {"item_id": "a", "target": [1.0, 2, 3], "start": pd.NaT}
    with pytest.raises(DataError, match="The start of series 'a' is missing"):
        to_dataset([entry], freq="h")
    start = pd.Period("2024-01-01", "h")
    with pytest.raises(DataError, match=r"feat_static_real=\{'a': 1\}, which are no numbers"):
        to_dataset([entry | {"start": start, "feat_static_real": {"a": 1}}])


def test_starts_become_ordinals_of_the_one_frequency_however_it_is_spelt():
    entries = [entry(), entry(start=pd.Period("2024-01-02", "h"))]
    ordinals, freq, _ = starts_of(entries, ("a", "b"), None)
    assert freq == "h"
    assert np.diff(ordinals).tolist() == [24]
    texts = [entry(start="2024-01-01"), entry(start=pd.Timestamp("2024-01-02"))]
    assert starts_of(texts, ("a", "b"), "H")[0].tolist() == ordinals.tolist()


def test_two_frequencies_and_what_is_no_time_are_named():
    entries = [entry(), entry(start=pd.Period("2024-01", "M"))]
    with pytest.raises(DataError, match="'b' has the frequency 'M', but earlier entries have 'h'"):
        starts_of(entries, ("a", "b"), None)
    with pytest.raises(DataError, match="start of series 'a' cannot be read as a time: 'soon'"):
        starts_of([entry(start="soon")], ("a",), "h")
    with pytest.raises(DataError, match="start of series 'a' is missing"):
        starts_of([entry(start=None)], ("a",), "h")


def starts(*given, freq="h", timezone=None):
    entries = [entry(start=start) for start in given]
    return starts_of(entries, tuple("abc"[: len(given)]), freq, timezone)


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ("10:00", "a time without a date"),
        ("today", "a time without a date"),
        ("2024-13-01", "cannot be read as a time stamp"),
        ("0001-01-01", "years from 1678 to 2261"),
        ({"a": 1}, "a value of type dict"),
    ],
)
def test_a_start_that_is_no_one_time_is_refused_and_not_guessed_at(start, told):
    with pytest.raises(
        DataError, match=r"start of series 'b' cannot be read as a time: .*"
    ) as seen:
        starts("2024-01-01", start)
    assert told in str(seen.value)
    assert seen.value.item_id == "b"
    with pytest.raises(DataError, match="day and month cannot be told apart"):
        starts("01/02/2024")


def test_the_zone_of_aware_starts_is_kept_or_converted_and_never_dropped():
    aware = pd.Timestamp("2024-07-01 10:00", tz="Europe/Berlin")
    ordinals, _, zone = starts("2024-07-01T10:00+02:00", "2024-07-01T12:00+02:00")
    ten = pd.Period("2024-07-01 10:00", "h").ordinal
    assert (zone, ordinals.tolist()) == ("UTC+02:00", [ten, ten + 2])
    ordinals, _, zone = starts("2024-07-01T10:00+02:00", timezone="UTC")
    assert (zone, ordinals.tolist()) == ("UTC", [ten - 2])
    dataset = to_dataset([entry(start=aware)], freq="h", timezone="Europe/Berlin")
    assert dataset.to_frame()["timestamp"][0] == aware
    with pytest.raises(DataError, match=r"'b' has the time zone UTC\+02:00, those of others have"):
        starts(pd.Period("2024-07-01", "h"), "2024-07-01T10:00+02:00")


def test_starts_between_two_steps_are_told_of_and_those_on_one_are_not():
    with pytest.warns(DataWarning, match=r"1 starts lie between two steps .* 2024-01-01 00:30"):
        ordinals, _, _ = starts("2024-01-01 00:30", "2024-01-01 01:00")
    assert np.diff(ordinals).tolist() == [1]
    starts("2024-01-01", "2024-01-03", freq="W-SUN")  # GluonTS names a week by any day of it
