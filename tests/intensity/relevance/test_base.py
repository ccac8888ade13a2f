import numpy as np
import pytest

from intensity.conftest import HORIZON, log_of
from tsgen.data import Histories
from tsgen.errors import DataError
from tsgen.intensity.relevance.base import log_shares

EVENTS = log_of([("a", "x", 1), ("a", "y", 2), ("b", "x", 3), ("b", "x", 3.5), ("b", "z", 9)])


def test_shares_are_of_the_events_before_the_requests_and_of_nothing_minus_infinity():
    shares = log_shares(Histories.of(EVENTS, 4 * HORIZON))
    assert shares.dtype == np.float32
    np.testing.assert_allclose(np.exp(shares), [3 / 4, 1 / 4, 0], rtol=1e-6)
    assert np.isneginf(shares[2])


def test_events_count_by_their_weights():
    shares = log_shares(Histories.of(EVENTS, 4 * HORIZON), np.array([1.0, 5.0, 2.0, 2.0]))
    np.testing.assert_allclose(np.exp(shares), [5 / 10, 5 / 10, 0], rtol=1e-6)


def test_without_events_there_is_nothing_to_learn():
    with pytest.raises(DataError, match="no event before the cut-off; there is nothing to learn"):
        log_shares(Histories.of(EVENTS, 0))
