"""Full batches: a row's numbers do not depend on its neighbours."""

import pytest

from tsgen.psagan.networks import padded_rows


@pytest.mark.parametrize(("count", "size"), [(1, 16), (15, 16), (16, 16), (17, 32), (48, 48)])
def test_rows_are_filled_up_with_the_last_one(count, size):
    rows = padded_rows(count).tolist()
    assert rows == [*range(count), *[count - 1] * (size - count)]
