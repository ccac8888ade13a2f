"""Where the training part of a model ended, in data that go on."""

import numpy as np
import pytest

from tsgen.data import MultivariateDataset, to_dataset
from tsgen.errors import DataError
from tsgen.psagan.memory import SeriesTable
from tsgen.psagan.training_end import split_at_training_end

STRIDE = 2


def entries(**spans):
    return to_dataset([
        {"item_id": name, "start": f"2024-01-01 {2 * begin:02}:00",
         "target": np.arange(begin, end, dtype=float)}
        for name, (begin, end) in spans.items()
    ], freq="2h")  # fmt: skip


TABLE = SeriesTable.of(entries(a=(2, 10), b=(0, 8)), "standard", np.array([1, 2]))


def test_series_are_cut_where_their_training_part_ended():
    data = entries(b=(0, 11), new=(0, 20), a=(4, 15))
    before, after = split_at_training_end(data, TABLE, STRIDE)
    assert before.item_ids == after.item_ids == ("b", "a")
    assert before.series(0).tolist() == list(range(8))
    assert after.series(0).tolist() == [8, 9, 10]
    assert before.series(1).tolist() == list(range(4, 10))
    assert after.series(1).tolist() == list(range(10, 15))


def test_data_that_do_not_go_on_have_no_part_after():
    before, after = split_at_training_end(entries(a=(2, 10), b=(3, 6)), TABLE, STRIDE)
    assert after is None
    assert before.lengths.tolist() == [8, 3]


def test_a_series_that_begins_later_is_all_test():
    before, after = split_at_training_end(entries(a=(11, 12), b=(0, 9)), TABLE, STRIDE)
    assert before.item_ids == ("b",)
    assert before.lengths.tolist() == [8]
    assert after.lengths.tolist() == [1, 1]


def test_entries_of_channels_are_cut_together():
    channels = MultivariateDataset.of_panel(entries(x=(0, 12), y=(0, 12)))
    known = entries(**{str(channels.item_ids[0]): (0, 7)})
    table = SeriesTable.of(known, "standard", np.array([1]))
    before, after = split_at_training_end(channels, table, STRIDE)
    assert before.lengths.tolist() == [7]
    assert after.lengths.tolist() == [5]
    assert after.channels == channels.channels


def test_data_of_others_are_refused():
    with pytest.raises(DataError, match=r"none of these series \(the first here is 'x', there 'a'"):
        split_at_training_end(entries(x=(0, 9)), TABLE, STRIDE)
