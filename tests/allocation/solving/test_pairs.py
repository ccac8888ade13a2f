import numpy as np
import pytest

from tsgen.allocation.solving import DensePairs
from tsgen.allocation.solving.pairs import row_blocks
from tsgen.errors import DataError


def test_pairs_that_are_no_numbers_are_refused():
    with pytest.raises(DataError, match="numbers or -inf"):
        DensePairs(np.array([[np.nan]]))
    with pytest.raises(DataError, match="at least 0"):
        DensePairs(np.ones((1, 1)), -1.0)


def test_rows_come_in_order_in_parts_of_so_many_pairs():
    parts = list(row_blocks((7, 3), 7))
    assert [part.tolist() for part in parts] == [[0, 1], [2, 3], [4, 5], [6]]
    assert [len(part) for part in row_blocks((3, 5), 1)] == [1, 1, 1]
    assert not list(row_blocks((0, 5), 10))


def test_a_block_is_the_rows_asked_for_with_costs_of_every_pair():
    values = np.array([[1.0, -np.inf], [2.0, -3.0], [4.0, 5.0]])
    block = DensePairs(values, np.array([0.5, 1.0])).block(np.array([2, 0]))
    assert block.values.tolist() == [[4.0, 5.0], [1.0, -np.inf]]
    assert block.engagements.tolist() == [[4.0, 5.0], [1.0, 0.0]]
    assert block.costs.tolist() == [[0.5, 1.0]] * 2
