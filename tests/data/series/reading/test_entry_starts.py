"""The starts of GluonTS entries, and their one frequency."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.data.series.reading.entry_starts import starts_of
from tsgen.errors import DataError


def entry(**fields):
    return {"start": pd.Period("2024-01-01", "h"), "target": np.arange(5.0), **fields}


def test_texts_as_start_need_a_frequency():
    raw = [{"start": "2024-01-01", "target": [1.0, 2.0]}]
    assert to_dataset(raw, freq="ME").freq == "M"
    with pytest.raises(DataError, match="pass freq="):
        to_dataset(raw)


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
    ordinals, freq = starts_of(entries, ("a", "b"), None)
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
