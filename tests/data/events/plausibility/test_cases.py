import pandas as pd
import pytest

from tsgen.data import Interactions
from tsgen.data.events.plausibility.cases import case_doubt
from tsgen.data.events.plausibility.doubts import warn_of_doubts
from tsgen.errors import DataWarning


@pytest.mark.parametrize(
    ("ids", "expected"),
    [(["Ann", "ann", "bob", "STRASSE", "straße", "ANN"], "5 of 6 user ids.*'Ann' and 'ann'"),
     (["ann", "bob", "Ann "], None), ([1, 2], None), ([], None)],
)  # fmt: skip
def test_ids_that_differ_by_case_alone_are_counted(ids, expected):
    found = case_doubt(pd.Index(ids), "user")
    if expected is None:
        assert found is None
    else:
        pd.testing.assert_series_equal(pd.Series([found]).str.contains(expected), pd.Series([True]))


def test_they_are_said_of_users_and_items_before_a_training():
    table = pd.DataFrame({
        "user_id": ["Ann", "ann", "bob"], "item_id": ["x", "X", "y"],
        "timestamp": pd.date_range("2024-01-01", periods=3),
    })  # fmt: skip
    with pytest.warns(DataWarning) as said:
        warn_of_doubts(Interactions.from_frame(table), 7 * 86_400 * 10**6)
    texts = [str(one.message) for one in said]
    assert any("2 of 3 user ids" in text and "write them alike" in text for text in texts)
    assert any("2 of 3 item ids" in text for text in texts)
