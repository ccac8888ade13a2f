"""A dataset of ours passes as it is, unless something else was asked for."""

import pandas as pd
import pytest

from tsgen.data import simulate_series, to_dataset
from tsgen.data.series.reading.given_dataset import as_asked
from tsgen.errors import DataError, DataWarning

PLAIN = simulate_series(2, 10, seed=1)
PRICED = to_dataset(PLAIN.to_frame().assign(price=1.0), dynamic=["price"])
CHANNELS = to_dataset(
    PLAIN.to_frame().assign(price=1.0, load=2.0), target=["target", "load"], dynamic=["price"]
)


@pytest.mark.parametrize("dataset", [PLAIN, PRICED, CHANNELS])
def test_what_is_asked_for_is_there(dataset):
    assert as_asked(dataset, "H", None, "keep") is dataset


@pytest.mark.parametrize(("freq", "zone"), [("D", None), (None, "UTC")])
def test_another_grid_is_refused(freq, zone):
    with pytest.raises(DataError, match="was asked for; make it anew from its table"):
        as_asked(PLAIN, freq, zone, "keep")


@pytest.mark.parametrize("dataset", [PRICED, CHANNELS])
def test_features_are_left_out_or_refused(dataset):
    with pytest.raises(DataError, match="dynamic features price; they were to be refused"):
        as_asked(dataset, None, None, "error")
    with pytest.warns(DataWarning, match="left out of 2 series: price"):
        bare = as_asked(dataset, None, None, "drop")
    assert bare.dynamic is None
    assert type(bare) is type(dataset)
    pd.testing.assert_frame_equal(bare.to_frame(), dataset.to_frame().drop(columns="price"))
    assert as_asked(PLAIN, None, None, "error") is PLAIN
