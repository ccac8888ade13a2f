"""Messages of reading in calls that take none of its arguments."""

import pandas as pd
import pytest

from tsgen.data import as_dataset, as_series, simulate_series, to_dataset
from tsgen.errors import DataError


@pytest.mark.parametrize("read", [as_dataset, as_series])
def test_calls_without_arguments_of_reading_say_whose_the_named_ones_are(read):
    table = simulate_series(2, 9, seed=1).to_frame()
    assert read(table).item_ids == to_dataset(table).item_ids
    twice = pd.concat([table[:1], table])
    with pytest.raises(DataError, match="on_duplicate=") as plain:
        to_dataset(twice)
    with pytest.raises(DataError) as given:
        read(twice)
    assert str(given.value).startswith(str(plain.value))
    assert "tsgen.to_dataset" in str(given.value)
    assert given.value.row == plain.value.row
    untimed = table.assign(timestamp=table["timestamp"].where(table.index != 3))
    with pytest.raises(DataError) as nameless:  # a message without arguments stays
        read(untimed)
    assert "to_dataset" not in str(nameless.value)
