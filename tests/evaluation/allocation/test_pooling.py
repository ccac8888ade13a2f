import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from tsgen.evaluation.allocation.pooling import pooled_table


def window(ours, theirs):
    rows = [
        {"arm": "model", "metric": "value", "value": ours},
        {"arm": "random", "metric": "value", "value": theirs, "difference": ours - theirs,
         "difference_low": -1.0, "difference_high": 1.0},
    ]  # fmt: skip
    shared = {"low": 0.0, "high": 1.0, "spread": 0.1, "better": "higher", "protocol": "calendar"}
    return pd.DataFrame([row | shared for row in rows]).assign(n=10, seed=1)


def test_means_have_students_intervals_over_windows():
    values = np.array([[5.0, 2.0], [7.0, 3.0], [4.0, 3.5]])
    table = pooled_table([window(*pair) for pair in values]).set_index("arm")
    for arm, sample in (("model", values[:, 0]), ("random", values[:, 1])):
        ends = ttest_1samp(sample, 0).confidence_interval(0.95)
        assert table.loc[arm, "value"] == pytest.approx(sample.mean())
        assert table.loc[arm, ["low", "high"]].tolist() == pytest.approx(list(ends))
        assert table.loc[arm, "spread"] == pytest.approx(sample.std(ddof=1))
    gaps = values[:, 0] - values[:, 1]
    ends = ttest_1samp(gaps, 0).confidence_interval(0.95)
    row = table.loc["random"]
    assert row["difference"] == pytest.approx(gaps.mean())
    assert [row["difference_low"], row["difference_high"]] == pytest.approx(list(ends))
    assert table["windows"].tolist() == [3, 3]


def test_one_window_keeps_its_own_intervals():
    table = pooled_table([window(5.0, 2.0)])
    assert table[["low", "high"]].to_numpy().tolist() == [[0.0, 1.0]] * 2
    assert table["windows"].tolist() == [1, 1]


def test_the_interval_of_a_share_stays_between_none_and_all():
    parts = [window(share, 0.5).assign(metric="precision") for share in (0.1, 0.9)]
    table = pooled_table(parts).set_index("arm")
    assert table.loc["model", ["low", "high"]].tolist() == [0.0, 1.0]
    assert table.loc["random", "difference_low"] < -1.0  # a difference keeps its own


def test_an_arm_of_one_window_has_no_interval():
    table = pooled_table([window(5.0, 2.0), window(6.0, 2.0)[:1]]).set_index("arm")
    assert table.loc["random", "windows"] == 1
    assert np.isnan(table.loc["random", "low"])
    assert table.loc["model", "windows"] == 2


def test_intervals_hold_95_of_100_times():
    draw = np.random.default_rng(0)
    held = []
    for _ in range(400):
        table = pooled_table([window(*draw.normal([5, 3], 1)) for _ in range(3)])
        row = table[table["arm"] == "random"].iloc[0]
        held.append(row["difference_low"] <= 2.0 <= row["difference_high"])
    assert 0.92 <= np.mean(held) <= 0.98
