"""What data are: counts and remarks that follow from the values, and no id of a user."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import Interactions, to_dataset
from tsgen.evaluation import describe_data, read_histograms


def table_of(**series):
    parts = [
        pd.DataFrame({
            "item_id": name,
            "timestamp": pd.date_range("2024", periods=len(values), freq="D"),
            "target": values,
        })
        for name, values in series.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def series():
    gap, nan = [1.0, np.nan, np.nan, np.nan, 2.0], np.nan
    return to_dataset(
        table_of(a=[0.0, 1, 2, 3], b=[0.0, 1, 2, 3], flat=[5.0, 5, 5], thin=[nan, *gap, nan])
    )


def test_gaps_zeros_and_lengths_are_counted(series):
    found = describe_data(series)
    assert found.value("series") == 4
    assert found.value("values") == 18
    assert (found.value("shortest (steps)"), found.value("longest (steps)")) == (3, 7)
    assert found.value("longest gap (steps)") == 3
    assert found.value("missing") == pytest.approx(5 / 18)
    assert found.value("zeros") == pytest.approx(2 / 13)
    names = ["value", "steps a series", "% missing of a series"]
    assert list(read_histograms(found.arrays)) == names
    assert "4 series of 3 to 7 steps (freq D), 2024-01-01 to 2024-01-07" in found.answer


def test_what_teaches_nothing_is_said_first(series):
    found = describe_data(series).facts["warnings"]
    said = " ".join(found)
    assert (
        "1 of 4 series have one value only: nothing can be learnt from them; the first is " in said
    )
    assert "1 of 4 series lack more than half of their values; the first is 'thin'" in said
    assert "1 of 4 series have the values of an earlier series; the first is 'b'" in said
    assert f"{len(found)} things to look at" in describe_data(series).answer
    clean = describe_data(to_dataset(table_of(a=[1.0, 2, 3], b=[2.0, 4, 5])))
    assert "warnings" not in clean.facts
    assert clean.answer.endswith("nothing missing; nothing to warn of.")


def test_series_to_look_at_go_from_the_lowest_to_the_highest():
    many = {f"s{i}": np.arange(30.0) + (i * 7) % 60 for i in range(60)}
    found = describe_data(to_dataset(table_of(**many)))
    means = [row["mean"] for row in found.facts["shown"]]
    assert len(means) == 20
    assert means == sorted(means)
    assert (means[0], means[-1]) == (14.5, 73.5)
    assert found.arrays["shown"].shape == (20, 120)
    assert np.isfinite(found.arrays["shown"]).all()


def test_channels_are_described_one_by_one():
    table = table_of(a=[0.0, 1, 2, 3]).assign(other=[5.0, 6, 7, 9])
    found = describe_data(to_dataset(table, target=["target", "other"]))
    assert (found.value("channels"), found.value("entries")) == (2, 1)
    assert [row["item"] for row in found.facts["shown"]] == ["a/target", "a/other"]


def test_a_log_is_counted_and_keeps_no_user():
    days = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-04", "2024-01-11"])
    table = pd.DataFrame({"user_id": ["ann", "ann", "bob", "cyd"], "item_id": ["x", "x", "x", "y"]})
    found = describe_data(Interactions.from_frame(table.assign(timestamp=days)))
    assert (found.value("events"), found.value("users"), found.value("items")) == (4, 3, 2)
    assert found.value("days") == 10
    assert found.value("repeats") == 0.25
    assert found.value("users with one event") == pytest.approx(2 / 3)
    assert found.facts["shown"][0] == {"item": "x", "events": 3, "users": 2}
    assert any("67 % of the users have one event only" in text for text in found.facts["warnings"])
    assert not {"ann", "bob", "cyd"} & set(
        str((found.facts, found.table)).replace("'", " ").split()
    )
    assert "days since the first event" in read_histograms(found.arrays)
