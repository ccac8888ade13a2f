"""Channels that were taken apart become the same entries again."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import MultivariateDataset, simulate_series, to_dataset
from tsgen.data.series import rejoined
from tsgen.errors import DataError

HOURS = pd.date_range("2024-01-01", periods=6, freq="h")


def joint(channels=("visits", "sales"), items=("a", "b/c")):
    rows = [
        pd.DataFrame({"item_id": item, "timestamp": HOURS}
                     | {c: 10 * k + j + np.arange(6.0) for j, c in enumerate(channels)})
        for k, item in enumerate(items)
    ]  # fmt: skip
    return to_dataset(pd.concat(rows), target=list(channels))


@pytest.mark.parametrize("channels", [("visits", "sales"), ("b", "a/b", "x")])
def test_what_was_taken_apart_is_put_together(channels):
    whole = joint(channels)
    again = rejoined(whole.series, channels)
    assert isinstance(again, MultivariateDataset)
    assert again.fingerprint() == whole.fingerprint()
    assert again.item_ids == ("a", "b/c")
    chosen = np.array([1, 3]) if len(channels) == 2 else np.array([1, 3, 5])
    one = rejoined(whole.series.subset(chosen), channels)
    assert one.item_ids == ("b/c",)


def test_sources_of_synthetic_entries_are_entries_again():
    whole = joint()
    from dataclasses import replace

    info = tuple({"synthetic": True, "source_item_id": i} for i in whole.item_ids)
    made = MultivariateDataset(
        tuple(replace(part, info=info) for part in whole.parts), whole.channels
    )
    assert rejoined(made.series, whole.channels).parts[0].info == info


def test_what_is_of_no_channel_is_named():
    with pytest.raises(DataError, match="is of none of the channels visits, sales"):
        rejoined(simulate_series(num_series=2, length=5, seed=1), ("visits", "sales"))
    apart = joint().series.subset(np.array([0, 1, 2]))
    with pytest.raises(DataError, match="another"):
        rejoined(apart, ("visits", "sales"))
