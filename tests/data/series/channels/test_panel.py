"""The series of a panel as channels of one entry."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import (
    MultivariateDataset,
    simulate_series,
    to_dataset,
)
from tsgen.errors import DataError, DataWarning


def test_a_panel_spans_all_its_series_and_is_missing_where_they_are():
    real = simulate_series(3, 40, seed=2)
    part = real.cut(np.arange(3), np.array([0, 5, 10]), np.array([40, 40, 30]))
    panel = MultivariateDataset.of_panel(part, item_id="load")
    assert panel.channels == ("series-0", "series-1", "series-2")
    assert panel.item_ids == ("load",)
    expected = real.values.reshape(3, 40).copy()
    expected[1, :5] = expected[2, :10] = expected[2, 30:] = np.nan
    np.testing.assert_array_equal(panel.values, expected)
    assert panel.starts[0] == real.starts[0]


def test_a_panel_keeps_the_static_columns_on_which_its_series_agree():
    table = simulate_series(2, 10).to_frame()
    table["country"], table["kind"] = "no", table["item_id"]
    with pytest.warns(DataWarning, match="1 static columns differ"):
        panel = MultivariateDataset.of_panel(to_dataset(table, static=["country", "kind"]))
    assert panel.parts[0].static_names == ("country",)


def late_and_early():
    real = simulate_series(2, 40)
    return real.cut(np.arange(2), np.array([0, 20]), np.array([20, 40]))


def every_other_hour():
    tables = []
    for name, start in (("even", "2024-01-01 00:00"), ("odd", "2024-01-01 01:00")):
        times = pd.date_range(start, periods=9, freq="2h")
        tables.append(pd.DataFrame({"item_id": name, "timestamp": times, "target": 1.0}))
    return to_dataset(pd.concat(tables), freq="2h")


@pytest.mark.parametrize(
    ("panel", "message"),
    [
        (simulate_series(1, 10), "two series or more; this dataset has one"),
        (late_and_early(), "not observed together: 'series-0' ends 2024-01-01 19:00:00, before"),
        (every_other_hour(), "'odd' and 'even' never meet"),
    ],
    ids=["one series", "no common span", "off grid"],
)
def test_series_that_are_no_panel_are_refused(panel, message):
    with pytest.raises(DataError, match=message):
        MultivariateDataset.of_panel(panel)
