"""What a cell keeps to draw: the last window of the first series, in plain numbers."""

import json
from types import SimpleNamespace

import numpy as np

from tsgen.evaluation.forecast.pictures import window_pictures


def pictures(series=5, length=40):
    study = SimpleNamespace(num_windows=2, prediction_length=3)
    rows = np.repeat(np.arange(series), 2)
    entries = [{"target": np.arange(length + k, dtype=float)} for k in range(2 * series)]
    entries[1]["target"][-1] = np.nan
    windows = SimpleNamespace(
        input=entries,
        rows=rows,
        truth=[np.full(3, 100.0 + k) for k in range(2 * series)],
        dataset=SimpleNamespace(item_ids=tuple(f"s{i}" for i in range(series))),
    )
    made = [{level: np.full(3, 10 * k + float(level)) for level in ("0.1", "0.5", "0.9")}
            for k in range(2 * series)]  # fmt: skip
    return window_pictures(made, windows, study)


def test_the_last_window_of_the_first_three_series_is_kept():
    found = pictures()
    assert found["items"] == ["s0", "s1", "s2"]
    assert [truth[0] for truth in found["truth"]] == [101, 103, 105]
    assert [[band[0] for band in bands] for bands in found["bands"]] == [
        [10.1, 10.5, 10.9],
        [30.1, 30.5, 30.9],
        [50.1, 50.5, 50.9],
    ]


def test_the_past_is_three_forecasts_long_or_all_there_is():
    found = pictures()
    assert found["past"][1] == [float(t) for t in range(43 - 9, 43)]
    assert len(pictures(length=4)["past"][0]) == 5


def test_missing_values_are_null_in_json():
    found = pictures()
    assert found["past"][0][-1] is None
    assert "NaN" not in json.dumps(found)


def test_fewer_series_give_fewer_pictures():
    assert pictures(series=2)["items"] == ["s0", "s1"]
