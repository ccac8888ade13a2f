"""Coverage and perplexity of a selection."""

import numpy as np
import pytest
import scipy.sparse as sp

from tsgen.errors import DataError
from tsgen.metrics import (
    item_coverage,
    item_perplexity,
    perplexity,
    user_coverage,
    user_perplexity,
)

sparse = sp.csr_array


def test_exposure_of_a_known_selection():
    selected = sparse([[1, 1, 0, 0], [1, 0, 1, 0]])
    assert item_coverage(selected) == 0.75
    assert user_coverage(selected) == 1.0
    assert item_perplexity(selected) == pytest.approx(2**1.5)
    assert user_perplexity(selected) == pytest.approx(2.0)
    assert perplexity([0, 0]) == 0.0
    for wrong in (np.nan, np.inf, -1.0):
        with pytest.raises(DataError, match="in row 1; perplexity needs finite numbers from 0"):
            perplexity([1.0, wrong, 1.0])
