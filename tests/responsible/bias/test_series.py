"""Groups of generated series: under-represented, or made worse."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset
from tsgen.errors import DataError, SettingsError
from tsgen.responsible import series_bias


def series(counts, seed, noise=None, length=48):
    """Waves of regions; `noise` replaces the waves of one region."""
    random = np.random.default_rng(seed)
    rows = []
    for region, count in counts.items():
        for k in range(count):
            wave = np.sin(np.arange(length) / 3 + random.uniform(0, 6)) + random.normal(
                0, 0.1, length
            )
            values = random.normal(0, 1, length) if region == noise else wave
            days = pd.date_range("2024-01-01", periods=length, freq="D")
            rows.append(pd.DataFrame({"item_id": f"{region}{k}", "timestamp": days,
                                      "target": values, "region": region}))  # fmt: skip
    return to_dataset(pd.concat(rows), static=["region"], freq="D")


REAL = series({"north": 60, "south": 60}, 0)


def test_a_group_left_out_is_under_represented():
    report = series_bias(REAL, series({"north": 90, "south": 30}, 1), facets="region", draws=40)
    row = report.table[report.table["metric"] == "representation"].set_index("group").loc["south"]
    assert row["value"] == pytest.approx(0.5)
    assert row["high"] < 1
    assert "Series of" in report.answer
    assert "surely made worse" in report.answer


def test_a_group_made_worse_is_found_and_a_good_one_is_not():
    made = series({"north": 60, "south": 60}, 2, noise="south")
    table = series_bias(REAL, made, facets="region", draws=40).table
    worse = table[table["metric"] == "worse in autocorrelation"].set_index("group")
    assert worse.loc["south", "low"] > 0
    assert worse.loc["north", "high"] < 0


def test_small_groups_and_impossible_windows_say_so():
    few = series_bias(REAL, series({"north": 60, "south": 5}, 3), facets="region", draws=10).table
    assert few[few["metric"].str.startswith("worse")]["note"].eq("too few to say").all()
    with pytest.raises(DataError, match="No series has 99 steps"):
        series_bias(REAL, REAL, facets="region", window_length=99)
    with pytest.raises(SettingsError, match="windows from 4 steps"):
        series_bias(REAL, REAL, facets="region", window_length=2)
    with pytest.raises(SettingsError, match="Did you mean 'region'"):
        series_bias(REAL, REAL, facets="regio")
