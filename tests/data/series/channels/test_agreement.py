"""What channels must agree on: each field by itself, names, and features that change in time."""

from dataclasses import replace

import numpy as np
import pytest

from tsgen.data import simulate_series
from tsgen.data.series import DynamicFeatures
from tsgen.data.series.channels.agreement import check_channels
from tsgen.errors import DataError

PART = simulate_series(num_series=2, length=10, seed=1)
NAMES = ("a", "b")


def features(value):
    real = np.full((1, len(PART.values)), value)
    return DynamicFeatures(PART.offsets, real=real, real_names=("warm",))


def test_other_values_are_all_that_channels_may_have():
    check_channels(NAMES, (PART, replace(PART, values=PART.values + 1)))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("starts", {"starts": PART.starts + 1}),
        ("item_ids", {"item_ids": ("x", "y")}),
        ("freq", {"freq": "D"}),
        ("timezone", {"timezone": "Europe/Berlin"}),
        ("label", {"label": "made"}),
        ("dtype", {"dtype": "float64" if PART.dtype == "float32" else "float32"}),
    ],
)
def test_a_field_that_differs_is_named_with_its_channel(field, change):
    with pytest.raises(DataError, match=f"^Channel 'b' has another {field} than channel 'a'"):
        check_channels(NAMES, (PART, replace(PART, **change)))


def test_statics_that_are_missing_in_both_are_the_same():
    nowhere = replace(PART, static_real=np.full((2, 1), np.nan, np.float32))
    check_channels(NAMES, (nowhere, nowhere))


def test_dynamic_features_are_shared():
    with pytest.raises(DataError, match="Channel 'b' has other dynamic features than channel 'a'"):
        check_channels(NAMES, (PART, PART.with_dynamic(features(0.0))))
    check_channels(NAMES, (PART.with_dynamic(features(0.0)), PART.with_dynamic(features(0.0))))
    with pytest.raises(DataError, match="other dynamic features"):
        check_channels(NAMES, (PART.with_dynamic(features(0.0)), PART.with_dynamic(features(1.0))))
    with pytest.raises(DataError, match="cannot be called 'warm'"):
        check_channels(("a", "warm"), (PART.with_dynamic(features(0.0)),) * 2)


@pytest.mark.parametrize("names", [("a", "a"), ("a", "item_id"), ("timestamp", "b")])
def test_a_name_that_is_taken_is_refused(names):
    with pytest.raises(DataError, match="cannot be called"):
        check_channels(names, (PART, PART))


@pytest.mark.parametrize(("names", "parts"), [(("a",), 1), (("a", "b"), 1), (("a",), 2)])
def test_two_channels_are_the_least_each_with_its_part(names, parts):
    with pytest.raises(DataError, match="two channels or more"):
        check_channels(names, (PART,) * parts)
