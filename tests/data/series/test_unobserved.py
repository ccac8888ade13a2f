"""Series without any value: refused, or left out and counted, whatever they are read from."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError, DataWarning


def test_they_are_refused_or_left_out_and_counted():
    table = simulate_series(3, 30, seed=1).to_frame()
    table["target"] = table["target"].where(table["item_id"] != "series-1")
    empty = np.full(30, np.nan)
    entries = [
        {"start": pd.Period("2024-01-01", "h"), "target": target}
        for target in (np.arange(30.0), empty)
    ]
    for data, left in ((table, ("series-0", "series-2")), (entries, ("0",))):
        with pytest.raises(DataError, match=r"no observed value at all.*on_unobserved='drop'"):
            to_dataset(data)
        with pytest.warns(DataWarning, match=r"1 of . series have no observed value and were left"):
            assert to_dataset(data, on_unobserved="drop").item_ids == left
    with pytest.raises(DataError, match="No series has an observed value"):
        to_dataset(table.assign(target=np.nan), on_unobserved="drop")


def test_a_channel_without_a_value_counts_as_none():
    entries = [
        {"start": pd.Period("2024-01-01", "h"), "item_id": name, "target": target}
        for name, target in (("a", [[1.0, 2], [3, 4]]), ("b", [[1.0, 2], [np.nan, np.nan]]))
    ]
    with pytest.warns(DataWarning, match="first is 'b'"):
        assert to_dataset(entries, on_unobserved="drop").item_ids == ("a",)
