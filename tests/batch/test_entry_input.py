"""Entries of Python as an input."""

import numpy as np
import pandas as pd
import pytest

from tsgen.batch.entry_input import EntryInput, input_of
from tsgen.batch.locations import Source
from tsgen.errors import DataError

GIVEN = [{"item_id": "a", "start": "2024-01-01", "target": np.arange(3.0)}]


def test_paths_and_addresses_are_sources_and_all_else_entries(tmp_path):
    assert input_of(tmp_path) == Source(str(tmp_path))
    assert input_of("s3://shop/series").place == "s3://shop/series"
    given = input_of(GIVEN)
    assert given.fetched(tmp_path) is GIVEN
    assert given.place == "The list of entries"


def test_a_digest_tells_entries_apart_by_content():
    one, same = EntryInput(GIVEN), EntryInput([dict(GIVEN[0])])
    other = EntryInput([GIVEN[0] | {"target": np.array([0.0, 1.0, 2.5])}])
    assert one.files() == same.files() != other.files()
    assert one.files()[0].size > 20


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (7, "A int is no input"),
        (pd.DataFrame({"target": [1.0]}), "A DataFrame is no input; give a path"),
        (iter(GIVEN), "A list_iterator can be read once only; give a list"),
    ],
)
def test_what_is_no_input_is_refused(given, said):
    with pytest.raises(DataError, match=said):
        input_of(given).check()
    input_of(GIVEN).check()
